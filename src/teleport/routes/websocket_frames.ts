/**
 * Frames of a WebSocket, as a client sends and receives them.
 *
 * Source: RFC 6455, section 5.2; docs/design/teleport-routes.md 4.3.
 *
 * @module
 */

import type { FrameCodec, FrameSink } from "./framed_stream.ts";

const FIN = 0x80;
const MASKED = 0x80;
const RESERVED = 0x70;
const OPCODE = { continuation: 0, binary: 2, close: 8, ping: 9, pong: 10 };
const MAX_CONTROL_BYTES = 125;

/** A frame that is under way. */
interface OpenFrame {
  readonly opcode: number;
  /** Bytes of its payload that are still to come. */
  left: number;
  /** Payload so far of a control frame; data is passed on at once. */
  readonly control: number[];
}

/** Takes frames apart; of data it keeps nothing, however long a frame says that it is. */
export class WebSocketFrames implements FrameCodec {
  readonly #head: number[] = [];
  #frame: OpenFrame | undefined;
  #isClosed = false;

  header(length: number): Uint8Array {
    return header(OPCODE.binary, length);
  }

  decode(bytes: Uint8Array, sink: FrameSink): void {
    for (let at = 0; at < bytes.length && !this.#isClosed;) {
      if (this.#frame === undefined) {
        this.#head.push(bytes[at++] ?? 0);
        this.#frame = openFrame(this.#head);
        if (this.#frame === undefined) continue;
        this.#head.length = 0;
      }
      const frame = this.#frame;
      const part = bytes.subarray(at, at + frame.left);
      at += part.length;
      frame.left -= part.length;
      if (frame.opcode >= OPCODE.close) frame.control.push(...part);
      else if (part.length > 0) sink.payload(part);
      if (frame.left > 0) continue;
      this.#frame = undefined;
      if (frame.opcode === OPCODE.close) {
        this.#isClosed = true;
        sink.end();
      }
      if (frame.opcode === OPCODE.ping) {
        const { control } = frame;
        sink.reply(
          Uint8Array.of(...header(OPCODE.pong, control.length), ...control),
        );
      }
    }
  }
}

/**
 * Returns the head of a frame that is complete in itself.
 *
 * The mask is all zeros: some servers of 2024 did not take a mask off, and the others do not mind.
 */
function header(opcode: number, length: number): Uint8Array {
  const extended = length <= MAX_CONTROL_BYTES ? 0 : length < 2 ** 16 ? 2 : 8;
  const bytes = new Uint8Array(2 + extended + 4);
  const view = new DataView(bytes.buffer);
  bytes[0] = FIN | opcode;
  bytes[1] = MASKED | (extended === 0 ? length : extended === 2 ? 126 : 127);
  if (extended === 2) view.setUint16(2, length);
  if (extended === 8) view.setBigUint64(2, BigInt(length));
  return bytes;
}

/** Returns the frame that a head begins; `undefined` while the head is not complete. */
function openFrame(head: readonly number[]): OpenFrame | undefined {
  const [first = 0, second] = head;
  if (second === undefined) return undefined;
  const opcode = first & 0x0f;
  const isControl = opcode >= OPCODE.close;
  if (
    (first & RESERVED) !== 0 || (second & MASKED) !== 0 ||
    !Object.values(OPCODE).includes(opcode) ||
    (isControl && ((first & FIN) === 0 || second > MAX_CONTROL_BYTES))
  ) throw new Error("the WebSocket sent a frame that it may not send");
  const extended = second < 126 ? 0 : second === 126 ? 2 : 8;
  if (head.length < 2 + extended) return undefined;
  const left = extended === 0
    ? second
    : head.slice(2).reduce((sum, byte) => sum * 256 + byte, 0);
  return { opcode, left, control: [] };
}
