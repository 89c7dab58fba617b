/**
 * A byte stream that travels in frames of another.
 *
 * @module
 */

import { Duplex } from "node:stream";

/** How bytes are put into frames and taken out again. */
export interface FrameCodec {
  /** Returns what comes before a chunk of this length, so that both together are one frame. */
  header(length: number): Uint8Array;
  /**
   * Takes in bytes as they arrive, in whatever pieces, and keeps no payload.
   *
   * @throws {Error} If they break the rules of the framing.
   */
  decode(bytes: Uint8Array, sink: FrameSink): void;
}

/** What becomes of the bytes of frames. */
export interface FrameSink {
  payload(bytes: Uint8Array): void;
  /** Sends a frame that is no data, such as the answer to a ping. */
  reply(frame: Uint8Array): void;
  /** The other side sends no more. */
  end(): void;
}

/** A peer that asks for answers and does not read them must not fill the memory. */
const MAX_UNSENT_BYTES = 64 * 1024;

/** The payload of frames as a stream; it ends with the stream that carries it. */
export class FramedStream extends Duplex {
  readonly #carrier: Duplex;
  readonly #codec: FrameCodec;
  readonly #sink: FrameSink = {
    payload: (bytes) => {
      if (!this.push(bytes)) this.#carrier.pause();
    },
    reply: (frame) => {
      const { writableLength, writable } = this.#carrier;
      if (writable && writableLength < MAX_UNSENT_BYTES) {
        this.#carrier.write(frame);
      }
    },
    end: () => {
      this.push(null);
      this.#carrier.off("data", this.#take);
      this.#carrier.end();
    },
  };

  constructor(carrier: Duplex, codec: FrameCodec) {
    super({ allowHalfOpen: false });
    this.#carrier = carrier;
    this.#codec = codec;
    carrier.on("data", this.#take);
    carrier.on("end", () => this.push(null));
    carrier.on("error", (error: Error) => this.destroy(error));
    carrier.on("close", () => this.destroy());
  }

  readonly #take = (bytes: Uint8Array): void => {
    try {
      this.#codec.decode(bytes, this.#sink);
    } catch (error) {
      this.destroy(error as Error);
    }
  };

  override _read(): void {
    this.#carrier.resume();
  }

  override _write(
    chunk: Uint8Array,
    _encoding: string,
    callback: (error?: Error | null) => void,
  ): void {
    const header = this.#codec.header(chunk.length);
    const frame = new Uint8Array(header.length + chunk.length);
    frame.set(header);
    frame.set(chunk, header.length);
    this.#carrier.write(frame, callback);
  }

  override _final(callback: (error?: Error | null) => void): void {
    this.#carrier.end(() => callback());
  }

  override _destroy(
    error: Error | null,
    callback: (error: Error | null) => void,
  ): void {
    this.#carrier.destroy();
    callback(error);
  }
}
