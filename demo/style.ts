/**
 * Colours of a terminal, where they are wanted.
 *
 * @module
 */

/** Puts escape sequences around a text, or leaves it as it is. */
export type Paint = (text: string) => string;

/** The ways in which a text is set off. */
export interface Style {
  /** Whether a mark can be left out because its colour says the same. */
  readonly colored: boolean;
  readonly strong: Paint;
  readonly italic: Paint;
  readonly dim: Paint;
  readonly code: Paint;
  readonly link: Paint;
  readonly added: Paint;
  readonly good: Paint;
  readonly bad: Paint;
  /** Paints in a colour of Discord, 0 to 0xFFFFFF. */
  readonly inColor: (color: number | undefined) => Paint;
}

/** Returns styles with escape sequences, or without any. */
export function createStyle(colored: boolean): Style {
  const sgr = (on: string, off: string): Paint =>
    colored ? (text) => `\x1b[${on}m${text}\x1b[${off}m` : (text) => text;
  return {
    colored,
    strong: sgr("1", "22"),
    italic: sgr("3", "23"),
    dim: sgr("2", "22"),
    code: sgr("36", "39"),
    link: sgr("4;34", "24;39"),
    added: sgr("1;33", "22;39"),
    good: sgr("1;32", "22;39"),
    bad: sgr("1;31", "22;39"),
    inColor: (color = 0x80848e) =>
      sgr(
        `38;2;${color >> 16 & 255};${color >> 8 & 255};${color & 255}`,
        "39",
      ),
  };
}
