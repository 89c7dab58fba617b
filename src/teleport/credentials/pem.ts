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

/** A PEM block has no END line: the file was read while it was being written. */
export class UnfinishedPemError extends Error {
  override readonly name = "UnfinishedPemError";
}

/**
 * Reads all PEM blocks; other lines are skipped.
 *
 * Source: docs/design/teleport-credentials.md 1, the rules of Teleport's own reader: line by line, white space
 * trimmed, a block runs from a line beginning `-----BEGIN` to one beginning `-----END`.
 *
 * @throws {UnfinishedPemError} If the text ends inside a block.
 */
export function readPemBlocks(text: string): PemBlock[] {
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
  if (label !== undefined) {
    throw new UnfinishedPemError(`PEM block "${label}" has no END line`);
  }
  return blocks;
}

/** Writes one PEM block, ending with a line break. */
export function writePemBlock(label: string, der: Uint8Array): string {
  const lines = der.toBase64().match(/.{1,64}/g) ?? [];
  return `-----BEGIN ${label}-----\n${
    lines.join("\n")
  }\n-----END ${label}-----\n`;
}

function decodeBase64(body: string): Uint8Array {
  try {
    return Uint8Array.fromBase64(body);
  } catch {
    return new Uint8Array();
  }
}
