/**
 * Functions and methods of times; and those of versions, with which times share `between()`.
 *
 * Source: docs/design/routing-rules.md 4.3, 4.4; what it leaves open was tried against Teleport 18.0.0.
 *
 * @module
 */

import { parseRfc3339 } from "../text/rfc3339.ts";
import { compareVersions, parseVersion } from "../text/semantic_version.ts";
import { bool, type Call, type Definition, time } from "./operation.ts";

const MOMENT = ["time", "string"] as const;

const before = bool(["time", "time"], (_, time, other) => time < other);
const after = bool(["time", "time"], (_, time, other) => time > other);

export const TIME_FUNCTIONS: Readonly<Record<string, Definition>> = {
  "time.RFC3339": time(["string"], (call, text) =>
    parseRfc3339(text) ??
      call.fail("expected a time such as 2026-03-09T14:30:00Z")),
  before,
  after,
  // Of times; or of versions, where the first bound counts as inside.
  between: bool([MOMENT, MOMENT, MOMENT], (call, x, a, b) => {
    if (x instanceof Date && a instanceof Date && b instanceof Date) {
      return isBetween(x, a, b);
    }
    if (
      typeof x !== "string" || typeof a !== "string" || typeof b !== "string"
    ) return call.fail("expected three times or three versions, found both");
    return compare(call, x, a) >= 0 && compare(call, x, b) < 0;
  }, { isAlike: true }),
  newer_than: bool(
    ["string", "string"],
    (call, a, b) => compare(call, a, b) > 0,
  ),
  older_than: bool(
    ["string", "string"],
    (call, a, b) => compare(call, a, b) < 0,
  ),
};

export const TIME_METHODS: Readonly<Record<string, Definition>> = {
  before,
  after,
  between: bool(
    ["time", "time", "time"],
    (_, time, a, b) => isBetween(time, a, b),
  ),
};

/** The bounds count as outside and may come in either order. */
function isBetween(time: Date, a: Date, b: Date): boolean {
  return a < b ? a < time && time < b : b < time && time < a;
}

/** Compares two versions as {@linkcode compareVersions} does. */
function compare(call: Call, a: string, b: string): number {
  const read = (text: string) =>
    parseVersion(text) ?? call.fail("expected a version such as 18.0.1");
  return compareVersions(read(a), read(b));
}
