/**
 * Frames of the legacy connection upgrade: the length as four bytes, big-endian, then the payload.
 *
 * Source: docs/design/teleport-routes.md 4.4. A frame of length 0 is a ping, which nobody answers.
 *
 * @module
 */

import type { FrameCodec, FrameSink } from "./framed_stream.ts";

const HEADER_BYTES = 4;

/** Takes frames apart and keeps nothing of them. */
export class LengthFrames implements FrameCodec {
  /** Bytes of the current header that are still to come. */
  #headerLeft = HEADER_BYTES;
  /** Bytes of the current payload that are still to come. */
  #left = 0;

  header(length: number): Uint8Array {
    const bytes = new Uint8Array(HEADER_BYTES);
    new DataView(bytes.buffer).setUint32(0, length);
    return bytes;
  }

  decode(bytes: Uint8Array, sink: FrameSink): void {
    for (let at = 0; at < bytes.length;) {
      if (this.#headerLeft > 0) {
        this.#left = this.#left * 256 + (bytes[at++] ?? 0);
        this.#headerLeft--;
      } else {
        const part = bytes.subarray(at, at + this.#left);
        at += part.length;
        this.#left -= part.length;
        sink.payload(part);
      }
      if (this.#headerLeft === 0 && this.#left === 0) {
        this.#headerLeft = HEADER_BYTES;
      }
    }
  }
}
