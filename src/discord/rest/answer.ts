/**
 * Reads answers of Discord, and of whatever else may answer in its place.
 *
 * @module
 */

import { readHttpBody } from "../../lib/net/http_body.ts";

/**
 * More than any answer to our calls. The longest is a hundred messages: each has up to 10,000 characters
 * in text and embeds, once more those of what it replies to, and JSON takes six bytes for each.
 */
const MAX_BODY_BYTES = 16 * 1024 * 1024;

export type JsonObject = Readonly<Record<string, unknown>>;

/** An answer, read to its end. */
export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  /** The body; `undefined` if it is not JSON, too long, or was cut off. */
  readonly json: unknown;
  /** The body of an error, if it is in Discord's own form. */
  readonly error: JsonObject | undefined;
}

/** Reads an answer and its body; a body that breaks off or never ends is let go of. */
export async function readAnswer(response: Response): Promise<Answer> {
  const { status, headers } = response;
  const json = parseJson(await readHttpBody(response, MAX_BODY_BYTES));
  return { status, headers, json, error: discordError(status, json) };
}

/**
 * Returns the body of an error, if it is in Discord's own form: an object with a message.
 *
 * A code makes an error of a 202, too: 110000 comes so.
 */
function discordError(status: number, json: unknown): JsonObject | undefined {
  if (!isObject(json) || typeof json.message !== "string") return undefined;
  return status >= 400 || typeof json.code === "number" ? json : undefined;
}

export function isObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Returns the objects of a list; none of what is no list. */
export function objectsOf(value: unknown): JsonObject[] {
  return Array.isArray(value) ? value.filter(isObject) : [];
}

/** Returns a text; empty for what is none. */
export function textOf(value: unknown): string {
  return typeof value === "string" ? value : "";
}

function parseJson(text: string | undefined): unknown {
  if (text === undefined) return undefined;
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
