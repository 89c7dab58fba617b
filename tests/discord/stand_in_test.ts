import assert from "node:assert/strict";
import { FakeDiscord } from "../fakes/discord.ts";

const USER_AGENT = "DiscordBot (https://example.com, 1)";

interface Answer {
  readonly status: number;
  // deno-lint-ignore no-explicit-any -- Assertions look into answers of any shape.
  readonly body: any;
  readonly headers: Headers;
}

/** Calls the stand-in as `curl` would. */
async function call(
  discord: FakeDiscord,
  method: string,
  path: string,
  body?: unknown,
  headers: Record<string, string> = {},
): Promise<Answer> {
  const response = await fetch(`${discord.url}v10${path}`, {
    method,
    headers: {
      "user-agent": USER_AGENT,
      authorization: `Bot ${discord.token}`,
      ...headers,
    },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  return {
    status: response.status,
    body: text === "" ? undefined : JSON.parse(text),
    headers: response.headers,
  };
}

function start(): Promise<FakeDiscord> {
  return FakeDiscord.start({ channels: ["7"] });
}

const POST = ["POST", "/channels/7/messages"] as const;

Deno.test("the stand-in refuses as Discord does", async (t) => {
  await using discord = await start();
  const foreign = discord.api.addMessage("7", "42", { content: "a" });
  discord.channel("1", { view: false });
  discord.channel("2", { send: false });
  discord.channel("3", { type: 11, locked: true });
  discord.channel("4", { postRefusal: 50007 });
  const row = (button: unknown) => [{ type: 1, components: [button] }];
  const cases: readonly (readonly [
    string,
    readonly [string, string, unknown?, Record<string, string>?],
    number,
    number,
  ])[] = [
    [
      "a wrong token",
      ["GET", "/users/@me", undefined, {
        authorization: "Bot x",
      }],
      401,
      0,
    ],
    [
      "a token without Bot",
      ["GET", "/users/@me", undefined, {
        authorization: discord.token,
      }],
      401,
      0,
    ],
    [
      "a wrong User-Agent",
      ["GET", "/users/@me", undefined, {
        "user-agent": "curl/8",
      }],
      403,
      40333,
    ],
    ["an unknown route", ["GET", "/nothing"], 404, 0],
    ["an unknown channel", ["GET", "/channels/99"], 404, 10003],
    ["an unknown message", ["PATCH", "/channels/7/messages/1", {}], 404, 10008],
    ["a hidden channel", ["GET", "/channels/1"], 403, 50001],
    [
      "no permission to send",
      ["POST", "/channels/2/messages", {
        content: "a",
      }],
      403,
      50013,
    ],
    [
      "a locked thread",
      ["POST", "/channels/3/messages", {
        content: "a",
      }],
      400,
      160005,
    ],
    [
      "a user who takes no messages",
      ["POST", "/channels/4/messages", {
        content: "a",
      }],
      403,
      50007,
    ],
    [
      "a foreign message",
      ["PATCH", `/channels/7/messages/${foreign.id}`, {
        content: "b",
      }],
      403,
      50005,
    ],
    ["an empty message", [...POST, { content: " " }], 400, 50006],
    ["a long content", [...POST, { content: "x".repeat(2_001) }], 400, 50035],
    [
      "eleven embeds",
      [...POST, {
        embeds: Array(11).fill({ title: "a" }),
      }],
      400,
      50035,
    ],
    [
      "6 001 characters of embeds",
      [...POST, {
        embeds: [
          { description: "x".repeat(4_000) },
          { description: "x".repeat(2_001) },
        ],
      }],
      400,
      50035,
    ],
    [
      "a long title",
      [...POST, {
        embeds: [{ title: "x".repeat(257) }],
      }],
      400,
      50035,
    ],
    [
      "a link button without a link",
      [...POST, {
        content: "a",
        components: row({ type: 2, style: 5, label: "a", url: "ftp://a" }),
      }],
      400,
      50035,
    ],
    [
      "a long nonce",
      [...POST, {
        content: "a",
        nonce: "n".repeat(26),
      }],
      400,
      50035,
    ],
  ];
  for (const [name, request, status, code] of cases) {
    await t.step(name, async () => {
      const [method, path, body, headers] = request;
      const answer = await call(discord, method, path, body, headers);
      assert.deepEqual([answer.status, answer.body.code], [status, code]);
    });
  }
});

Deno.test("the stand-in wants a version in the path", async () => {
  await using discord = await start();
  const response = await fetch(`${discord.url}users/@me`);
  assert.equal((await response.json()).code, 50041);
});

Deno.test("texts are trimmed and IDs grow", async () => {
  await using discord = await start();
  const first = await call(discord, ...POST, { content: " a\n" });
  const second = await call(discord, ...POST, { content: "b" });
  assert.equal(discord.messages("7")[0]?.content, "a");
  assert.ok(BigInt(first.body.id) < BigInt(second.body.id));
});

Deno.test("a nonce is remembered for a while, with the first message as it is now", async () => {
  let nowMs = Date.UTC(2026, 0, 1);
  await using discord = await FakeDiscord.start({
    channels: ["7", "8"],
    nonceWindowMs: 1_000,
    now: () => nowMs,
  });
  const body = { content: "a", nonce: "n", enforce_nonce: true };
  const first = await call(discord, ...POST, body);
  const path = `/channels/7/messages/${first.body.id}`;
  await call(discord, "PATCH", path, { content: "b" });
  const again = await call(discord, ...POST, { ...body, content: "c" });
  assert.deepEqual([again.body.id, again.body.content], [first.body.id, "b"]);
  assert.deepEqual(
    discord.messages("7")[0]?.earlier.map(({ content }) => content),
    ["a"],
  );
  const elsewhere = await call(discord, "POST", "/channels/8/messages", body);
  assert.notEqual(elsewhere.body.id, first.body.id);
  discord.api.deleteMessage(first.body.id);
  const gone = await call(discord, ...POST, body);
  assert.deepEqual([gone.status, gone.body.code], [404, 10008]);
  nowMs += 1_001;
  const later = await call(discord, ...POST, body);
  assert.notEqual(later.body.id, first.body.id);
});

Deno.test("embeds vanish without EMBED_LINKS, lists without history", async () => {
  await using discord = await start();
  discord.channel("7", { embedLinks: false, history: false });
  const answer = await call(discord, ...POST, {
    content: "a",
    embeds: [{ title: "b" }],
  });
  assert.deepEqual([answer.status, answer.body.embeds], [200, []]);
  const list = await call(discord, "GET", "/channels/7/messages");
  assert.deepEqual(list.body, []);
});

Deno.test("a post takes a thread out of the archive", async () => {
  await using discord = await start();
  const { id } = discord.api.addMessage("7", discord.bot.id, { content: "a" });
  const path = `/channels/7/messages/${id}`;
  const thread = discord.channel("7", { type: 11, archived: true });
  const refused = await call(discord, "PATCH", path, { content: "b" });
  assert.deepEqual([refused.status, refused.body.code], [400, 50083]);
  await call(discord, ...POST, { content: "c" });
  assert.equal(thread.archived, false);
  assert.equal((await call(discord, "DELETE", path)).status, 204);
  assert.equal((await call(discord, "GET", path)).body.code, 10008);
});

Deno.test("a thread at a message that is not the last one is told in the channel", async () => {
  await using discord = await start();
  const add = (content: string) =>
    discord.api.addMessage("7", discord.bot.id, { content }).id;
  const name = { name: "alice: dev" };
  const early = add("early");
  await call(discord, "POST", `/channels/7/messages/${early}/threads`, name);
  const contents = () => discord.messages("7").map(({ content }) => content);
  assert.deepEqual(contents(), ["early"]);
  const late = add("late");
  add("newer");
  await call(discord, "POST", `/channels/7/messages/${late}/threads`, name);
  assert.deepEqual(contents(), ["early", "late", "newer", "alice: dev"]);
  const { body } = await call(discord, "GET", "/channels/7/messages");
  assert.equal(body[0].type, 18);
});

Deno.test("limits are announced and enforced", async () => {
  let nowMs = Date.UTC(2026, 0, 1);
  await using discord = await FakeDiscord.start({
    channels: ["7", "8"],
    limits: { posts: { limit: 2, perMs: 5_000 }, global: 4 },
    now: () => nowMs,
  });
  const body = { content: "a" };
  const first = await call(discord, ...POST, body);
  assert.equal(first.headers.get("x-ratelimit-remaining"), "1");
  assert.equal(first.headers.get("x-ratelimit-reset-after"), "5.000");
  await call(discord, ...POST, body);
  nowMs += 600;
  const third = await call(discord, ...POST, body);
  assert.equal(third.status, 429);
  assert.equal(third.body.retry_after, 4.4);
  assert.equal(third.headers.get("retry-after"), "5");
  assert.equal(third.headers.get("x-ratelimit-scope"), "user");
  const elsewhere = await call(discord, "POST", "/channels/8/messages", body);
  assert.equal(elsewhere.status, 200);
  const fifth = await call(discord, "GET", "/users/@me");
  assert.deepEqual(
    [fifth.status, fifth.body.global, fifth.body.retry_after],
    [429, true, 0.4],
  );
  nowMs += 4_400;
  assert.equal((await call(discord, ...POST, body)).status, 200);
});
