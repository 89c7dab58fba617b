/**
 * Comparing versions of programs.
 *
 * @module
 */

/**
 * Whether a version such as `18.0.1-rc.1` is at least another one, by their three numbers. A number that is
 * missing counts as 0.
 */
export function isAtLeast(version: string, least: string): boolean {
  const [numbers, leastNumbers] = [version, least]
    .map((text) => text.replace(/[-+].*$/, "").split(".").map(Number));
  const [difference = 0] = [0, 1, 2]
    .map((i) => (numbers?.[i] ?? 0) - (leastNumbers?.[i] ?? 0))
    .filter((each) => each !== 0);
  return difference >= 0;
}
