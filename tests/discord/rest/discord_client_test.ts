import assert from "node:assert/strict";
import { endedBy } from "../../../src/lib/async/cancellation.ts";
import { systemClock } from "../../../src/lib/async/clock.ts";
import { VERSION } from "../../../src/lib/build.ts";
import { Secret } from "../../../src/lib/secret.ts";
import { FakeDiscord, lostAnswer, refused } from "../../fakes/discord.ts";
import { MemoryLogger } from "../../fakes/logger.ts";
import { clientWith, HELLO, say, startWorld, UNCANCELLED } from "../world.ts";

const FULL = {
  content: "*Reviews*: ✅ 1",
  embeds: [{ title: "Approved", color: 0x00ff00, author: { name: "bob" } }],
  buttons: [{ label: "Open", url: "https://teleport.example.com/web/1" }],
};

Deno.test("getCurrentUser() names the bot, and calls say who they are", async () => {
  await using world = await startWorld();
  const { client, discord } = world;
  assert.deepEqual(await client.getCurrentUser(), discord.bot);
  const [call] = discord.calls;
  assert.equal(call?.name, "GET /users/@me");
  assert.equal(call?.headers.get("authorization"), `Bot ${discord.token}`);
  const [, version] = /^DiscordBot \(https:\/\/\S+, (\S+)\)$/
    .exec(call?.headers.get("user-agent") ?? "") ?? [];
  assert.equal(version, VERSION);
});

for (
  const [suffix, expected] of [
    ["", "/api/v10/users/@me"],
    ["/", "/api/v10/users/@me"],
    ["/v9", "/api/v9/users/@me"],
    ["/v10/", "/api/v10/users/@me"],
  ] as const
) {
  Deno.test(`an API at "…/api${suffix}" is called at ${expected}`, async () => {
    const urls: string[] = [];
    const client = clientWith({
      apiUrl: `https://discord.example/api${suffix}`,
      token: () => new Secret("a.b.c"),
      clock: systemClock,
      logger: new MemoryLogger(),
      cancellation: UNCANCELLED,
      fetch: (url) => {
        urls.push(`${url}`);
        return Promise.resolve(Response.json({ id: "1", username: "bot" }));
      },
    });
    await client.getCurrentUser();
    assert.deepEqual(urls, [`https://discord.example${expected}`]);
  });
}

Deno.test("createMessage() posts a message that pings nobody, once for each nonce", async () => {
  await using world = await startWorld();
  const { client, discord } = world;
  const id = await client.createMessage("7", "n1", say(FULL), 1);
  assert.equal(discord.callNames[0], "POST /channels/7/messages");
  assert.deepEqual(discord.calls[0]?.body, {
    content: FULL.content,
    embeds: FULL.embeds,
    components: [{
      type: 1,
      components: [{ type: 2, style: 5, ...FULL.buttons[0] }],
    }],
    allowed_mentions: { parse: [] },
    nonce: "n1",
    enforce_nonce: true,
  });
  const again = await client.createMessage("7", "n1", say(), 1);
  assert.equal(again, id);
  assert.deepEqual(
    discord.messages("7").map(({ content }) => content),
    [FULL.content],
  );
});

Deno.test("createMessage() leaves out what there is not", async () => {
  await using world = await startWorld();
  await world.client.createMessage("7", "n1", say(), 1);
  assert.deepEqual(world.discord.calls[0]?.body, {
    content: "hello",
    allowed_mentions: { parse: [] },
    nonce: "n1",
    enforce_nonce: true,
  });
});

Deno.test("editMessage() replaces content and buttons, and embeds if they are known", async () => {
  await using world = await startWorld();
  const { client, discord } = world;
  const id = await client.createMessage("7", "n1", say(FULL), 1) ?? "";
  assert.equal(await client.editMessage("7", id, say(), 1), true);
  assert.equal(discord.callNames[1], `PATCH /channels/7/messages/${id}`);
  assert.deepEqual(discord.calls[1]?.body, {
    content: "hello",
    components: [],
    allowed_mentions: { parse: [] },
  });
  const [edited] = discord.messages("7");
  assert.deepEqual(edited?.embeds, FULL.embeds);
  assert.deepEqual(edited?.components, []);
  await client.editMessage("7", id, say({ ...HELLO, embeds: [] }), 1);
  assert.deepEqual(discord.messages("7")[0]?.embeds, []);
});

Deno.test("nothing is sent if there is nothing to say any more", async () => {
  await using world = await startWorld();
  const { client, discord } = world;
  const silent = () => Promise.resolve(undefined);
  assert.equal(await client.createMessage("7", "n1", silent, 1), undefined);
  assert.equal(await client.editMessage("7", "1", silent, 1), false);
  assert.deepEqual(discord.calls, []);
});

Deno.test("a compose() that fails is no call and gives the slot back", async () => {
  await using world = await startWorld();
  const { client, discord } = world;
  const fault = new Error("no plugin data");
  const failing = () => Promise.reject(fault);
  await assert.rejects(client.createMessage("7", "n1", failing, 1), fault);
  await client.createMessage("7", "n1", say(), 1);
  assert.equal(discord.calls.length, 1);
});

Deno.test("listMessages() lists newest first, before a snowflake", async () => {
  await using world = await startWorld();
  const { client, discord } = world;
  const stored = ["a", "b", "c"].map((content) =>
    discord.api.addMessage("7", discord.bot.id, { content }, undefined, "6")
  );
  const found = await client.listMessages("7", {});
  assert.deepEqual(
    found,
    stored.toReversed().map(({ id, content }) => ({
      id,
      content,
      authorId: discord.bot.id,
    })),
  );
  const [first, second] = stored;
  const newer = await client.listMessages("7", { after: `${first?.id}` });
  assert.equal(newer.length, stored.length - 1);
  const older = await client.listMessages("7", { before: `${second?.id}` });
  assert.deepEqual(older.map(({ content }) => content), ["a"]);
  assert.deepEqual(discord.calls.map(({ query }) => query), [
    { limit: "100" },
    { limit: "100", after: first?.id },
    { limit: "100", before: second?.id },
  ]);
});

Deno.test("listMessages() reads a hundred messages, however long they are", async () => {
  await using world = await startWorld();
  const { client, discord } = world;
  const [content, description] = ["한".repeat(2000), "글".repeat(4000)];
  for (let i = 0; i < 100; i++) {
    const { id } = discord.bot;
    const message = { content, embeds: [{ description }] };
    discord.api.addMessage("7", id, message, undefined, "6");
  }
  const found = await client.listMessages("7", {});
  assert.equal(found.length, 100);
});

Deno.test("getChannel() tells the name and the last message, if there is any", async () => {
  await using world = await startWorld();
  const { client, discord } = world;
  assert.deepEqual(await client.getChannel("7"), {
    name: "channel-7",
    lastMessageId: undefined,
    guildId: "1",
    forum: undefined,
  });
  const { id } = discord.api.addMessage("7", "1", { content: "a" });
  const channel = await client.getChannel("7");
  assert.equal(channel.lastMessageId, id);
});

Deno.test("openDirectMessage() opens the same channel each time", async () => {
  await using world = await startWorld();
  const { client, discord } = world;
  const id = await client.openDirectMessage("1234");
  assert.equal(await client.openDirectMessage("1234"), id);
  await client.createMessage(id, "n1", say(), 1);
  assert.equal(discord.messages(id).length, 1);
  assert.equal((await client.getChannel(id)).name, "");
});

Deno.test("unarchiveThread() makes messages of a thread editable", async () => {
  await using world = await startWorld();
  const { client, discord } = world;
  const id = await client.createMessage("7", "n1", say(), 1) ?? "";
  discord.channel("7", { type: 11, archived: true });
  await assert.rejects(
    client.editMessage("7", id, say(FULL), 1),
    { status: 400, code: 50083 },
  );
  await client.unarchiveThread("7");
  await client.editMessage("7", id, say(FULL), 1);
  assert.equal(discord.messages("7")[0]?.content, FULL.content);
});

Deno.test("createThread() makes a thread under the ID of its message, once", async () => {
  await using world = await startWorld();
  const { client, discord } = world;
  const id = await client.createMessage("7", "n1", say(), 1) ?? "";
  await client.createThread("7", id, "alice: dev", 1);
  assert.equal((await client.getChannel(id)).name, "alice: dev");
  await assert.rejects(
    client.createThread("7", id, "alice: dev", 1),
    { status: 400, code: 160004 },
  );
  await client.createMessage(id, "n2", say(), 1);
  assert.equal(discord.messages(id).length, 1);
});

Deno.test("archiveThread() closes a thread, which the next message opens", async () => {
  await using world = await startWorld();
  const { client, discord } = world;
  const id = await client.createMessage("7", "n1", say(), 1) ?? "";
  await client.createThread("7", id, "alice: dev", 1);
  await client.archiveThread(id);
  assert.equal(discord.api.channels.get(id)?.archived, true);
  await client.createMessage(id, "n2", say(), 1);
  assert.equal(discord.api.channels.get(id)?.archived, false);
});

Deno.test("getChannel() tells the tags of a forum, and whether it demands one", async () => {
  await using world = await startWorld();
  const { client, discord } = world;
  for (const type of [15, 16]) {
    discord.channel("9", {
      type,
      requiresTag: true,
      tags: [{ id: "31", name: "Pending", moderated: true }],
    });
    const { forum } = await client.getChannel("9");
    assert.deepEqual(forum, {
      id: "9",
      guildId: "1",
      tags: [{ id: "31", name: "Pending", isModerated: true }],
      requiresTag: true,
    });
  }
});

Deno.test("createPost() makes a post whose first message can be edited, each time a new one", async () => {
  await using world = await startWorld();
  const { client, discord } = world;
  discord.channel("9", {
    type: 15,
    tags: [{ id: "31", name: "Pending", moderated: false }],
  });
  await assert.rejects(
    client.createMessage("9", "n1", say(), 1),
    { status: 400, code: 40058, refused: true },
  );
  const message = { ...FULL, alerts: ["role:5"] };
  const compose = () =>
    Promise.resolve({ name: "alice: dev", tags: ["31"], message });
  const id = await client.createPost("9", compose, 1) ?? "";
  const { body } = discord.calls.at(-1) ?? assert.fail();
  assert.deepEqual(body, {
    name: "alice: dev",
    applied_tags: ["31"],
    message: {
      content: FULL.content,
      embeds: FULL.embeds,
      components: [{
        type: 1,
        components: [{
          type: 2,
          style: 5,
          label: "Open",
          url: "https://teleport.example.com/web/1",
        }],
      }],
      allowed_mentions: { parse: [], roles: ["5"] },
    },
  });
  const [first] = discord.messages(id);
  assert.equal(first?.id, id);
  await client.editMessage(id, id, say({ ...HELLO, content: "edited" }), 1);
  assert.equal(discord.messages(id)[0]?.content, "edited");
  const other = await client.createPost("9", compose, 1);
  assert.notEqual(other, id);
  assert.equal(
    await client.createPost("9", () => Promise.resolve(undefined), 1),
    undefined,
  );
});

Deno.test("posts are listed with their forum, who made them, and when they were archived", async () => {
  await using world = await startWorld();
  const { client, discord } = world;
  discord.channel("9", { type: 15 });
  const make = async (name: string) =>
    await client.createPost(
      "9",
      () => Promise.resolve({ name, tags: [], message: HELLO }),
      1,
    ) ?? "";
  const [old, closed, open] = [
    await make("old"),
    await make("closed"),
    await make("open"),
  ];
  await client.archiveThread(old);
  discord.channel(old, { archivedMs: 1000 });
  await client.archiveThread(closed);
  const active = await client.listActivePosts("1");
  assert.deepEqual(
    active.map((
      { id, name, parentId, ownerId },
    ) => [id, name, parentId, ownerId]),
    [[open, "open", "9", discord.bot.id]],
  );
  const archived = await client.listArchivedPosts("9", undefined);
  assert.deepEqual(archived.map(({ id }) => id), [closed, old]);
  assert.equal(archived[1]?.archivedAt, "1970-01-01T00:00:01.000Z");
  const { archivedAt } = archived[0] ?? assert.fail();
  const before = await client.listArchivedPosts("9", archivedAt);
  assert.deepEqual(before.map(({ id }) => id), [old]);
});

Deno.test("setPostTags() takes a post out of the archive and sets its tags", async () => {
  await using world = await startWorld();
  const { client, discord } = world;
  discord.channel("9", {
    type: 15,
    tags: [
      { id: "31", name: "Pending", moderated: false },
      { id: "32", name: "Approved", moderated: false },
      { id: "33", name: "Denied", moderated: true },
    ],
  });
  const id = await client.createPost(
    "9",
    () => Promise.resolve({ name: "a", tags: ["31"], message: HELLO }),
    1,
  ) ?? "";
  await client.archiveThread(id);
  await client.setPostTags(id, ["32"]);
  assert.deepEqual(await client.getPostTags(id), ["32"]);
  assert.equal(discord.api.channels.get(id)?.archived, false);
  await assert.rejects(client.setPostTags(id, ["33"]), {
    status: 403,
    code: 50013,
  });
});

Deno.test("the token is asked for before each call", async () => {
  await using discord = await FakeDiscord.start();
  let token = "revoked";
  const client = clientWith({
    apiUrl: discord.url,
    token: () => new Secret(token),
    clock: systemClock,
    logger: new MemoryLogger(),
    cancellation: UNCANCELLED,
  });
  await assert.rejects(
    client.getCurrentUser(),
    { status: 401, code: 0, refused: true },
  );
  token = discord.token;
  assert.deepEqual(await client.getCurrentUser(), discord.bot);
});

Deno.test("a burst keeps Discord's limits on a real clock", async () => {
  await using world = await startWorld({
    limits: { posts: { limit: 5, perMs: 200 }, global: 50 },
  });
  const { client, discord } = world;
  const posts = Array.from(
    { length: 15 },
    (_, n) => client.createMessage("7", `n${n}`, say(), n),
  );
  await Promise.all(posts);
  assert.ok(discord.calls.every(({ status }) => status === 200));
});

Deno.test("waits and calls are told by route and status, and no ID is told", async () => {
  const waits: string[] = [];
  const calls: string[] = [];
  await using world = await startWorld({}, {
    onSlot: (route) => waits.push(route),
    onCall: (route, status) => calls.push(`${route} ${status}`),
  });
  const { client, discord } = world;
  const post = () => client.createMessage("7", "n1", say(), 1);
  for (const fault of [refused(403, 50013), lostAnswer]) {
    discord.fail("POST /channels/:id/messages", fault);
    await assert.rejects(post());
  }
  await post();
  const stopped = AbortSignal.abort(new DOMException("Stopped", "AbortError"));
  await assert.rejects(client.within(endedBy(stopped)).getChannel("7"));
  const route = "POST /channels/:id/messages";
  assert.deepEqual(calls, [`${route} 403`, `${route} none`, `${route} 200`]);
  assert.deepEqual(waits, [route, route, route, "GET /channels/:id"]);
});
