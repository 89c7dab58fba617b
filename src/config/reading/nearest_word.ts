/**
 * The word that was probably meant.
 *
 * @module
 */

/**
 * Returns the word that is nearest to what was typed, upper or lower case aside; `undefined` if none
 * is near enough to be a slip of the hand. Among equals the first wins.
 */
export function nearest(
  typed: string,
  words: readonly string[],
): string | undefined {
  const most = Math.max(1, Math.floor(typed.length / 3));
  const lower = typed.toLowerCase();
  const [best] = words
    .map((word) => ({ word, far: editDistance(lower, word.toLowerCase()) }))
    .filter(({ far }) => far <= most).sort((a, b) => a.far - b.far);
  return best?.word;
}

/** Counts the letters to insert, delete, replace or swap with their neighbour to make one word the other. */
export function editDistance(a: string, b: string): number {
  let older: number[] = [];
  let old = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1];
      const swapped = a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
      row.push(Math.min(
        (old[j] ?? Infinity) + 1,
        (row[j - 1] ?? Infinity) + 1,
        (old[j - 1] ?? Infinity) + (same ? 0 : 1),
        swapped ? (older[j - 2] ?? Infinity) + 1 : Infinity,
      ));
    }
    [older, old] = [old, row];
  }
  return old[b.length] ?? 0;
}
