/**
 * Durations as Go writes them.
 *
 * @module
 */

const UNIT_NS: Readonly<Record<string, number>> = {
  ns: 1,
  us: 1e3,
  "µs": 1e3, // U+00B5, micro sign
  "μs": 1e3, // U+03BC, Greek letter mu
  ms: 1e6,
  s: 1e9,
  m: 60e9,
  h: 3600e9,
};

/** A duration of Go is a signed 64-bit number of nanoseconds. */
const LIMIT_NS = 2 ** 63;

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
  let ns = 0;
  for (const [, number, unit] of unsigned.matchAll(/([\d.]+)([^\d.]+)/g)) {
    ns += Number(number) * (UNIT_NS[unit ?? ""] ?? NaN);
  }
  if (!(ns < LIMIT_NS)) return undefined;
  return (text.startsWith("-") ? -ns : ns) / 1e6;
}

/** Returns whole seconds as such a duration: `1h30m`, without parts that are 0. */
export function formatDurationMs(ms: number): string {
  const seconds = Math.round(ms / 1000);
  // ISO 8601 has the same form, but for case and a PT before it.
  return Temporal.Duration.from({ seconds }).round({ largestUnit: "hours" })
    .toString().slice(2).toLowerCase();
}
