/**
 * What is said once, however often it is met.
 *
 * @module
 */

import { BoundedMap } from "../bounded_map.ts";

/** So much is remembered; what was said longest ago may be said again. */
const MAX_REMEMBERED = 10_000;

/** Remembers what was met before. */
export class FirstTimes {
  readonly #met = new BoundedMap<string, true>(MAX_REMEMBERED);

  /** Takes note of something; returns whether it is met for the first time. */
  add(what: string): boolean {
    const isFirst = !this.#met.has(what);
    if (isFirst) this.#met.set(what, true);
    return isFirst;
  }
}
