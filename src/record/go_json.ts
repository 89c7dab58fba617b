/**
 * JSON exactly as Go's standard encoder writes it.
 *
 * The official plugin compares re-encoded text with what is stored, so a byte that differs would make
 * each of its later writes fail. Source: docs/design/plugin-data.md 5.
 *
 * @module
 */

import { Buffer } from "node:buffer";

/** What Go escapes and JavaScript does not. */
const ALSO_ESCAPED = /[<>&\u2028\u2029]/g;

function encodeString(text: string): string {
  return JSON.stringify(text.toWellFormed()).replace(
    ALSO_ESCAPED,
    (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}

/** Encodes a list of strings. */
export function encodeStrings(values: readonly string[]): string {
  return `[${values.map(encodeString).join(",")}]`;
}

/** Encodes lists of strings by name; the names are sorted by their UTF-8 bytes, as Go sorts map keys. */
export function encodeStringLists(
  lists: ReadonlyMap<string, readonly string[]>,
): string {
  const members = [...lists]
    .sort(([a], [b]) => Buffer.compare(Buffer.from(a), Buffer.from(b)))
    .map(([name, values]) => `${encodeString(name)}:${encodeStrings(values)}`);
  return `{${members.join(",")}}`;
}

/** Decodes a list of strings; `undefined` if the text is something else. */
export function decodeStrings(text: string): string[] | undefined {
  const value = parse(text);
  return isStrings(value) ? value : undefined;
}

/** Decodes lists of strings by name, where `null` counts as an empty list; `undefined` if it is something else. */
export function decodeStringLists(
  text: string,
): Map<string, readonly string[]> | undefined {
  const value = parse(text);
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    return undefined;
  }
  const lists = new Map<string, readonly string[]>();
  for (const [name, values] of Object.entries(value)) {
    if (values !== null && !isStrings(values)) return undefined;
    lists.set(name, values ?? []);
  }
  return lists;
}

function parse(text: string): unknown {
  // Most lists are absent, and an error takes longer than to read one.
  if (text === "") return undefined;
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function isStrings(value: unknown): value is string[] {
  return Array.isArray(value) &&
    value.every((item) => typeof item === "string");
}
