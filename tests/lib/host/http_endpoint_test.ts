import assert from "node:assert/strict";
import {
  formatAddress,
  type ListenAddress,
  serveUntil,
} from "../../../src/lib/host/http_endpoint.ts";
import { ask } from "../../../src/lib/host/http_probe.ts";
import { FakeClock } from "../../fakes/clock.ts";
import { MemoryLogger } from "../../fakes/logger.ts";

const signal = AbortSignal.timeout(60_000);

/** Serves one page at a port that was free a moment ago. */
class Stage {
  readonly clock = new FakeClock();
  readonly logger = new MemoryLogger();
  readonly address: ListenAddress & { readonly kind: "tcp" };
  readonly #over = new AbortController();
  readonly #serving: Promise<void>;
  status = 200;

  constructor(port = freePort()) {
    this.clock.chance = 0;
    this.address = { kind: "tcp", host: "127.0.0.1", port };
    this.#serving = serveUntil(this.address, {
      pages: {
        "/page": () => ({
          status: this.status,
          type: "text/x",
          body: "grüß dich\n",
        }),
        "/broken": () => {
          throw new Error("no");
        },
      },
      clock: this.clock,
      logger: this.logger,
    }, this.#over.signal);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#over.abort();
    await this.#serving;
  }
}

Deno.test("a page is what it is now, and nothing else is there", async () => {
  await using stage = new Stage();
  const { address, logger } = stage;
  await logger.waitFor("offering health and metrics");
  const url = `http://${formatAddress(address)}`;
  const got = await ask(address, "/page?x=1", signal);
  assert.deepEqual(got, { status: 200, body: "grüß dich\n" });
  stage.status = 503;
  const response = await fetch(`${url}/page`);
  assert.equal(response.status, 503);
  assert.equal(response.headers.get("content-type"), "text/x");
  assert.equal(response.headers.get("cache-control"), "no-store");
  assert.equal(await response.text(), "grüß dich\n");
  const head = await fetch(`${url}/page`, { method: "HEAD" });
  assert.equal(head.status, 503);
  assert.equal(await head.text(), "");
  for (const path of ["/", "/constructor", "/page/", "//page"]) {
    const { status, body } = await ask(address, path, signal);
    assert.equal(status, 404, path);
    assert.equal(body, "there are /page, /broken\n");
  }
  const broken = await ask(address, "/broken", signal);
  assert.deepEqual(broken, { status: 500, body: "see the log\n" });
  assert.equal(logger.find("cannot render a page").length, 1);
  const post = await fetch(`${url}/page`, { method: "POST", body: "x" });
  assert.equal(post.status, 405);
  assert.equal(post.headers.get("allow"), "GET, HEAD");
  await post.body?.cancel();
});

Deno.test("an address that somebody else has is tried again", async () => {
  const other = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  await using stage = new Stage(other.addr.port);
  const { clock, logger } = stage;
  const { fields } = await logger.waitFor(
    "cannot offer health and metrics, will retry",
  );
  assert.equal(fields.err, "the address is in use");
  await clock.advance(3000);
  other.close();
  await clock.advance(1000);
  await logger.waitFor("offering health and metrics");
  assert.equal(logger.lines.length, 2);
});

Deno.test("ask() says what is wrong, and waits no longer than it may", async () => {
  const port = freePort();
  const address = { kind: "tcp", host: "127.0.0.1", port } as const;
  await assert.rejects(ask(address, "/", signal), /refused/);
  using silent = Deno.listen({ hostname: "127.0.0.1", port });
  const accepted = silent.accept();
  const enough = new AbortController();
  const asking = ask(address, "/", enough.signal);
  using _ = await accepted;
  const reason = new Error("enough");
  enough.abort(reason);
  await assert.rejects(asking, reason);
});

Deno.test("ask() lets go of an answer that never ends", async () => {
  const port = freePort();
  const piece = new Uint8Array(64 * 1024);
  await using _ = Deno.serve(
    { hostname: "127.0.0.1", port, onListen: () => {} },
    () =>
      new Response(
        new ReadableStream({ pull: (stream) => stream.enqueue(piece) }),
      ),
  );
  await assert.rejects(
    ask({ kind: "tcp", host: "127.0.0.1", port }, "/", signal),
    { message: "the answer is too long, or breaks off" },
  );
});

Deno.test("ask() goes to addresses of IPv6 too", async () => {
  for (const host of ["::1", "::"]) {
    const asking = ask({ kind: "tcp", host, port: freePort() }, "/", signal);
    // Where there is IPv6 nobody listens; where there is not, or it may not be used, the address is named.
    await assert.rejects(asking, /os error|net access to "\[::1\]/, host);
  }
});

Deno.test("addresses are written as they are configured", {
  permissions: "none",
}, () => {
  const tcp = (host: string) => formatAddress({ kind: "tcp", host, port: 80 });
  assert.equal(tcp("127.0.0.1"), "127.0.0.1:80");
  assert.equal(tcp("::1"), "[::1]:80");
  assert.equal(tcp(""), ":80");
  assert.equal(formatAddress({ kind: "unix", path: "/a" }), "unix:/a");
});

function freePort(): number {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  return listener.addr.port;
}
