/**
 * Writes SVG by hand: shapes, and text of which the width is known in any font.
 *
 * @module
 */

/** Fonts of people who read Latin and Korean. */
const FONTS = {
  sans: "'gg sans','Noto Sans','Noto Sans KR',Helvetica,Arial,sans-serif",
  mono: "'JetBrains Mono',Menlo,Consolas,'Noto Sans Mono CJK KR',monospace",
} as const;

/** How a text looks. */
export interface TextLook {
  readonly size: number;
  readonly fill: string;
  readonly font?: keyof typeof FONTS;
  readonly weight?: "normal" | "600" | "bold";
  readonly italic?: boolean;
}

/** Writes a text for XML. */
export function escapeXml(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;").replaceAll('"', "&quot;");
}

/**
 * Returns the width of a text in pixels, as a common font has it.
 *
 * Each text is then stretched to exactly this width, so whatever font the reader has, nothing overlaps.
 */
export function textWidth(text: string, look: TextLook): number {
  const bold = look.weight === undefined || look.weight === "normal" ? 1 : 1.06;
  let ems = 0;
  for (const { segment } of new Intl.Segmenter("en").segment(text)) {
    ems += look.font === "mono"
      ? (isWide(segment) ? 1.2 : 0.6)
      : charEms(segment) * bold;
  }
  return ems * look.size;
}

function isWide(char: string): boolean {
  return /\p{Emoji_Presentation}|[\u1100-\u115f\u2e80-\uffdc]/u.test(char);
}

function charEms(char: string): number {
  if (isWide(char)) return /[\u1100-\uffdc]/u.test(char) ? 0.92 : 1.25;
  if (/[ijl.,:;'|!I]/.test(char)) return 0.25;
  if (/[ftr()[\]\-/ "*]/.test(char)) return 0.34;
  if (/[cskvxyz]/.test(char)) return 0.5;
  if (/[mwMW@%]/.test(char)) return 0.86;
  if (/[A-Z#&…→↗⏳✅❌]/u.test(char)) return 0.67;
  return 0.55;
}

/** Draws a text; `x` is its left end, `y` its baseline. */
export function text(
  x: number,
  y: number,
  content: string,
  look: TextLook,
): string {
  if (content.trim() === "") return "";
  const attributes = [
    `x="${round(x)}" y="${round(y)}" font-size="${look.size}"`,
    `fill="${look.fill}" font-family="${FONTS[look.font ?? "sans"]}"`,
    `textLength="${round(textWidth(content, look))}"`,
    'lengthAdjust="spacingAndGlyphs" xml:space="preserve"',
    ...look.weight === undefined ? [] : [`font-weight="${look.weight}"`],
    ...look.italic === true ? ['font-style="italic"'] : [],
  ];
  return `<text ${attributes.join(" ")}>${escapeXml(content)}</text>`;
}

/** Draws a text whose middle is at `x`. */
export function centred(
  x: number,
  y: number,
  content: string,
  look: TextLook,
): string {
  return text(x - textWidth(content, look) / 2, y, content, look);
}

/** Draws a rectangle. */
export function box(
  x: number,
  y: number,
  width: number,
  height: number,
  fill: string,
  { radius = 0, stroke }: { radius?: number; stroke?: string } = {},
): string {
  const edge = stroke === undefined ? "" : ` stroke="${stroke}"`;
  return `<rect x="${round(x)}" y="${round(y)}" width="${
    round(width)
  }" height="${round(height)}" rx="${radius}" fill="${fill}"${edge}/>`;
}

/** Returns a whole picture; `title` is read out to those who do not see it. */
export function picture(
  width: number,
  height: number,
  title: string,
  shapes: readonly string[],
): string {
  const size = `width="${width}" height="${round(height)}"`;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" ${size} viewBox="0 0 ${width} ${
      round(height)
    }" role="img">`,
    `<title>${escapeXml(title)}</title>`,
    ...shapes.filter((shape) => shape !== ""),
    "</svg>\n",
  ].join("\n");
}

function round(value: number): string {
  return String(Math.round(value * 10) / 10);
}
