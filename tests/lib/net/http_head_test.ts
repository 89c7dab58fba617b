import assert from "node:assert/strict";
import { Duplex } from "node:stream";
import { readHttpHead } from "../../../src/lib/net/http_head.ts";
import { openHttpTunnel } from "../../../src/lib/net/http_tunnel.ts";
import { Secret } from "../../../src/lib/secret.ts";

const never = new AbortController().signal;

/** A stream whose other end a test holds. */
class Wire extends Duplex {
  sent = "";

  override _read(): void {}

  override _write(chunk: Uint8Array, _: string, callback: () => void): void {
    this.sent += new TextDecoder().decode(chunk);
    callback();
  }
}

Deno.test("readHttpHead() reads the head byte by byte and leaves the rest", async () => {
  const wire = new Wire();
  const head = readHttpHead(wire, never);
  const text = "HTTP/1.1 101 Switching\r\nUpgrade:  x \r\nA: b:c\r\n\r\nrest";
  for (const byte of new TextEncoder().encode(text)) {
    wire.push(Uint8Array.of(byte));
  }
  const { status, headers } = await head;
  assert.equal(status, 101);
  assert.deepEqual([...headers], [["upgrade", "x"], ["a", "b:c"]]);
  let rest = "";
  for (let chunk; (chunk = wire.read()) !== null;) rest += chunk;
  assert.equal(rest, "rest");
});

const BAD: Readonly<Record<string, [string | null, RegExp]>> = {
  "another protocol": ["SSH-2.0-Teleport\r\n", /is not HTTP/],
  "a head without a status": ["HTTP/1.1 hello\r\n\r\n", /is not HTTP/],
  "a head without end": [`HTTP/1.1 200 OK\r\nA: ${"x".repeat(20_000)}`, /long/],
  "a connection that ends": [null, /closed without an answer/],
};
for (const [name, [text, expected]] of Object.entries(BAD)) {
  Deno.test(`readHttpHead() refuses ${name}`, async () => {
    const wire = new Wire();
    const head = readHttpHead(wire, never);
    wire.push(text);
    await assert.rejects(head, expected);
  });
}

Deno.test("readHttpHead() rejects with the reason of its signal", async () => {
  const stop = new AbortController();
  const head = readHttpHead(new Wire(), stop.signal).catch((error) => error);
  const reason = new Error("stopping");
  stop.abort(reason);
  assert.equal(await head, reason);
});

const proxy = {
  host: "p",
  port: 3128,
  isTls: false,
  authorization: new Secret("Basic dTpw"),
};

Deno.test("openHttpTunnel() asks for the target", async () => {
  const wire = new Wire();
  const tunnel = openHttpTunnel(wire, proxy, "t:443", undefined, never);
  wire.push("HTTP/1.0 200 OK\r\n\r\n");
  assert.equal(await tunnel, wire);
  assert.equal(
    wire.sent,
    "CONNECT t:443 HTTP/1.1\r\nHost: t:443\r\nProxy-Authorization: Basic dTpw\r\n\r\n",
  );
});

Deno.test("openHttpTunnel() tells why a proxy refuses", async () => {
  for (
    const [answer, expected] of [
      ["HTTP/1.1 407 No\r\n\r\n", /another user or password \(407\)/],
      ["HTTP/1.1 502 Bad Gateway\r\n\r\n", /answered CONNECT with 502/],
      ["hello", /the HTTP proxy: the answer is not HTTP/],
    ] as const
  ) {
    const wire = new Wire();
    const tunnel = openHttpTunnel(wire, proxy, "t:443", undefined, never);
    wire.push(answer);
    await assert.rejects(tunnel, expected);
  }
});
