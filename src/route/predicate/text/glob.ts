/**
 * Patterns in which `*` stands for anything on one line.
 *
 * @module
 */

/** Tells whether a pattern of `regexp.match()` is a regular expression and not such a pattern. */
export function isAnchored(pattern: string): boolean {
  return pattern.startsWith("^") && pattern.endsWith("$");
}

/** Tells whether the pattern matches the whole text. */
export function globMatches(pattern: string, text: string): boolean {
  // A star does not stand for a line end, so each line has a pattern of its own.
  const patterns = pattern.split("\n");
  const lines = text.split("\n");
  return patterns.length === lines.length &&
    patterns.every((each, i) => lineMatches(each, lines[i] ?? ""));
}

/** Each piece is taken where it is found first, which leaves the most to those behind it. */
function lineMatches(pattern: string, line: string): boolean {
  const [head = "", ...pieces] = pattern.split("*");
  const tail = pieces.pop();
  if (tail === undefined) return line === head;
  if (!line.startsWith(head)) return false;
  let at = head.length;
  for (const piece of pieces) {
    const found = line.indexOf(piece, at);
    if (found === -1) return false;
    at = found + piece.length;
  }
  return line.length - tail.length >= at && line.endsWith(tail);
}
