/** Calls use a connection again; what becomes of them if it breaks. */

import assert from "node:assert/strict";
import { HttpCaller } from "../../../src/discord/rest/http_caller.ts";
import { routeOf } from "../../../src/discord/rate_limit/api_route.ts";
import { DiscordApiError } from "../../../src/ports/discord_error.ts";
import { systemClock } from "../../../src/lib/async/clock.ts";

/** Answers each request with an empty object; at the second of a connection it hangs up, if asked to. */
class Server implements AsyncDisposable {
  /** For each request, the number of its connection and its method. */
  readonly seen: string[] = [];
  /** The requests as they came. */
  readonly received: string[] = [];
  readonly #listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  readonly #connections: Promise<void>[] = [];
  readonly #running: Promise<void>;

  constructor(hangsUp = false) {
    this.#running = this.#run(hangsUp);
  }

  get url(): string {
    return `http://127.0.0.1:${this.#listener.addr.port}`;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#listener.close();
    await this.#running;
    await Promise.all(this.#connections);
  }

  async #run(hangsUp: boolean): Promise<void> {
    for await (const conn of this.#listener) {
      this.#connections.push(
        this.#serve(conn, this.#connections.length + 1, hangsUp),
      );
    }
  }

  async #serve(
    conn: Deno.Conn,
    number: number,
    hangsUp: boolean,
  ): Promise<void> {
    using _ = conn;
    const answer = "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}";
    for (let count = 1;; count++) {
      const request = await readRequest(conn);
      if (request === undefined) return;
      this.received.push(request);
      this.seen.push(`${number} ${request.split(" ")[0]}`);
      if (hangsUp && count === 2) return;
      await conn.write(new TextEncoder().encode(answer));
    }
  }
}

/** Reads a request with its body; `undefined` at the end of the connection. */
async function readRequest(conn: Deno.Conn): Promise<string | undefined> {
  const bytes = new Uint8Array(4096);
  for (let end = 0;;) {
    const length = await conn.read(bytes.subarray(end));
    if (length === null) return undefined;
    end += length;
    const text = new TextDecoder().decode(bytes.subarray(0, end));
    const head = text.indexOf("\r\n\r\n");
    const [, bodyLength = "0"] = /^content-length: (\d+)/im.exec(text) ?? [];
    if (head >= 0 && end >= head + 4 + Number(bodyLength)) return text;
  }
}

const signal = new AbortController().signal;
const GET = routeOf("GET", "/users/@me");
const POST = routeOf("POST", "/channels/:id/messages", "7");

function callerFor(server: Server, keepAliveMs?: number): HttpCaller {
  return new HttpCaller({
    apiUrl: server.url,
    clock: systemClock,
    ...keepAliveMs === undefined ? {} : { keepAliveMs },
  });
}

Deno.test("calls one after the other share a connection", async () => {
  await using server = new Server();
  using caller = callerFor(server, 60_000);
  for (const route of [GET, POST, POST, GET]) {
    await caller.send(route, undefined, undefined, signal);
  }
  assert.deepEqual(server.seen, ["1 GET", "1 POST", "1 POST", "1 GET"]);
});

Deno.test("without a time to keep it, each call has a connection of its own", async () => {
  await using server = new Server();
  using caller = callerFor(server);
  for (const route of [GET, GET]) {
    await caller.send(route, undefined, undefined, signal);
  }
  assert.deepEqual(server.seen, ["1 GET", "2 GET"]);
});

Deno.test("a connection that broke while it was idle costs no call", async () => {
  await using server = new Server(true);
  using caller = callerFor(server, 60_000);
  for (const route of [GET, GET]) {
    const { status } = await caller.send(route, undefined, undefined, signal);
    assert.equal(status, 200);
  }
  assert.deepEqual(server.seen, ["1 GET", "1 GET", "2 GET"]);
});

Deno.test("a post on a connection that breaks fails, and is not repeated", async () => {
  for (const body of [undefined, { content: "a" }]) {
    await using server = new Server(true);
    using caller = callerFor(server, 60_000);
    await caller.send(POST, body, undefined, signal);
    await assert.rejects(
      caller.send(POST, body, undefined, signal),
      (error) => error instanceof DiscordApiError && error.status === 0,
    );
    await caller.send(POST, body, undefined, signal);
    assert.deepEqual(server.seen, ["1 POST", "1 POST", "2 POST"]);
  }
});

Deno.test("the length of a post is told", async () => {
  await using server = new Server();
  using caller = callerFor(server, 60_000);
  await caller.send(POST, { content: "ä" }, undefined, signal);
  const [head = "", body] = server.received[0]?.split("\r\n\r\n") ?? [];
  assert.match(head, /^content-length: 16$/im);
  assert.match(head, /^content-type: application\/json$/im);
  assert.doesNotMatch(head, /^transfer-encoding/im);
  assert.equal(body, '{"content":"ä"}');
});
