/**
 * The `[messages]` section.
 *
 * @module
 */

import {
  CATALOGUES,
  isLanguage,
  type Language,
  type LanguageChoice,
} from "../../message/catalogue/languages.ts";
import {
  type HiddenFields,
  HIDEABLE_FIELDS,
  type HideChoice,
  NOTHING_HIDDEN,
} from "../../record/hidden_fields.ts";
import { nearest } from "../reading/nearest_word.ts";
import { describeValue } from "../reading/problem.ts";
import type { Section } from "../reading/section.ts";
import { entryHint, readRecipient } from "./recipient_value.ts";

/** What messages say, and in which language. */
export interface MessageOptions extends LanguageChoice, HideChoice {}

/**
 * Reads what messages say, and in which language. An entry for a recipient that cannot be read is left out,
 * unless it hides something: that would then be shown.
 */
export function readMessages(section: Section): MessageOptions {
  return {
    language: section.isSet("language")
      ? readLanguage("fault", section, "language")
      : undefined,
    hide: section.has("hide") ? readFields(section, "hide") : NOTHING_HIDDEN,
    hideByRecipient: readByRecipient(
      section.table("hide_by_recipient"),
      "fault",
      readFields,
    ),
    languageByRecipient: readByRecipient(
      section.table("language_by_recipient"),
      "error",
      (table, recipient) => readLanguage("error", table, recipient),
    ),
  };
}

/** @param severity What a value is that cannot be read. */
function readLanguage(
  severity: "fault" | "error",
  section: Section,
  key: string,
): Language | undefined {
  const value = section.raw(key);
  const code = typeof value === "string" ? value.toLowerCase() : "";
  if (isLanguage(code)) return code;
  const expected = `expected one of ${CODES.join(", ")}`;
  return section[severity](
    key,
    `${expected}, found ${describeValue(value)}`,
    languageHint(value),
  );
}

/** Reads fields to hide, as a list or as one text. */
function readFields(section: Section, key: string): HiddenFields {
  if (section.raw(key) === "") return NOTHING_HIDDEN;
  const fields = section.list(key, (item, place) => {
    const field = HIDEABLE_FIELDS.find((each) => each === item);
    if (field !== undefined) return field;
    const near = nearest(typeof item === "string" ? item : "", HIDEABLE_FIELDS);
    return section.fault(
      place,
      `expected one of ${HIDEABLE_FIELDS.join(", ")}, found ${
        describeValue(item)
      }`,
      near === undefined
        ? 'write a list such as ["reason", "logins"]'
        : `did you mean "${near}"?`,
    );
  });
  return HIDEABLE_FIELDS.filter((field) => fields.includes(field));
}

/**
 * Reads a value for each recipient; `read` gives none where it has noted what is wrong.
 *
 * @param severity What a recipient is that cannot be read.
 */
function readByRecipient<T>(
  section: Section,
  severity: "fault" | "error",
  read: (section: Section, recipient: string) => T | undefined,
): ReadonlyMap<string, T> {
  const values = new Map<string, T>();
  for (const [name, value] of section.entries) {
    const recipient = readRecipient(name);
    if (!("value" in recipient)) {
      const { detail, hint } = recipient;
      section[severity](name, detail, entryHint(name, value, hint));
      continue;
    }
    const known = read(section, name);
    if (known !== undefined) values.set(name, known);
  }
  return values;
}

const CODES = Object.keys(CATALOGUES);

/** Names the language that was meant by its name in English or its own, or by the code of a region. */
function languageHint(value: unknown): string {
  const word = typeof value === "string" ? value : "";
  const [code = ""] = word.toLowerCase().split(/[-_]/);
  if (isLanguage(code)) return `write "${code}"`;
  const codeByName = new Map(
    CODES.flatMap((code) =>
      [code, nameOf(code, "en"), nameOf(code, code)].map((name) => [name, code])
    ),
  );
  const near = codeByName.get(nearest(word, [...codeByName.keys()]) ?? "");
  return near === undefined
    ? "leave the key out for English; docs/languages.md says how to add a language"
    : `did you mean "${near}"?`;
}

function nameOf(code: string, inLanguage: string): string {
  const names = new Intl.DisplayNames([inLanguage], { type: "language" });
  return names.of(code) ?? code;
}
