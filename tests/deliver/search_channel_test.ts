import assert from "node:assert/strict";
import {
  findMessage,
  type SearchStart,
} from "../../src/deliver/places/search_channel.ts";
import { snowflakeAt } from "../../src/deliver/due/snowflake.ts";
import { isAnnouncementOf } from "../../src/message/announcement_message.ts";
import { threadName } from "../../src/message/thread_message.ts";
import { UNCANCELLED } from "../discord/world.ts";
import { FakeClock } from "../fakes/clock.ts";
import {
  BOT_ID,
  MemoryDiscord,
  messengerOf,
  PERSON_ID,
} from "../fakes/memory_discord.ts";
import { announce, CREATED } from "../fakes/samples.ts";

const CHANNEL = "801";
const SEARCH = `GET /channels/${CHANNEL}/messages`;
const ANNOUNCEMENT = "You have a new Role Request:\n*ID*: r1\n*Cluster*: a";

function setUp(start: SearchStart = { from: CREATED, isCertain: true }) {
  const discord = new MemoryDiscord(new FakeClock(CREATED.getTime()));
  return {
    discord,
    search: () =>
      findMessage(CHANNEL, {
        messenger: messengerOf(discord, UNCANCELLED),
        start,
        isWanted: ({ authorId, content }) =>
          authorId === BOT_ID && isAnnouncementOf(content, "r1"),
        mayReadHistory: () => Promise.resolve(discord.readsHistory),
      }),
    /** Adds a message of somebody at a time after the creation of the request. */
    add: (content: string, afterMs = 0, authorId = BOT_ID) =>
      discord.add(CHANNEL, {
        content,
        authorId,
        postedMs: CREATED.getTime() + afterMs,
      }),
  };
}

Deno.test("a time has a least snowflake", { permissions: "none" }, () => {
  // Source: Discord developer docs, "Snowflakes": the example is from 2016-04-30 11:18:25.796 UTC.
  const ms = Date.UTC(2016, 3, 30, 11, 18, 25, 796);
  assert.equal(snowflakeAt(ms), 175928847299117063n >> 22n << 22n);
});

Deno.test("the announcement of the request is found among others", async () => {
  const { search, add } = setUp();
  add("hello", 0, PERSON_ID);
  const { id } = add(ANNOUNCEMENT, 1000);
  add("You have a new Role Request:\n*ID*: r10\n", 2000);
  add(`${ANNOUNCEMENT.replace("You have", "We had")}`, 3000);
  assert.deepEqual(await search(), { kind: "found", messageId: id });
});

for (const title of ["Role", "Resource"]) {
  Deno.test(`an announcement of a ${title} Request is one`, async () => {
    const { search, add } = setUp();
    const { id } = add(`You have a new ${title} Request:\n*ID*: r1\n`, 1);
    assert.deepEqual(await search(), { kind: "found", messageId: id });
  });
}

Deno.test("somebody else's copy of an announcement is not one", async () => {
  const { search, add } = setUp();
  add(ANNOUNCEMENT, 1000, PERSON_ID);
  assert.deepEqual(await search(), { kind: "absent" });
});

Deno.test("what Discord says of a thread that was made late is not one", async () => {
  const { search, add } = setUp();
  const { id } = add(ANNOUNCEMENT, 1000);
  // A message of type 18, by the bot: the name of the thread.
  add(threadName(announce({ requestId: "r1" }), false), 2000);
  assert.deepEqual(await search(), { kind: "found", messageId: id });
});

Deno.test("of several the newest is found", async () => {
  const { search, add } = setUp();
  add(ANNOUNCEMENT, 1000);
  const { id } = add(ANNOUNCEMENT, 2000);
  assert.deepEqual(await search(), { kind: "found", messageId: id });
});

Deno.test("whatever was written since, a message soon after the request is found by one page", async () => {
  const { discord, search, add } = setUp();
  const { id } = add(ANNOUNCEMENT);
  for (let i = 1; i <= 600; i++) add("hello", i, PERSON_ID);
  assert.deepEqual(await search(), { kind: "found", messageId: id });
  assert.equal(discord.script.made(SEARCH).length, 1);
});

Deno.test("a search goes on page by page, each newer than the one before", async () => {
  const { discord, search, add } = setUp();
  for (let i = 1; i <= 450; i++) add("hello", i, PERSON_ID);
  const { id } = add(ANNOUNCEMENT, 451);
  for (let i = 452; i <= 2000; i++) add("hello", i, PERSON_ID);
  assert.deepEqual(await search(), { kind: "found", messageId: id });
  assert.equal(discord.script.made(SEARCH).length, 5);
});

Deno.test("a message that came late is found among the newest", async () => {
  const { discord, search, add } = setUp();
  for (let i = 1; i <= 2000; i++) add("hello", i, PERSON_ID);
  const { id } = add(ANNOUNCEMENT, 2001);
  for (let i = 2002; i <= 2400; i++) add("hello", i, PERSON_ID);
  assert.deepEqual(await search(), { kind: "found", messageId: id });
  assert.equal(discord.script.made(SEARCH).length, 9);
});

Deno.test("after five pages from either end it ends", async () => {
  const { discord, search, add } = setUp();
  for (let i = 1; i <= 600; i++) add("hello", i, PERSON_ID);
  add(ANNOUNCEMENT, 601);
  for (let i = 602; i <= 1200; i++) add("hello", i, PERSON_ID);
  assert.deepEqual(await search(), { kind: "absent" });
  assert.equal(discord.script.made(SEARCH).length, 10);
});

Deno.test("nothing is read twice from either end", async () => {
  const { discord, search, add } = setUp();
  for (let i = 1; i <= 520; i++) add("hello", i, PERSON_ID);
  assert.deepEqual(await search(), { kind: "absent" });
  assert.equal(discord.script.made(SEARCH).length, 6);
});

Deno.test("messages from more than a minute before the request are not read", async () => {
  const { discord, search, add } = setUp();
  for (let i = 0; i < 100; i++) add("hello", -60_001, PERSON_ID);
  add("hello", 1000, PERSON_ID);
  assert.deepEqual(await search(), { kind: "absent" });
  assert.equal(discord.script.calls.length, 1);
});

Deno.test("a time that a wrong clock noted hides nothing", async () => {
  const from = new Date(CREATED.getTime() + 7_200_000);
  const { search, add } = setUp({ from, isCertain: false });
  const { id } = add(ANNOUNCEMENT, 1000);
  assert.deepEqual(await search(), { kind: "found", messageId: id });
});

Deno.test("a search may begin at a message", async () => {
  const { add, search: _, discord } = setUp();
  const { id: messageId } = add("hello");
  const { id } = add(ANNOUNCEMENT);
  for (let i = 1; i <= 600; i++) add("hello", i, PERSON_ID);
  const found = await findMessage(CHANNEL, {
    messenger: messengerOf(discord, UNCANCELLED),
    start: { from: { messageId }, isCertain: true },
    isWanted: ({ content }) => content === ANNOUNCEMENT,
    mayReadHistory: () => Promise.resolve(true),
  });
  assert.deepEqual(found, { kind: "found", messageId: id });
});

Deno.test("an empty list is an empty channel where the permissions say so, whatever the last message was", async () => {
  const { discord, search, add } = setUp();
  add("deleted", 1000, PERSON_ID).deleted = true;
  assert.deepEqual(await search(), { kind: "absent" });
  assert.equal(discord.script.made(`GET /channels/${CHANNEL}`).length, 2);
});

Deno.test("within that minute the clock of Discord may be behind", async () => {
  const { search, add } = setUp();
  const { id } = add(ANNOUNCEMENT, -59_999);
  for (let i = 1; i <= 100; i++) add("hello", i, PERSON_ID);
  assert.deepEqual(await search(), { kind: "found", messageId: id });
});

Deno.test("without the time of creation it looks at five pages from either end", async () => {
  const { discord, search } = setUp({ from: new Date(0), isCertain: true });
  for (let i = 0; i < 1100; i++) discord.add(CHANNEL, { postedMs: i + 2e12 });
  assert.deepEqual(await search(), { kind: "absent" });
  assert.equal(discord.script.made(SEARCH).length, 10);
});

Deno.test("an empty channel has nothing", async () => {
  const { search } = setUp();
  assert.deepEqual(await search(), { kind: "absent" });
});

Deno.test("nothing to read although there is a newer message: unreadable", async () => {
  const { discord, search, add } = setUp();
  discord.readsHistory = false;
  add("hello", 1000, PERSON_ID);
  assert.deepEqual(await search(), { kind: "unreadable" });
});

Deno.test("nothing to read, and no message that is new enough: absent", async () => {
  const { discord, search, add } = setUp();
  discord.readsHistory = false;
  add("hello", -60_001, PERSON_ID);
  assert.deepEqual(await search(), { kind: "absent" });
});
