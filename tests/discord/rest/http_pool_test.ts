/** Which calls use a connection again. */

import assert from "node:assert/strict";
import { HttpCaller } from "../../../src/discord/rest/http_caller.ts";
import { routeOf } from "../../../src/discord/rate_limit/api_route.ts";
import { systemClock } from "../../../src/lib/async/clock.ts";

/** Answers each request with an empty object; at the second of a connection it hangs up, if asked to. */
class Server implements AsyncDisposable {
  /** For each request, the number of its connection and its method. */
  readonly seen: string[] = [];
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
    const bytes = new Uint8Array(4096);
    for (let count = 1;; count++) {
      const length = await conn.read(bytes);
      if (length === null) return;
      const [method] = new TextDecoder().decode(bytes.subarray(0, length))
        .split(" ");
      this.seen.push(`${number} ${method}`);
      if (hangsUp && count === 2) return;
      await conn.write(new TextEncoder().encode(answer));
    }
  }
}

const signal = new AbortController().signal;
const GET = routeOf("GET", "/users/@me");
const POST = routeOf("POST", "/channels/:id/messages", "7");

function callerFor(server: Server, keepAliveMs?: number): HttpCaller {
  return new HttpCaller({
    apiUrl: server.url,
    version: "1",
    clock: systemClock,
    ...keepAliveMs === undefined ? {} : { keepAliveMs },
  });
}

Deno.test("calls that may be repeated share a connection, posts have one each", async () => {
  await using server = new Server();
  using caller = callerFor(server, 60_000);
  for (const route of [GET, GET, POST, POST, GET]) {
    await caller.send(route, undefined, undefined, signal);
  }
  assert.deepEqual(server.seen, [
    "1 GET",
    "1 GET",
    "2 POST",
    "3 POST",
    "1 GET",
  ]);
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

Deno.test("no post is repeated without anybody knowing", async () => {
  await using server = new Server(true);
  using caller = callerFor(server, 60_000);
  await caller.send(GET, undefined, undefined, signal);
  await caller.send(POST, { content: "a" }, undefined, signal);
  await caller.send(POST, { content: "b" }, undefined, signal);
  assert.deepEqual(server.seen, ["1 GET", "2 POST", "3 POST"]);
});
