import fc from "fast-check";
import assert from "node:assert/strict";
import { Duplex } from "node:stream";
import {
  type FrameCodec,
  FramedStream,
} from "../../../src/teleport/routes/framed_stream.ts";
import { LengthFrames } from "../../../src/teleport/routes/length_frames.ts";
import { WebSocketFrames } from "../../../src/teleport/routes/websocket_frames.ts";

const pure = { permissions: "none" } as const;

/** What a codec makes of bytes that come in these pieces. */
function decode(codec: FrameCodec, pieces: readonly Uint8Array[]) {
  const payload: number[] = [];
  const replies: Uint8Array[] = [];
  let ended = false;
  for (const piece of pieces) {
    codec.decode(piece, {
      payload: (bytes) => payload.push(...bytes),
      reply: (frame) => replies.push(frame),
      end: () => ended = true,
    });
  }
  return { payload, replies, ended };
}

/** A frame as a server sends it: without a mask. */
function serverFrame(first: number, payload: readonly number[]): number[] {
  const { length } = payload;
  const head = length < 126
    ? [length]
    : length < 65_536
    ? [126, length >> 8, length & 255]
    : [127, 0, 0, 0, 0, 0, length >> 16, (length >> 8) & 255, length & 255];
  return [first, ...head, ...payload];
}

function cut(bytes: readonly number[], sizes: readonly number[]): Uint8Array[] {
  const pieces: Uint8Array[] = [];
  let at = 0;
  for (let i = 0; at < bytes.length; i++) {
    const size = sizes.length === 0 ? 1 : sizes[i % sizes.length] ?? 1;
    pieces.push(Uint8Array.from(bytes.slice(at, at + size)));
    at += size;
  }
  return pieces;
}

const bytes = fc.array(fc.integer({ min: 0, max: 255 }), { maxLength: 400 });
const sizes = fc.array(fc.integer({ min: 1, max: 300 }), { maxLength: 5 });

Deno.test(
  "WebSocketFrames gives the payload back, however it is cut and fragmented",
  pure,
  () => {
    const parts = fc.array(fc.record({ payload: bytes, ping: bytes }));
    fc.assert(fc.property(parts, sizes, (parts, sizes) => {
      const wire = parts.flatMap(({ payload, ping }, i) => [
        // The first fragment, then a ping between fragments, then the rest.
        ...serverFrame(i === 0 ? 0x02 : 0x00, payload),
        ...serverFrame(0x89, ping.slice(0, 125)),
      ]);
      const { payload, replies } = decode(
        new WebSocketFrames(),
        cut(wire, sizes),
      );
      assert.deepEqual(payload, parts.flatMap((part) => part.payload));
      assert.deepEqual(
        replies.map((pong) => [...pong]),
        parts.map(({ ping }) => {
          const answer = ping.slice(0, 125);
          return [0x8a, 0x80 | answer.length, 0, 0, 0, 0, ...answer];
        }),
      );
    }));
  },
);

for (const length of [0, 1, 125, 126, 65_535, 65_536, 100_000]) {
  Deno.test(
    `WebSocketFrames reads and writes ${length} bytes as one frame`,
    pure,
    () => {
      const payload = Array.from({ length }, (_, i) => i % 251);
      const wire = Uint8Array.from(serverFrame(0x82, payload));
      assert.deepEqual(decode(new WebSocketFrames(), [wire]).payload, payload);
      const header = new WebSocketFrames().header(length);
      // As the server's, but for the bit of the mask and the mask itself.
      const unmasked = [...header.subarray(0, -4)];
      unmasked[1] = (unmasked[1] ?? 0) & 0x7f;
      assert.deepEqual(
        unmasked,
        serverFrame(0x82, payload).slice(0, -length || undefined),
      );
      assert.equal((header[1] ?? 0) & 0x80, 0x80);
      assert.deepEqual([...header.subarray(-4)], [0, 0, 0, 0]);
    },
  );
}

Deno.test("WebSocketFrames ends at a close frame", pure, () => {
  const wire = [...serverFrame(0x88, [3, 232]), ...serverFrame(0x82, [1])];
  const { payload, ended } = decode(new WebSocketFrames(), cut(wire, []));
  assert.deepEqual([payload, ended], [[], true]);
});

const FORBIDDEN = {
  "a mask": [0x82, 0x81, 0, 0, 0, 0, 1],
  "a reserved bit": [0xc2, 0],
  "text": [0x81, 0],
  "an unknown opcode": [0x83, 0],
  "a long ping": [0x89, 126, 0, 126],
  "a ping in fragments": [0x09, 0],
};
for (const [what, wire] of Object.entries(FORBIDDEN)) {
  Deno.test(`WebSocketFrames refuses ${what}`, pure, () => {
    assert.throws(
      () => decode(new WebSocketFrames(), [Uint8Array.from(wire)]),
      /may not send/,
    );
  });
}

Deno.test(
  "LengthFrames gives the payload back, with pings in between",
  pure,
  () => {
    fc.assert(fc.property(fc.array(bytes), sizes, (parts, sizes) => {
      const wire = parts.flatMap((part) => [
        ...[0, 0, 0, 0],
        ...new LengthFrames().header(part.length),
        ...part,
      ]);
      const { payload } = decode(new LengthFrames(), cut(wire, sizes));
      assert.deepEqual(payload, parts.flat());
    }));
  },
);

/** A carrier in the hands of a test. */
class Carrier extends Duplex {
  readonly written: Uint8Array[] = [];
  /** Whether writes are left waiting, as by a peer that does not read. */
  isStuck = false;

  override _read(): void {}

  override _write(
    chunk: Uint8Array,
    _encoding: string,
    callback: () => void,
  ): void {
    this.written.push(chunk);
    if (!this.isStuck) callback();
  }
}

Deno.test("FramedStream holds back a carrier that is faster than its reader", async () => {
  const carrier = new Carrier();
  const stream = new FramedStream(carrier, new LengthFrames());
  // A frame that claims to be 4 GiB long.
  carrier.push(Uint8Array.of(255, 255, 255, 255));
  let pushed = 0;
  while (carrier.push(new Uint8Array(16_384)) && pushed < 1000) {
    pushed++;
    await new Promise((resolve) => setTimeout(resolve, 0));
  }
  assert.ok(pushed < 20, `${pushed} chunks`);
  assert.ok(stream.readableLength < 200_000);
  stream.destroy();
});

Deno.test("FramedStream does not pile up answers that nobody reads", async () => {
  const carrier = new Carrier();
  const stream = new FramedStream(carrier, new WebSocketFrames());
  stream.resume();
  carrier.isStuck = true;
  const ping = Uint8Array.from(serverFrame(0x89, Array(125).fill(1)));
  for (let i = 0; i < 5000; i++) {
    carrier.push(ping);
    if (i % 100 === 0) await new Promise((resolve) => setTimeout(resolve, 0));
  }
  assert.ok(carrier.writableLength < 70_000, `${carrier.writableLength}`);
  stream.destroy();
});

Deno.test("FramedStream fails with its carrier and with bad frames", async () => {
  for (
    const spoil of [
      (carrier: Carrier) => carrier.destroy(new Error("broken")),
      (carrier: Carrier) => carrier.push(Uint8Array.of(0x81, 0)),
    ]
  ) {
    const carrier = new Carrier();
    const stream = new FramedStream(carrier, new WebSocketFrames());
    const failed = new Promise<Error>((resolve) => stream.on("error", resolve));
    stream.resume();
    spoil(carrier);
    assert.match((await failed).message, /broken|may not send/);
    assert.equal(carrier.destroyed, true);
  }
});
