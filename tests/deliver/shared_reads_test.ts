import assert from "node:assert/strict";
import { findMessage } from "../../src/deliver/places/search_channel.ts";
import { findPost } from "../../src/deliver/places/search_forum.ts";
import { sharedReads } from "../../src/deliver/places/shared_reads.ts";
import { UNCANCELLED } from "../discord/world.ts";
import { FakeClock } from "../fakes/clock.ts";
import { MemoryDiscord, messengerOf } from "../fakes/memory_discord.ts";
import { CREATED } from "../fakes/samples.ts";

const CHANNEL = "801";
const SEARCH = `GET /channels/${CHANNEL}/messages`;

Deno.test("searches beside each other share what they read", async () => {
  const discord = new MemoryDiscord(new FakeClock(CREATED.getTime()));
  const messenger = sharedReads(messengerOf(discord, UNCANCELLED));
  const ids = Array.from({ length: 20 }, (_, i) =>
    discord.add(CHANNEL, {
      content: `${i}`,
      postedMs: CREATED.getTime() + i * 60_000 + 1,
    }).id);
  const search = (i: number) =>
    findMessage(CHANNEL, {
      messenger,
      // Each begins elsewhere, and behind the last of them nothing is to be found.
      start: {
        from: new Date(CREATED.getTime() + i * 60_000 + 60_000),
        isCertain: true,
      },
      isWanted: ({ content }) => content === `${i}`,
      mayReadHistory: () => Promise.resolve(true),
    });
  const found = await Promise.all(ids.map((_, i) => search(i)));
  assert.deepEqual(
    found,
    ids.map((messageId) => ({ kind: "found", messageId })),
  );
  assert.equal(discord.script.made(SEARCH).length, 1);
});

Deno.test("searches of a forum beside each other share its lists", async () => {
  const discord = new MemoryDiscord(new FakeClock(CREATED.getTime()));
  const messenger = sharedReads(messengerOf(discord, UNCANCELLED));
  const search = (requestId: string) =>
    findPost({ id: CHANNEL, guildId: "1" }, requestId, "2", {
      messenger,
      start: { from: CREATED, isCertain: true },
      isWanted: () => true,
      mayReadHistory: () => Promise.resolve(true),
    });
  const found = await Promise.all(["r1", "r2", "r3"].map(search));
  assert.deepEqual(found, found.map(() => ({ kind: "absent" })));
  for (
    const call of [
      "GET /guilds/1/threads/active",
      `GET /channels/${CHANNEL}/threads/archived/public`,
    ]
  ) assert.equal(discord.script.made(call).length, 1, call);
});

Deno.test("who asks while a shared call is under way gets a newer answer", async () => {
  const discord = new MemoryDiscord(new FakeClock(CREATED.getTime()));
  const held = Promise.withResolvers<void>();
  let made = 0;
  const own = messengerOf(discord, UNCANCELLED);
  const messenger = sharedReads({
    ...own,
    listMessages: async (...args) => {
      const list = await own.listMessages(...args);
      if (made++ === 0) await held.promise;
      return list;
    },
  });
  const list = () => messenger.listMessages(CHANNEL, { after: "0" });
  const first = list();
  while (made === 0) await Promise.resolve();
  const { id } = discord.add(CHANNEL);
  const others = [list(), list()];
  held.resolve();
  assert.deepEqual(await first, []);
  for (const messages of await Promise.all(others)) {
    assert.deepEqual(messages.map((message) => message.id), [id]);
  }
  assert.equal(made, 2);
});

Deno.test("a full page serves only those who asked from its beginning", async () => {
  const discord = new MemoryDiscord(new FakeClock(CREATED.getTime()));
  const messenger = sharedReads(messengerOf(discord, UNCANCELLED));
  const ids = Array.from(
    { length: 150 },
    (_, i) =>
      discord.add(CHANNEL, { postedMs: CREATED.getTime() + i * 1000 }).id,
  );
  const list = (after = "0") => messenger.listMessages(CHANNEL, { after });
  const [all, late] = await Promise.all([list(), list(ids[119])]);
  assert.equal(all?.length, 100);
  assert.equal(late?.length, 30);
});

Deno.test("a shared call that fails, fails for all, and the next is another", async () => {
  let made = 0;
  const fail = () => Promise.reject(new Error(`${++made}`));
  const messenger = sharedReads({
    listMessages: fail,
    getChannel: fail,
    listActivePosts: fail,
    listArchivedPosts: fail,
  });
  const list = () => messenger.listMessages(CHANNEL, { after: "0" });
  for (const answer of [list(), list()]) {
    await assert.rejects(answer, /^Error: 1$/);
  }
  await assert.rejects(list(), /^Error: 2$/);
});
