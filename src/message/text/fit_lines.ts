/**
 * Fits the lines of a message into Discord's limit.
 *
 * @module
 */

/** A line that gives way when its message gets too long. */
export interface FlexibleLine {
  /** Lines of a lower rank give way first. */
  readonly rank: number;
  /** Code units that the line cannot go below. */
  readonly leastUnits: number;
  /** Returns the line in at most so many code units; `leastUnits` or more are given. */
  readonly render: (units: number) => string;
}

/** A line that always survives, or one that gives way. */
export type Line = string | FlexibleLine;

/** Returns the lines at full length, or `undefined` if that is more than so many code units. */
export function joinLines(
  lines: readonly Line[],
  units: number,
): string | undefined {
  const text = lines.map((line) => renderLine(line, units)).join("\n");
  return text.length <= units ? text : undefined;
}

/**
 * Returns the lines in at most so many code units.
 *
 * The fixed lines come first, then each flexible line by rank takes what those after it can spare.
 */
export function fitLines(lines: readonly Line[], units: number): string {
  let room = units - (lines.length - 1);
  let reserved = 0;
  for (const line of lines) {
    if (typeof line === "string") room -= line.length;
    else reserved += line.leastUnits;
  }
  const fitted = new Map<Line, string>();
  const flexible = lines.filter((line) => typeof line !== "string");
  for (const line of flexible.sort((a, b) => b.rank - a.rank)) {
    reserved -= line.leastUnits;
    const text = line.render(room - reserved);
    room -= text.length;
    fitted.set(line, text);
  }
  return lines.map((line) => fitted.get(line) ?? renderLine(line, units))
    .join("\n");
}

function renderLine(line: Line, units: number): string {
  return typeof line === "string" ? line : line.render(units);
}
