/**
 * PEM blocks in a text that may hold other lines too.
 *
 * @module
 */

/** One PEM block. */
export interface PemBlock {
  /** What its BEGIN line says; identity files are known to lie here. */
  readonly label: string;
  /** The decoded content; empty if the lines between BEGIN and END are not Base64. */
  readonly der: Uint8Array;
}

/**
 * Reads all PEM blocks; other lines are skipped.
 *
 * Source: docs/design/teleport-credentials.md 1, the rules of Teleport's own reader: line by line, white space
 * trimmed, a block runs from a line beginning `-----BEGIN` to one beginning `-----END`.
 *
 * @returns `undefined` if the text ends inside a block: the file was read while it was being written.
 */
export function readPemBlocks(text: string): PemBlock[] | undefined {
  const blocks: PemBlock[] = [];
  let label: string | undefined;
  let body = "";
  for (const rawLine of text.split("\n")) {
    const line = rawLine.trim();
    if (label === undefined) {
      if (!line.startsWith("-----BEGIN")) continue;
      label = line.replace(/^-----BEGIN\s*/, "").replace(/-+$/, "");
      body = "";
    } else if (line.startsWith("-----END")) {
      blocks.push({ label, der: decodeBase64(body) });
      label = undefined;
    } else {
      body += line;
    }
  }
  return label === undefined ? blocks : undefined;
}

/** Writes one PEM block, ending with a line break. */
export function writePemBlock(label: string, der: Uint8Array): string {
  const lines = der.toBase64().match(/.{1,64}/g)?.join("\n") ?? "";
  return `-----BEGIN ${label}-----\n${lines}\n-----END ${label}-----\n`;
}

function decodeBase64(body: string): Uint8Array {
  try {
    return Uint8Array.fromBase64(body);
  } catch {
    return new Uint8Array();
  }
}
