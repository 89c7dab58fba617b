/**
 * Functions and methods of times; and those of versions, with which times share `between()`.
 *
 * Source: docs/design/routing-rules.md 4.3, 4.4; what it leaves open was tried against Teleport 18.0.0.
 *
 * @module
 */

import { parseRfc3339 } from "../text/rfc3339.ts";
import {
  compareVersions,
  parseVersion,
  type Version,
} from "../text/semantic_version.ts";
import {
  type Call,
  define,
  MOMENT,
  type Operation,
  STRING,
  TIME,
} from "./operation.ts";

const rfc3339 = define({
  name: "time.RFC3339",
  params: [STRING],
  result: "time",
  run: (call, text) =>
    parseRfc3339(text) ??
      call.fail("expected a time such as 2026-03-09T14:30:00Z"),
});

const before = define({
  name: "before",
  params: [TIME, TIME],
  result: "bool",
  run: (_call, time, other) => time < other,
});

const after = define({
  name: "after",
  params: [TIME, TIME],
  result: "bool",
  run: (_call, time, other) => time > other,
});

const timeBetween = define({
  name: "between",
  params: [TIME, TIME, TIME],
  result: "bool",
  run: (_call, time, a, b) => isBetween(time, a, b),
});

/** Of times; or of versions, where the first bound counts as inside. */
const between = define({
  name: "between",
  params: [MOMENT, MOMENT, MOMENT],
  result: "bool",
  isAlike: true,
  run: (call, x, a, b) => {
    if (x instanceof Date && a instanceof Date && b instanceof Date) {
      return isBetween(x, a, b);
    }
    if (
      typeof x !== "string" || typeof a !== "string" || typeof b !== "string"
    ) return call.fail("expected three times or three versions, found both");
    const version = readVersion(call, x);
    return compareVersions(version, readVersion(call, a)) >= 0 &&
      compareVersions(version, readVersion(call, b)) < 0;
  },
});

const newerThan = define({
  name: "newer_than",
  params: [STRING, STRING],
  result: "bool",
  run: (call, a, b) =>
    compareVersions(readVersion(call, a), readVersion(call, b)) > 0,
});

const olderThan = define({
  name: "older_than",
  params: [STRING, STRING],
  result: "bool",
  run: (call, a, b) =>
    compareVersions(readVersion(call, a), readVersion(call, b)) < 0,
});

export const TIME_FUNCTIONS: readonly Operation[] = [
  rfc3339,
  before,
  after,
  between,
  newerThan,
  olderThan,
];

export const TIME_METHODS: readonly Operation[] = [before, after, timeBetween];

/** The bounds count as outside and may come in either order. */
function isBetween(time: Date, a: Date, b: Date): boolean {
  return a < b ? a < time && time < b : b < time && time < a;
}

function readVersion(call: Call, text: string): Version {
  return parseVersion(text) ??
    call.fail("expected a version such as 18.0.1");
}
