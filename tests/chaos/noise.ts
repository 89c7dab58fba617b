/**
 * Randomness that a schedule decides.
 *
 * @module
 */

/**
 * Gives numbers that depend on the seed, on a label and on how often the label was used.
 *
 * Since each label has its own sequence, leaving out one action of a schedule does not change what
 * happens to the others: so a failing schedule shrinks well.
 */
export class Noise {
  readonly #seed: number;
  readonly #uses = new Map<string, number>();

  constructor(seed: number) {
    this.#seed = seed;
  }

  /** Returns the next number of a label, from 0 to below 1. */
  next(label: string): number {
    const use = this.#uses.get(label) ?? 0;
    this.#uses.set(label, use + 1);
    return hash(`${label}#${use}`, this.#seed) / 2 ** 32;
  }

  /** Returns a whole number from `min` to `max`. */
  int(label: string, min: number, max: number): number {
    return min + Math.floor(this.next(label) * (max - min + 1));
  }

  chance(label: string, probability: number): boolean {
    return this.next(label) < probability;
  }

  pick<T>(label: string, choices: readonly [T, ...T[]]): T {
    return choices[this.int(label, 0, choices.length - 1)] ?? choices[0];
  }
}

/** FNV-1a, then the finalizer of MurmurHash3, so that near labels give far numbers. */
function hash(text: string, seed: number): number {
  let h = 0x811c9dc5 ^ seed;
  for (let i = 0; i < text.length; i++) {
    h = Math.imul(h ^ text.charCodeAt(i), 0x01000193);
  }
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}
