/**
 * One log record as one line of text, which no value can forge or break.
 *
 * @module
 */

import { OperatorError } from "../operator_error.ts";
import type { LogFields, LogRecord } from "./log_record.ts";

/** How a record becomes a line. */
export interface FormatOptions {
  /** Whether an error's stack is added, as `<key>_stack`. */
  readonly stacks: boolean;
}

/** A longer text is cut: a log is no place for whole documents. */
const MAX_TEXT_CHARS = 4096;

const MAX_DEPTH = 6;
const MAX_CAUSES = 5;

/** What JSON does not escape although it ends a line, moves the cursor or reverses the text. */
const UNSAFE = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu;

/** Formats a record as a JSON object: `time`, `level`, `message`, then the fields. */
export function formatJson(record: LogRecord, options: FormatOptions): string {
  const line = {
    time: formatTime(record.timeMs),
    level: record.level,
    message: record.message,
    ...flatten(record.fields, options),
  };
  return JSON.stringify(line)
    .replace(/[\u007f-\u009f\u2028\u2029]/g, escapeCharacter);
}

/** Formats a record as logfmt: `time=… level=info msg="…" key=value`. */
export function formatText(record: LogRecord, options: FormatOptions): string {
  const time = formatTime(record.timeMs);
  return `time=${time} ${formatForJournal(record, options)}`;
}

/** Formats a record as logfmt without its time, which the journal notes itself. */
export function formatForJournal(
  record: LogRecord,
  options: FormatOptions,
): string {
  const pairs = [
    ["level", record.level],
    ["msg", quote(record.message)],
    ...Object.entries(flatten(record.fields, options))
      .map(([key, value]) => [key, formatValue(value)]),
  ];
  return pairs.map((pair) => pair.join("=")).join(" ");
}

/**
 * Returns what an error says, followed by what its causes add, as one phrase.
 *
 * An {@linkcode OperatorError} is complete in itself: its causes are left out.
 */
export function describeError(error: unknown): string {
  const parts: string[] = [];
  for (const each of causeChain(error)) {
    const text = describeOne(each);
    if (!parts.some((part) => part.includes(text))) parts.push(text);
    if (each instanceof OperatorError) break;
  }
  return parts.join(": ");
}

/** Returns an error, its cause, the cause of that, and so on. */
function causeChain(error: unknown): readonly unknown[] {
  const chain: unknown[] = [];
  let next = error;
  while (next !== undefined && chain.length < MAX_CAUSES) {
    chain.push(next);
    next = next instanceof Error ? next.cause : undefined;
  }
  return chain;
}

function describeOne(error: unknown): string {
  if (!(error instanceof Error)) return toText(error);
  let text = error.message;
  if (error instanceof AggregateError && error.errors.length > 0) {
    const all = error.errors.slice(0, MAX_CAUSES).map(describeOne);
    text = [text, all.join("; ")].filter((part) => part !== "").join(": ");
  }
  if (text === "") return error.name;
  return error instanceof OperatorError ? text : hideUrls(text);
}

/** Hides the URLs that the runtime puts into its messages, as `fetch()` does: they can carry secrets. */
function hideUrls(text: string): string {
  return text.replace(/\bhttps?:\/\/[^\s"')]+/g, "<url>");
}

/** Resolves errors into their parts and everything else into what JSON can hold. */
function flatten(
  fields: LogFields,
  options: FormatOptions,
): Record<string, unknown> {
  const flat: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(fields)) {
    const name = fieldName(key);
    const plain = toPlain(value, 0);
    if (plain === undefined) continue;
    flat[name] = plain;
    if (!(value instanceof Error)) continue;
    if (value instanceof OperatorError && value.hint !== undefined) {
      flat.hint ??= toPlain(value.hint, 0);
    }
    if (options.stacks) {
      const stacks = causeChain(value).map((each) =>
        each instanceof Error ? each.stack : describeOne(each)
      );
      flat[`${name}_stack`] = toPlain(hideUrls(stacks.join("\n")), 0);
    }
  }
  return flat;
}

/** Keeps keys to one word, and away from those that every line has. */
function fieldName(key: string): string {
  const name = key.replace(/[^A-Za-z0-9_.-]/g, "_") || "_";
  return ["time", "level", "message", "msg"].includes(name) ? `${name}_` : name;
}

function toPlain(value: unknown, depth: number): unknown {
  switch (typeof value) {
    case "string":
      return value.length > MAX_TEXT_CHARS
        ? `${value.slice(0, MAX_TEXT_CHARS)}…`
        : value;
    case "number":
      return Number.isFinite(value) ? value : String(value);
    case "bigint":
      return String(value);
    case "boolean":
      return value;
    case "object":
      return value === null ? null : objectToPlain(value, depth);
    default:
      return undefined;
  }
}

function objectToPlain(value: object, depth: number): unknown {
  try {
    if (value instanceof Error) return toPlain(describeError(value), depth);
    if (ArrayBuffer.isView(value)) return `<${value.byteLength} bytes>`;
    if ("toJSON" in value && typeof value.toJSON === "function") {
      return toPlain(value.toJSON(), depth + 1);
    }
    if (depth >= MAX_DEPTH) return "…";
    if (value instanceof Map) {
      return objectToPlain(Object.fromEntries(value), depth);
    }
    if (Array.isArray(value) || value instanceof Set) {
      return [...value].map((each) => toPlain(each, depth + 1) ?? null);
    }
    const entries = Object.entries(value)
      .map(([key, each]) => [key, toPlain(each, depth + 1)]);
    return Object.fromEntries(entries);
  } catch {
    return "<unprintable>";
  }
}

function toText(value: unknown): string {
  const plain = toPlain(value, 0) ?? String(value);
  return typeof plain === "string" ? plain : JSON.stringify(plain);
}

function formatValue(value: unknown): string {
  const text = toText(value);
  const quoted = quote(text);
  const isWord = quoted === `"${text}"` && /^[^\s=]+$/.test(text);
  return isWord ? text : quoted;
}

function quote(text: string): string {
  return JSON.stringify(text).replace(UNSAFE, escapeCharacter);
}

function escapeCharacter(character: string): string {
  return Array.from(
    { length: character.length },
    (_, i) => `\\u${character.charCodeAt(i).toString(16).padStart(4, "0")}`,
  ).join("");
}

function formatTime(timeMs: number): string {
  const time = new Date(timeMs);
  return Number.isNaN(time.getTime()) ? "?" : time.toISOString();
}
