/**
 * Draws boxes on a grid, and arrows between them.
 *
 * @module
 */

import {
  box,
  centred,
  escapeXml,
  picture,
  text,
  type TextLook,
  textWidth,
} from "./svg.ts";

/** A box: where it stands, its name, and lines that explain it. */
export interface Node {
  readonly column: number;
  readonly row: number;
  readonly name: string;
  readonly lines?: readonly string[];
  readonly kind: "ours" | "theirs" | "store";
}

/** An arrow between two boxes, by their names. */
export interface Arrow {
  readonly from: string;
  readonly to: string;
  readonly label?: string;
  readonly dashed?: boolean;
}

const WIDTH = 700;
const HEIGHT = 74;
const GAP_X = 56;
const GAP_Y = 52;
const MARGIN = 20;

const FILL = { ours: "#5865f2", theirs: "#2b2d31", store: "#3a2f5c" } as const;

interface Place {
  readonly x: number;
  readonly y: number;
  readonly width: number;
}

/** Returns a diagram as SVG, in the look of the other pictures. */
export function drawDiagram(
  title: string,
  nodes: readonly Node[],
  arrows: readonly Arrow[],
): string {
  const columns = Math.max(...nodes.map(({ column }) => column)) + 1;
  const rows = Math.max(...nodes.map(({ row }) => row)) + 1;
  const width = (WIDTH - 2 * MARGIN - (columns - 1) * GAP_X) / columns;
  const places = new Map<string, Place>(nodes.map(({ name, column, row }) => [
    name,
    {
      x: MARGIN + column * (width + GAP_X),
      y: MARGIN + row * (HEIGHT + GAP_Y),
      width,
    },
  ]));
  const height = 2 * MARGIN + rows * HEIGHT + (rows - 1) * GAP_Y;
  return picture(WIDTH, height, title, [
    '<defs><marker id="head" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" orient="auto"><path d="M0 0 L8 4 L0 8 z" fill="#949ba4"/></marker></defs>',
    box(0, 0, WIDTH, height, "#313338", { radius: 8 }),
    ...arrows.map((arrow) => drawArrow(arrow, places)),
    ...nodes.map((node) => drawNode(node, places.get(node.name))),
  ]);
}

function drawNode({ name, lines = [], kind }: Node, place?: Place): string {
  if (place === undefined) return "";
  const { x, y, width } = place;
  const look: TextLook = { size: 14.5, fill: "#ffffff", weight: "600" };
  const small: TextLook = { size: 12, fill: "#dbdee1" };
  const top = y + HEIGHT / 2 - lines.length * 8 + 5;
  return [
    box(x, y, width, HEIGHT, FILL[kind], { radius: 8, stroke: "#4e5058" }),
    centred(x + width / 2, top, name, look),
    ...lines.map((line, i) =>
      centred(x + width / 2, top + 18 + i * 16, line, small)
    ),
  ].join("");
}

function drawArrow(
  { from, to, label, dashed }: Arrow,
  places: ReadonlyMap<string, Place>,
): string {
  const [a, b] = [places.get(from), places.get(to)];
  if (a === undefined || b === undefined) {
    throw new Error(`an arrow leads nowhere: ${from} → ${to}`);
  }
  const [x1, y1, x2, y2] = ends(a, b);
  const look: TextLook = { size: 11.5, fill: "#b5bac1" };
  const style = dashed === true ? ' stroke-dasharray="5 4"' : "";
  const line =
    `<path d="M${x1} ${y1} L${x2} ${y2}" stroke="#949ba4" stroke-width="1.6" marker-end="url(#head)"${style}/>`;
  if (label === undefined) return line;
  const [x, y] = [(x1 + x2) / 2, (y1 + y2) / 2];
  const width = textWidth(label, look);
  return `${line}<g aria-label="${escapeXml(label)}">${
    box(x - width / 2 - 3, y - 9, width + 6, 17, "#313338")
  }${text(x - width / 2, y + 4, label, look)}</g>`;
}

/** Where an arrow leaves one box and reaches another: sides that face each other. */
function ends(a: Place, b: Place): [number, number, number, number] {
  const round = (value: number) => Math.round(value * 10) / 10;
  const middle = (place: Place) => round(place.x + place.width / 2);
  if (a.y === b.y) {
    const y = a.y + HEIGHT / 2;
    return a.x < b.x
      ? [round(a.x + a.width), y, round(b.x), y]
      : [round(a.x), y, round(b.x + b.width), y];
  }
  return a.y < b.y
    ? [middle(a), a.y + HEIGHT, middle(b), b.y]
    : [middle(a), a.y, middle(b), b.y + HEIGHT];
}
