/**
 * The web port of a stand-in Proxy, as far as connection upgrades go.
 *
 * Source: docs/design/teleport-routes.md 4.
 *
 * @module
 */

import { createHash } from "node:crypto";
import { connect as connectTcp } from "node:net";
import type { Duplex } from "node:stream";
import {
  type FrameCodec,
  FramedStream,
  type FrameSink,
} from "../../src/teleport/routes/framed_stream.ts";
import { LengthFrames } from "../../src/teleport/routes/length_frames.ts";
import {
  join,
  readHead,
  type RunningServer,
  startTlsServer,
} from "./middle_boxes.ts";
import type { KeyPair } from "./pki.ts";

/** How a stand-in Proxy differs from one of today. */
export interface WebPortOptions {
  /** Whether it knows WebSocket, which 14 does not. */
  readonly webSocket?: boolean;
  /** Whether it knows the older form, which 19 does not. */
  readonly legacy?: boolean;
  /** How it cuts what it sends into frames. */
  readonly framing?: "whole" | "bytes" | "huge";
}

/**
 * Starts a web port that leads to an Auth Service.
 *
 * @param auth `host:port`.
 */
export async function startWebPort(
  auth: string,
  pair: KeyPair,
  options: WebPortOptions = {},
): Promise<RunningServer> {
  const { webSocket = true, legacy = true, framing = "whole" } = options;
  return await startTlsServer(pair, async (client, own) => {
    const head = await readHead(client);
    const header = (name: string) =>
      new RegExp(`^${name}: *(.*)$`, "im").exec(head)?.[1];
    const isWebSocket = webSocket && header("upgrade") === "websocket";
    const isLegacy = legacy && header("x-teleport-upgrade") === "alpn-ping";
    if (!isWebSocket && !isLegacy) {
      client.end("HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n");
      return;
    }
    const lines = isWebSocket
      ? [
        "Upgrade: websocket",
        `Sec-WebSocket-Accept: ${accept(header("sec-websocket-key") ?? "")}`,
        `Sec-WebSocket-Protocol: ${header("sec-websocket-protocol")}`,
      ]
      : ["Upgrade: alpn-ping", "X-Teleport-Upgrade: alpn-ping"];
    client.write(
      `HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\n${
        lines.join("\r\n")
      }\r\n\r\n`,
    );
    if (framing === "huge") return sendHugeFrame(client);
    const [host = "", port = ""] = auth.split(":");
    const server = connectTcp({ host, port: Number(port) });
    own(server);
    const codec = isWebSocket ? new ServerFrames() : new LengthFrames();
    const framed = new FramedStream(client, codec);
    framed.on("error", () => {});
    if (framing === "whole") return join(framed, server);
    framed.pipe(server);
    server.on("data", (bytes: Uint8Array) => {
      for (const byte of bytes) framed.write(Uint8Array.of(byte));
    });
  });
}

/** A frame of four exbibytes, with bytes that never end. */
function sendHugeFrame(client: Duplex): void {
  client.write(Uint8Array.of(0x82, 127, 0x40, 0, 0, 0, 0, 0, 0, 0));
  const more = () => {
    while (!client.destroyed && client.write(new Uint8Array(65_536)));
  };
  client.on("drain", more);
  more();
}

/** Frames of a WebSocket as a server sees them. It takes only whole frames with a mask of zeros. */
class ServerFrames implements FrameCodec {
  #bytes = new Uint8Array();

  header(length: number): Uint8Array {
    if (length < 126) return Uint8Array.of(0x82, length);
    const bytes = new Uint8Array(length < 65_536 ? 4 : 10);
    const view = new DataView(bytes.buffer);
    bytes.set([0x82, length < 65_536 ? 126 : 127]);
    if (length < 65_536) view.setUint16(2, length);
    else view.setBigUint64(2, BigInt(length));
    return bytes;
  }

  decode(bytes: Uint8Array, sink: FrameSink): void {
    this.#bytes = Uint8Array.of(...this.#bytes, ...bytes);
    for (;;) {
      const view = new DataView(this.#bytes.buffer);
      if (view.byteLength < 2) return;
      const short = view.getUint8(1) & 0x7f;
      const start = 6 + (short === 126 ? 2 : short === 127 ? 8 : 0);
      if (view.byteLength < start) return;
      const length = short === 126
        ? view.getUint16(2)
        : short === 127
        ? Number(view.getBigUint64(2))
        : short;
      const isFine = view.getUint8(0) === 0x82 &&
        (view.getUint8(1) & 0x80) !== 0 && view.getUint32(start - 4) === 0;
      if (!isFine) throw new Error("not a whole frame with a mask of zeros");
      if (view.byteLength < start + length) return;
      sink.payload(this.#bytes.slice(start, start + length));
      this.#bytes = this.#bytes.slice(start + length);
    }
  }
}

function accept(key: string): string {
  return createHash("sha1").update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`)
    .digest("base64");
}
