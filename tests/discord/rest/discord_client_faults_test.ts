import assert from "node:assert/strict";
import { DiscordClient } from "../../../src/discord/rest/discord_client.ts";
import { systemClock } from "../../../src/lib/async/clock.ts";
import { Secret } from "../../../src/lib/secret.ts";
import { DiscordApiError } from "../../../src/ports/discord_error.ts";
import { FakeClock } from "../../fakes/clock.ts";
import {
  banned,
  blockedByCloudflare,
  blockedWithoutTime,
  cutOff,
  type Fault,
  garbled,
  hang,
  lostAnswer,
  oldMessageEdits,
  rateLimited,
  redirected,
  refused,
  resetBefore,
  serverError,
} from "../../fakes/discord.ts";
import { MemoryLogger } from "../../fakes/logger.ts";
import { clientWith, say, startWorld, UNCANCELLED } from "../world.ts";

const ROUTE = "POST /channels/:id/messages";

interface Expected {
  readonly status: number;
  readonly code?: number;
  readonly refused: boolean;
  readonly retryAfterMs?: number;
  readonly detail: string;
}

const faults: readonly (readonly [string, Fault, Expected])[] = [
  ["a 404 of Discord", refused(404, 10003), {
    status: 404,
    code: 10003,
    refused: true,
    detail: "404, unknown channel (code 10003)",
  }],
  ["a bot that was flagged", refused(403, 20026), {
    status: 403,
    code: 20026,
    refused: true,
    detail:
      "403, the bot was flagged by Discord's anti-spam system (code 20026)",
  }],
  ["a code that is not known here", refused(400, 12345), {
    status: 400,
    code: 12345,
    refused: true,
    detail: "400 (code 12345)",
  }],
  ["a 429", rateLimited(1.5), {
    status: 429,
    code: 0,
    refused: true,
    retryAfterMs: 1_500,
    detail: "429, rate limited",
  }],
  ["30046", oldMessageEdits(20), {
    status: 429,
    code: 30046,
    refused: true,
    retryAfterMs: 20_000,
    detail: "429, too many edits of messages older than an hour (code 30046)",
  }],
  ["a ban by Cloudflare", banned(120), {
    status: 429,
    refused: false,
    retryAfterMs: 120_000,
    detail: "429, not in Discord's form",
  }],
  ["a ban that does not say how long it lasts", banned(), {
    status: 429,
    refused: false,
    retryAfterMs: 300_000,
    detail: "429, not in Discord's form",
  }],
  ["a 403 of Cloudflare", banned(undefined, 403), {
    status: 403,
    refused: false,
    retryAfterMs: 300_000,
    detail: "403, not in Discord's form",
  }],
  ["a block by Cloudflare as JSON", blockedByCloudflare, {
    status: 403,
    code: 40333,
    refused: true,
    retryAfterMs: 300_000,
    detail: "403, blocked by Cloudflare (code 40333)",
  }],
  ["a block that names neither a time nor a limit", blockedWithoutTime, {
    status: 429,
    code: 0,
    refused: true,
    retryAfterMs: 300_000,
    detail: "429, rate limited",
  }],
  ["a 502 with HTML", serverError(502), {
    status: 502,
    refused: false,
    detail: "502, not in Discord's form",
  }],
  ["130000 with 503", refused(503, 130000), {
    status: 503,
    code: 130000,
    refused: false,
    detail: "503, overloaded (code 130000)",
  }],
  ["110000 with 202", refused(202, 110000), {
    status: 202,
    code: 110000,
    refused: false,
    detail: "202, not ready yet (code 110000)",
  }],
  ["a 408", refused(408, 0), {
    status: 408,
    code: 0,
    refused: false,
    detail: "408",
  }],
  ["an answer that is cut off", cutOff, {
    status: 200,
    refused: false,
    detail: "200, but the answer is incomplete",
  }],
  ["an answer that is not JSON", garbled, {
    status: 200,
    refused: false,
    detail: "200, but the answer is incomplete",
  }],
  ["a redirect", redirected("/elsewhere"), {
    status: 302,
    refused: false,
    detail: "302, and redirects are not followed",
  }],
  ["a connection that breaks before the call", resetBefore, {
    status: 0,
    refused: false,
    detail: "no answer: connection reset",
  }],
  ["a lost answer", lostAnswer, {
    status: 0,
    refused: false,
    detail: "no answer: connection reset",
  }],
];

for (const [name, fault, expected] of faults) {
  Deno.test(`${name} is one call and one error`, async () => {
    await using world = await startWorld();
    const { client, discord } = world;
    await client.getCurrentUser();
    discord.fail(ROUTE, fault);
    const error = await fails(client.createMessage("7", "n1", say(), 1));
    assert.equal(discord.calls.length, 2);
    assert.deepEqual({
      route: error.route,
      status: error.status,
      code: error.code,
      refused: error.refused,
      retryAfterMs: error.retryAfterMs,
      message: error.message,
    }, {
      route: ROUTE,
      status: expected.status,
      code: expected.code,
      refused: expected.refused,
      retryAfterMs: expected.retryAfterMs,
      message: `Cannot call ${ROUTE}: ${expected.detail}`,
    });
  });
}

Deno.test("204 says that an edit is done, and that a post has no ID", async () => {
  await using world = await startWorld();
  const { client, discord } = world;
  const empty: Fault = { kind: "answer", status: 204, headers: {}, body: "" };
  discord.fail(() => true, empty, 2);
  assert.equal(await client.editMessage("7", "8", say(), 1), true);
  const error = await fails(client.createMessage("7", "n1", say(), 1));
  assert.deepEqual([error.status, error.code], [204, undefined]);
});

Deno.test("a lost answer is not repeated unseen, even beside other calls", async () => {
  await using world = await startWorld();
  const { client, discord } = world;
  const released = Promise.withResolvers<void>();
  discord.fail("GET /channels/:id", hang(released.promise));
  const beside = client.getChannel("7");
  await client.getCurrentUser();
  discord.fail(ROUTE, lostAnswer);
  await fails(client.createMessage("7", "n1", say(), 1));
  released.resolve();
  await beside;
  const posts = discord.calls.filter(({ route }) => route === ROUTE);
  assert.equal(posts.length, 1);
});

Deno.test("a lost answer of a post is found again by its nonce", async () => {
  await using world = await startWorld();
  const { client, discord } = world;
  discord.fail(ROUTE, lostAnswer);
  await fails(client.createMessage("7", "n1", say(), 1));
  const id = await client.createMessage("7", "n1", say(), 1);
  assert.deepEqual(discord.messages("7").map((message) => message.id), [id]);
});

Deno.test("a refused form names its fields, not their values", async () => {
  await using world = await startWorld();
  const message = {
    content: "secret ".repeat(300),
    embeds: [{ title: "secret ".repeat(40) }],
    buttons: [],
  };
  const error = await fails(
    world.client.createMessage("7", "n".repeat(26), say(message), 1),
  );
  assert.equal(
    error.message,
    `Cannot call ${ROUTE}: 400, invalid form body (code 50035): ` +
      "content BASE_TYPE_MAX_LENGTH; nonce BASE_TYPE_MAX_LENGTH; " +
      "embeds[0].title BASE_TYPE_MAX_LENGTH",
  );
});

Deno.test("a refused connection is named as such", async () => {
  const world = await startWorld();
  await world[Symbol.asyncDispose]();
  const client = clientFor(world.discord.url);
  const error = await fails(client.getCurrentUser());
  assert.equal(
    error.message,
    "Cannot call GET /users/@me: no answer: connection refused",
  );
});

for (
  const [text, detail] of [
    [
      "client error (Connect): dns error: failed to lookup address information",
      "the name cannot be looked up",
    ],
    [
      "client error (Connect): invalid peer certificate: Expired",
      "its certificate has expired by the clock of this machine",
    ],
    [
      "client error (Connect): invalid peer certificate: NotValidYet",
      "its certificate is not valid yet by the clock of this machine",
    ],
    [
      "client error (Connect): invalid peer certificate: UnknownIssuer",
      "its certificate is signed by nobody whom this machine trusts; if a proxy looks into TLS, DENO_CERT names its authority",
    ],
    [
      "client error (Connect): invalid peer certificate: NotValidForName",
      "its certificate is for another name",
    ],
    [
      "client error (Connect): received corrupt message",
      "the TLS handshake failed",
    ],
    [
      "client error (Connect): tcp open error: Too many open files (os error 24)",
      "this process may open no more files and connections: raise its limit (LimitNOFILE= of the unit, ulimit -n)",
    ],
    [
      "client error (SendRequest): connection closed before message completed",
      "connection reset",
    ],
    ["something new", "the connection failed"],
  ] as const
) {
  Deno.test(`fetch() that fails with "${text}" is told as "${detail}"`, async () => {
    const url = "https://tls-proxy.example/";
    const client = clientFor(url, () => {
      const cause = new Error(`error for url (${url}api): ${text}`);
      return Promise.reject(new TypeError("fetch failed", { cause }));
    });
    const error = await fails(client.getCurrentUser());
    assert.equal(
      error.message,
      `Cannot call GET /users/@me: no answer: ${detail}`,
    );
    assert.equal(error.cause, undefined);
  });
}

Deno.test("an answer that never ends is let go of after 16 MiB", async () => {
  let sent = 0;
  const chunk = new Uint8Array(1024 * 1024).fill(32);
  const { promise: cancelled, resolve } = Promise.withResolvers<void>();
  const body = new ReadableStream<Uint8Array>({
    pull: (controller) => {
      sent += chunk.length;
      controller.enqueue(chunk);
    },
    cancel: () => resolve(),
  });
  const client = clientFor(
    "https://discord.example/",
    () => Promise.resolve(new Response(body)),
  );
  const error = await fails(client.getCurrentUser());
  assert.equal(error.status, 200);
  await cancelled;
  assert.ok(sent < 20 * chunk.length, `${sent} bytes`);
});

for (const carriedOut of [false, true]) {
  Deno.test(
    `a call without answer ends after 15 s, carried out: ${carriedOut}`,
    async () => {
      const clock = new FakeClock();
      await using world = await startWorld({}, { clock });
      const { client, discord } = world;
      const released = Promise.withResolvers<void>();
      discord.fail(ROUTE, hang(released.promise, carriedOut));
      const failure = fails(client.createMessage("7", "n1", say(), 1));
      await discord.waitFor(({ calls }) => calls.length === 1);
      await clock.advance(14_999);
      assert.equal(clock.sleepers, 1);
      await clock.advance(1);
      const error = await failure;
      assert.equal(error.status, 0);
      assert.equal(error.refused, false);
      assert.equal(
        error.message,
        `Cannot call ${ROUTE}: no answer within 15 s`,
      );
      assert.equal(clock.sleepers, 0);
      released.resolve();
      await discord.waitFor(({ calls }) => calls[0]?.status !== undefined);
    },
  );
}

Deno.test("an answer whose body stalls ends after 15 s", async () => {
  const clock = new FakeClock();
  const started = Promise.withResolvers<void>();
  const client = clientFor("https://discord.example/", (_url, init) => {
    const body = new ReadableStream<Uint8Array>({
      start: (controller) => {
        controller.enqueue(new TextEncoder().encode('{"id":'));
        init?.signal?.addEventListener(
          "abort",
          () => controller.error(init.signal?.reason),
        );
      },
      pull: () => started.resolve(),
    });
    return Promise.resolve(new Response(body));
  }, clock);
  const failure = fails(client.getCurrentUser());
  await started.promise;
  await clock.advance(15_000);
  assert.equal(
    (await failure).message,
    "Cannot call GET /users/@me: no answer within 15 s",
  );
});

Deno.test("an abort ends a call with its reason", async () => {
  await using world = await startWorld();
  const { client, discord } = world;
  const released = Promise.withResolvers<void>();
  discord.fail(ROUTE, hang(released.promise));
  const call = new AbortController();
  const outcome = assert.rejects(
    client.within({ ...UNCANCELLED, deadline: call.signal })
      .createMessage("7", "n1", say(), 1),
    (reason) => reason === "stop",
  );
  await discord.waitFor(({ calls }) => calls.length === 1);
  call.abort("stop");
  await outcome;
  released.resolve();
  await discord.waitFor(({ calls }) => calls[0]?.status !== undefined);
});

Deno.test("calls leave no listener on the signals of the caller", async () => {
  await using world = await startWorld();
  const { discord } = world;
  const wait = new CountingSignal();
  const call = new CountingSignal();
  const client = world.client
    .within({ stop: wait.signal, deadline: call.signal });
  discord.fail("GET /users/@me", serverError());
  await fails(client.getCurrentUser());
  await client.getCurrentUser();
  assert.deepEqual([wait.listeners, call.listeners], [0, 0]);
  assert.deepEqual([wait.added, call.added], [2, 2]);
});

Deno.test("the end of the wait ends no call that is under way", async () => {
  await using world = await startWorld();
  const { discord } = world;
  const released = Promise.withResolvers<void>();
  discord.fail(ROUTE, hang(released.promise));
  const wait = new AbortController();
  const client = world.client.within({ ...UNCANCELLED, stop: wait.signal });
  const first = client.createMessage("7", "n1", say(), 1);
  await discord.waitFor(({ calls }) => calls.length === 1);
  // The second waits, since the first went alone into an unknown bucket.
  const second = assert.rejects(
    client.createMessage("7", "n2", say(), 1),
    (reason) => reason === "stop",
  );
  wait.abort("stop");
  await second;
  released.resolve();
  assert.equal(await first, discord.messages("7")[0]?.id);
  assert.equal(discord.calls.length, 1);
});

Deno.test("a call whose deadline is over when it was composed is not sent", async () => {
  await using world = await startWorld();
  const { client, discord } = world;
  const call = new AbortController();
  const within = { ...UNCANCELLED, deadline: call.signal };
  const compose = () => {
    call.abort("stop");
    return say()();
  };
  await assert.rejects(
    client.within(within).createMessage("7", "n1", compose, 1),
    (reason) => reason === "stop",
  );
  assert.deepEqual(discord.calls, []);
});

Deno.test("a message whose composing took five seconds is composed anew", async () => {
  const clock = new FakeClock();
  await using world = await startWorld({}, { clock });
  const { client, discord } = world;
  const contents = ["old", "new"];
  await client.createMessage(
    "7",
    "n1",
    async () => {
      const content = contents.shift() ?? "";
      // As if the process had been held still while it read.
      if (content === "old") await clock.advance(5000);
      return { content, embeds: undefined, buttons: [] };
    },
    1,
  );
  assert.deepEqual(
    discord.messages("7").map(({ content }) => content),
    ["new"],
  );
});

Deno.test("the five seconds count from the read that a message rests on", async () => {
  const clock = new FakeClock();
  await using world = await startWorld({}, { clock });
  const { client, discord } = world;
  await clock.advance(10_000);
  const id = await client.createMessage("7", "n1", say(), 1) ?? "";
  const readAtMs = [5000, 5001];
  const contents = ["old", "new"];
  const compose = () =>
    Promise.resolve({
      content: contents.shift() ?? "",
      embeds: undefined,
      buttons: [],
      readAtMs: readAtMs.shift() ?? 0,
    });
  assert.ok(await client.editMessage("7", id, compose, 1));
  assert.deepEqual(contents, []);
  assert.deepEqual(discord.messages("7").map(({ content }) => content), [
    "new",
  ]);
});

Deno.test("a message is composed anew if a refusal came up meanwhile", async () => {
  const clock = new FakeClock();
  await using world = await startWorld({}, { clock });
  const { client, discord } = world;
  const composing = Promise.withResolvers<void>();
  const contents = ["old", "new"];
  const composed: string[] = [];
  const posted = client.createMessage(
    "7",
    "n1",
    async () => {
      const content = contents.shift() ?? "";
      composed.push(content);
      if (content === "old") await composing.promise;
      return { content, embeds: undefined, buttons: [] };
    },
    1,
  );
  discord.fail("GET /users/@me", rateLimited(3, { scope: "global" }));
  await fails(client.getCurrentUser());
  composing.resolve();
  await clock.advance(3_000);
  assert.equal(discord.calls.length, 1);
  await clock.advance(50);
  await posted;
  assert.deepEqual(composed, ["old", "new"]);
  assert.deepEqual(
    discord.messages("7").map(({ content }) => content),
    ["new"],
  );
});

Deno.test("no secret and no URL in any error or log line", async () => {
  await using world = await startWorld();
  const { client, discord, logger } = world;
  const { token } = discord;
  const echo = JSON.stringify({
    message: `${token} ${discord.url} reason of a user`,
    code: 50035,
    errors: {
      [token]: { _errors: [{ code: token, message: token }] },
      content: { _errors: [{ code: `CODE ${token}`, message: token }] },
    },
  });
  const answers: Fault[] = [400, 401, 403, 404, 500].map((status) => ({
    kind: "answer",
    status,
    headers: { "x-echo": token, "x-ratelimit-scope": token },
    body: echo,
  }));
  const texts: string[] = [];
  for (const fault of [...faults.map(([, fault]) => fault), ...answers]) {
    // Each in a client of its own, since refusals hold up what follows.
    const fresh = clientWith({
      apiUrl: discord.url,
      token: () => new Secret(token),
      clock: systemClock,
      logger,
      cancellation: UNCANCELLED,
    });
    discord.fail(() => true, fault);
    const error = await fails(
      fresh.editMessage(
        "7",
        "8",
        say({ content: "reason of a user", embeds: undefined, buttons: [] }),
        1,
      ),
    );
    texts.push(Deno.inspect(error), `${error.stack}`, JSON.stringify(error));
  }
  const call = AbortSignal.abort("stop");
  await assert.rejects(
    client.within({ ...UNCANCELLED, deadline: call }).getCurrentUser(),
  );
  const port = `:${new URL(discord.url).port}`;
  for (const text of [...texts, logger.text]) {
    for (const secret of [token, "127.0.0.1", port, "reason of a user"]) {
      assert.ok(!text.includes(secret), `"${secret}" in ${text}`);
    }
  }
});

/** A signal that counts who listens to it. */
class CountingSignal {
  readonly signal = new AbortController().signal;
  added = 0;
  listeners = 0;

  constructor() {
    const { addEventListener, removeEventListener } = this.signal;
    this.signal.addEventListener = (
      ...args: Parameters<typeof addEventListener>
    ) => {
      this.added++;
      this.listeners++;
      addEventListener.apply(this.signal, args);
    };
    this.signal.removeEventListener = (
      ...args: Parameters<typeof removeEventListener>
    ) => {
      this.listeners--;
      removeEventListener.apply(this.signal, args);
    };
  }
}

/** Waits for the call to fail with a `DiscordApiError`, and returns it. */
async function fails(call: Promise<unknown>): Promise<DiscordApiError> {
  try {
    await call;
  } catch (error) {
    assert.ok(error instanceof DiscordApiError, Deno.inspect(error));
    return error;
  }
  throw new assert.AssertionError({ message: "The call went well" });
}

function clientFor(
  apiUrl: string,
  fetch?: typeof globalThis.fetch,
  clock = systemClock,
): DiscordClient {
  return clientWith({
    apiUrl,
    token: () => new Secret("a.b.c"),
    clock,
    logger: new MemoryLogger(),
    cancellation: UNCANCELLED,
    ...(fetch && { fetch }),
  });
}

Deno.test("a refused form names the fields that are at fault", async () => {
  await using world = await startWorld();
  const buttons = [{ label: "Review", url: "https://teleport:3080/1" }];
  const error = await fails(
    world.client.createMessage(
      "7",
      "n1",
      say({ content: "hello", embeds: undefined, buttons }),
      1,
    ),
  );
  assert.deepEqual(error.faults, ["components[0].components[0].url"]);
  assert.match(error.message, /URL_TYPE_INVALID_URL/);
});
