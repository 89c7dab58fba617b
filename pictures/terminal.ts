/**
 * Draws what a command prints, as a terminal shows it.
 *
 * @module
 */

import { box, picture, text, type TextLook, textWidth } from "./svg.ts";

const WIDTH = 860;
const LINE = 19;
const LOOK: TextLook = { size: 13, fill: "#d4d4d4", font: "mono" };

/** Colour of each mark with which a line of `check` begins. */
const MARKS: Readonly<Record<string, string>> = {
  "✓": "#4ec986",
  "!": "#e5c07b",
  "✗": "#f2777a",
  "·": "#8a8f98",
  "–": "#8a8f98",
};

/** Returns a command and its output as SVG. */
export function drawTerminal(title: string, output: string): string {
  const columns = Math.floor((WIDTH - 40) / textWidth("x", LOOK));
  const lines = output.split("\n").flatMap((line) => wrapLine(line, columns));
  const height = 56 + lines.length * LINE;
  return picture(WIDTH, height, title, [
    box(0, 0, WIDTH, height, "#1e1f22", { radius: 8 }),
    ...["#ff5f57", "#febc2e", "#28c840"].map((fill, i) =>
      `<circle cx="${22 + i * 20}" cy="20" r="6" fill="${fill}"/>`
    ),
    ...lines.map((line, i) => drawLine(line, 56 + i * LINE)),
  ]);
}

function drawLine(line: string, y: number): string {
  const [, indent = "", mark = "", rest = line] =
    /^(\s*)([✓!✗·–])( .*)$/u.exec(line) ?? [];
  const fill = MARKS[mark];
  if (fill === undefined) {
    const isTitle = /^[$A-Z]/.test(line);
    return text(20, y, line, {
      ...LOOK,
      ...isTitle ? { fill: "#ffffff", weight: "bold" as const } : {},
    });
  }
  const x = 20 + textWidth(indent, LOOK);
  return text(x, y, mark, { ...LOOK, fill }) +
    text(x + textWidth("x", LOOK), y, rest, LOOK);
}

/** Breaks a line between words; what follows is indented like its text. */
function wrapLine(line: string, columns: number): string[] {
  if (line.length <= columns) return [line];
  const indent = " ".repeat((/^\s*/.exec(line)?.[0].length ?? 0) + 4);
  const cut = line.lastIndexOf(" ", columns);
  const end = cut > indent.length ? cut : columns;
  return [
    line.slice(0, end),
    ...wrapLine(indent + line.slice(end).trimStart(), columns),
  ];
}
