/**
 * Durations as Go writes them.
 *
 * @module
 */

const UNIT_MS: Readonly<Record<string, number>> = {
  ns: 1e-6,
  us: 1e-3,
  "µs": 1e-3, // U+00B5, micro sign
  "μs": 1e-3, // U+03BC, Greek letter mu
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
};

/** Longest duration in Go: 2^63 - 1 nanoseconds. */
const MAX_MS = 2 ** 63 / 1e6;

/**
 * Parses a duration such as `1h30m`, `1.5h` or `300ms`.
 *
 * Source: documentation of the Go standard library, `time.ParseDuration`: a possibly signed sequence
 * of decimal numbers, each with an optional fraction and a unit; `0` needs no unit.
 *
 * @returns Milliseconds, perhaps with a fraction; `undefined` if the text is not a duration.
 */
export function parseDurationMs(text: string): number | undefined {
  const unsigned = text.replace(/^[+-]/, "");
  if (unsigned === "0") return 0;
  if (!/^(?:(?:\d+\.?\d*|\.\d+)(?:[nuµμm]?s|m|h))+$/.test(unsigned)) {
    return undefined;
  }
  let ms = 0;
  for (const [, number, unit] of unsigned.matchAll(/([\d.]+)(\D+)/g)) {
    ms += Number(number) * (UNIT_MS[unit ?? ""] ?? NaN);
  }
  if (!(ms < MAX_MS)) return undefined;
  return text.startsWith("-") ? -ms : ms;
}
