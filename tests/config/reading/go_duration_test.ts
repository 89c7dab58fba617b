import { assert, integer, property, string } from "fast-check";
import { ok, strictEqual } from "node:assert/strict";
import { parseDurationMs } from "../../../src/config/reading/go_duration.ts";

const pure = { permissions: "none" } as const;

const cases: Readonly<Record<string, number | undefined>> = {
  "0": 0,
  "-0": 0,
  "0s": 0,
  "1h30m": 5_400_000,
  "1.5h": 5_400_000,
  ".5s": 500,
  "1.s": 1000,
  "300ms": 300,
  "+5s": 5000,
  "-1m": -60_000,
  "1us": 0.001,
  "1µs": 0.001,
  "1μs": 0.001,
  "100ns": 0.0001,
  "1m1m": 120_000,
  "1h.5m": 3_630_000,
  "2562047h": 2562047 * 3_600_000,
  "2562048h": undefined,
  "": undefined,
  "-": undefined,
  ".": undefined,
  "s": undefined,
  ".s": undefined,
  "1": undefined,
  "1.5": undefined,
  "1d": undefined,
  "1 s": undefined,
  " 1s": undefined,
  "1H": undefined,
  "1s5": undefined,
  "1..5s": undefined,
  "--1s": undefined,
  "1e3s": undefined,
};

for (const [text, want] of Object.entries(cases)) {
  Deno.test(`parseDurationMs(${JSON.stringify(text)})`, pure, () => {
    strictEqual(parseDurationMs(text), want);
  });
}

Deno.test("parseDurationMs() adds up its parts", pure, () => {
  const part = integer({ min: 0, max: 1000 });
  assert(property(part, part, part, (h, m, s) => {
    const want = ((h * 60 + m) * 60 + s) * 1000;
    strictEqual(parseDurationMs(`${h}h${m}m${s}s`), want);
  }));
});

Deno.test("parseDurationMs() takes any text", pure, () => {
  assert(property(string(), (text) => {
    const ms = parseDurationMs(text);
    ok(ms === undefined || Number.isFinite(ms));
  }));
});
