import assert from "node:assert/strict";
import { DiscordInspector } from "../../src/discord/inspector.ts";
import { DiscordApiError } from "../../src/ports/discord_error.ts";
import { addMember, newGuild } from "../fakes/discord_guilds.ts";
import { say, startWorld, type World } from "./world.ts";

interface InspectedWorld extends World {
  readonly inspector: DiscordInspector;
}

async function start(): Promise<InspectedWorld> {
  const world = await startWorld();
  const inspector = new DiscordInspector(world.client);
  return { ...world, inspector };
}

Deno.test("getChannel() reads overwrites, and of threads where they hang", async () => {
  await using world = await start();
  const { discord, inspector } = world;
  const deny = 1n << 40n;
  discord.channel("7", {
    name: "requests",
    overwrites: [{ id: "20", type: 0, allow: 1024n, deny }],
  });
  discord.channel("8", {
    type: 11,
    name: "thread",
    parentId: "7",
    locked: true,
  });
  assert.deepEqual(await inspector.getChannel("7"), {
    type: 0,
    name: "requests",
    guildId: "1",
    parentId: undefined,
    overwrites: [{ kind: "role", id: "20", allow: 1024n, deny }],
    isArchived: false,
    isLocked: false,
    forum: undefined,
  });
  const thread = await inspector.getChannel("8");
  assert.deepEqual([thread.parentId, thread.isLocked], ["7", true]);
});

Deno.test("servers, members and users are read as they are", async () => {
  await using world = await start();
  const { discord, inspector } = world;
  const guild = newGuild("5", "Example");
  guild.roles.push({
    id: "20",
    name: "bots",
    permissions: 2n ** 60n,
    mentionable: true,
  });
  discord.api.guilds.set("5", guild);
  const member = addMember(guild, discord.bot.id, ["20"]);
  member.silencedUntil = "2026-03-02T09:00:00.000000+00:00";
  discord.api.users.set("42", { id: "42", username: "alice", bot: false });

  const read = await inspector.getGuild("5");
  assert.deepEqual([read.name, read.ownerId], ["Example", "2"]);
  assert.deepEqual(read.roles[1], guild.roles[1]);
  assert.deepEqual(
    await inspector.getMember("5", discord.bot.id),
    {
      userId: discord.bot.id,
      roleIds: ["20"],
      silencedUntil: new Date("2026-03-02T09:00:00Z"),
    },
  );
  assert.deepEqual(await inspector.getUser("42"), {
    username: "alice",
    isBot: false,
  });
  assert.deepEqual(await inspector.listGuilds(), [
    { id: "1", name: "server-1" },
    { id: "5", name: "Example" },
  ]);
});

Deno.test("what is not there, or not seen, is refused", async () => {
  await using world = await start();
  const { discord, inspector } = world;
  discord.channel("7", { view: false });
  discord.api.guilds.set("5", newGuild("5"));
  discord.api.users.set("42", { id: "42", username: "alice", bot: false });
  const code = async (call: Promise<unknown>) => {
    const error = await call.then(() => undefined, (reason) => reason);
    assert.ok(error instanceof DiscordApiError, `${error}`);
    return error.code;
  };
  assert.equal(await code(inspector.getChannel("7")), 50001);
  assert.equal(await code(inspector.getChannel("9")), 10003);
  assert.equal(await code(inspector.getGuild("5")), 10004);
  assert.equal(await code(inspector.getMember("1", "42")), 10007);
  assert.equal(await code(inspector.getUser("43")), 10013);
});

Deno.test("an answer that lacks what it should have is an error, not a guess", async (t) => {
  await using world = await start();
  const { discord, inspector } = world;
  const good = { id: "1", name: "x", owner_id: "2" };
  const everyone = { id: "1", name: "@everyone", permissions: "8" };
  const calls: Readonly<Record<string, readonly [string, unknown[]]>> = {
    getChannel: ["GET /channels/:id", [
      [],
      { id: "7" },
      { id: 7, type: 0 },
      { id: "../7", type: 0 },
    ]],
    getGuild: ["GET /guilds/:id", [
      {},
      good,
      { ...good, roles: [{ ...everyone, permissions: 8 }] },
      { ...good, roles: [{ ...everyone, id: "2" }] },
    ]],
    getMember: ["GET /guilds/:id/members/:id", [{}, { roles: "1" }]],
    getUser: ["GET /users/:id", [{}, { id: 1 }]],
    listGuilds: ["GET /users/@me/guilds", [{}, "x"]],
    getApplication: ["GET /applications/@me", ["x", {}]],
    sessionsLeft: ["GET /gateway/bot", [{}, { session_start_limit: {} }]],
  };
  for (const [method, [route, answers]] of Object.entries(calls)) {
    for (const answer of answers) {
      await t.step(`${method}: ${JSON.stringify(answer)}`, async () => {
        discord.fail(route, {
          kind: "answer",
          status: 200,
          headers: { "content-type": "application/json" },
          body: JSON.stringify(answer),
        });
        const call = {
          getChannel: () => inspector.getChannel("7"),
          getGuild: () => inspector.getGuild("1"),
          getMember: () => inspector.getMember("1", "2"),
          getUser: () => inspector.getUser("2"),
          listGuilds: () => inspector.listGuilds(),
          getApplication: () => inspector.getApplication(),
          sessionsLeft: () => inspector.sessionsLeft(),
        }[method];
        await assert.rejects(call?.() ?? Promise.resolve(), /incomplete/);
      });
    }
  }
});

Deno.test("deleteMessage() removes a message of the bot, and no other", async () => {
  await using world = await start();
  const { client, discord } = world;
  const id = await client.createMessage("7", "n", say(), 1) ?? "";
  await client.deleteMessage("7", id);
  assert.deepEqual(discord.messages("7"), []);
  const foreign = discord.api.addMessage("7", "42", { content: "a" });
  await assert.rejects(
    client.deleteMessage("7", foreign.id),
    { status: 403, code: 50013 },
  );
});
