/**
 * What Discord accepts as a message.
 *
 * Source: Discord developer docs, "Create Message", "Embed Limits", "Component Reference", read 2026-08.
 *
 * @module
 */

/** The message part of a request body, as sent; nothing of it can be relied on. */
export interface MessageBody {
  readonly content?: unknown;
  readonly embeds?: unknown;
  readonly components?: unknown;
  readonly nonce?: unknown;
}

type Json = Readonly<Record<string, unknown>>;

const MAX_CONTENT = 2_000;
const MAX_EMBEDS = 10;
const MAX_EMBED_TOTAL = 6_000;
const MAX_NONCE = 25;

const TOO_LONG = "BASE_TYPE_MAX_LENGTH";
const BAD_LENGTH = "BASE_TYPE_BAD_LENGTH";
const REQUIRED = "BASE_TYPE_REQUIRED";
const BAD_URL = "URL_TYPE_INVALID_URL";

/** Collects faults by path, such as `embeds.0.title`. */
class Faults {
  readonly tree: Record<string, unknown> = {};
  count = 0;

  add(path: string, code: string): void {
    this.count++;
    let node = this.tree;
    for (const key of path.split(".")) {
      node = (node[key] ??= {}) as Record<string, unknown>;
    }
    node._errors = [{ code, message: `Fault ${code}` }];
  }
}

/** Returns the `errors` tree of a refused form; `undefined` if the message is within all limits. */
export function findFaults(body: MessageBody): Json | undefined {
  const faults = new Faults();
  checkText(faults, "content", body.content, MAX_CONTENT);
  if (typeof body.nonce === "string" && body.nonce.length > MAX_NONCE) {
    faults.add("nonce", TOO_LONG);
  }
  checkEmbeds(faults, listOf(body.embeds));
  checkComponents(faults, listOf(body.components));
  return faults.count === 0 ? undefined : faults.tree;
}

/** Returns a value as a list of objects; absent or null is an empty list. */
export function listOf(value: unknown): Json[] {
  return Array.isArray(value) ? value.filter(isObject) : [];
}

function checkEmbeds(faults: Faults, embeds: Json[]): void {
  if (embeds.length > MAX_EMBEDS) faults.add("embeds", BAD_LENGTH);
  let total = 0;
  embeds.forEach((embed, index) => {
    const path = `embeds.${index}`;
    const author = isObject(embed.author) ? embed.author : {};
    const footer = isObject(embed.footer) ? embed.footer : {};
    total += checkText(faults, `${path}.title`, embed.title, 256) +
      checkText(faults, `${path}.description`, embed.description, 4_096) +
      checkText(faults, `${path}.author.name`, author.name, 256) +
      checkText(faults, `${path}.footer.text`, footer.text, 2_048);
    if (embed.url !== undefined && !isWebUrl(embed.url)) {
      faults.add(`${path}.url`, BAD_URL);
    }
    if (
      embed.color !== undefined &&
      !(Number.isInteger(embed.color) && Number(embed.color) >= 0 &&
        Number(embed.color) <= 0xFFFFFF)
    ) {
      faults.add(`${path}.color`, "NUMBER_TYPE_MAX");
    }
    const fields = listOf(embed.fields);
    if (fields.length > 25) faults.add(`${path}.fields`, BAD_LENGTH);
    fields.forEach((field, fieldIndex) => {
      for (const [key, max] of [["name", 256], ["value", 1_024]] as const) {
        const fieldPath = `${path}.fields.${fieldIndex}.${key}`;
        const length = checkText(faults, fieldPath, field[key], max);
        if (length === 0) faults.add(fieldPath, REQUIRED);
        total += length;
      }
    });
  });
  if (total > MAX_EMBED_TOTAL) faults.add("embeds", "MAX_EMBED_SIZE_EXCEEDED");
}

function checkComponents(faults: Faults, rows: Json[]): void {
  if (rows.length > 5) faults.add("components", BAD_LENGTH);
  rows.forEach((row, rowIndex) => {
    const path = `components.${rowIndex}.components`;
    const buttons = listOf(row.components);
    if (row.type !== 1) {
      faults.add(`components.${rowIndex}.type`, "UNION_TYPE_CHOICES");
    }
    if (buttons.length < 1 || buttons.length > 5) faults.add(path, BAD_LENGTH);
    buttons.forEach((button, index) => {
      const length = checkText(
        faults,
        `${path}.${index}.label`,
        button.label,
        80,
      );
      if (length === 0) faults.add(`${path}.${index}.label`, REQUIRED);
      if (button.style !== 5) {
        const id = checkText(
          faults,
          `${path}.${index}.custom_id`,
          button.custom_id,
          100,
        );
        const isUnique = buttons.every((other, i) =>
          i === index || other.custom_id !== button.custom_id
        );
        if (id === 0 || !isUnique) {
          faults.add(
            `${path}.${index}.custom_id`,
            id === 0 ? REQUIRED : "COMPONENT_CUSTOM_ID_DUPLICATED",
          );
        }
        return;
      }
      checkText(faults, `${path}.${index}.url`, button.url, 512);
      if (!isWebUrl(button.url)) faults.add(`${path}.${index}.url`, BAD_URL);
      if (button.custom_id !== undefined) {
        faults.add(
          `${path}.${index}.custom_id`,
          "BUTTON_COMPONENT_CUSTOM_ID_URL_MUTUALLY_EXCLUSIVE",
        );
      }
    });
  });
}

/** Checks a text's length and returns it; white space around a text does not count. */
function checkText(
  faults: Faults,
  path: string,
  value: unknown,
  max: number,
): number {
  if (value === undefined || value === null) return 0;
  if (typeof value !== "string") {
    faults.add(path, "STRING_TYPE_CONVERT");
    return 0;
  }
  const { length } = value.trim();
  if (length > max) faults.add(path, TOO_LONG);
  return length;
}

/** A host without a dot, or an IPv6 address, is no host of the web to Discord. */
function isWebUrl(value: unknown): boolean {
  if (typeof value !== "string" || !/^https?:\/\/\S+$/.test(value)) {
    return false;
  }
  const host = URL.parse(value)?.hostname.replace(/\.$/, "") ?? "";
  return host.includes(".") && !host.startsWith("[");
}

function isObject(value: unknown): value is Json {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
