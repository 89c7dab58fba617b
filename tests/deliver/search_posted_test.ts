import assert from "node:assert/strict";
import { findMessage } from "../../src/deliver/search_posted.ts";
import { snowflakeAt } from "../../src/deliver/snowflake.ts";
import { isAnnouncementOf } from "../../src/message/announcement_message.ts";
import { FakeClock } from "../fakes/clock.ts";
import { BOT_ID, MemoryDiscord, PERSON_ID } from "../fakes/memory_discord.ts";
import { CREATED } from "../fakes/samples.ts";

const CHANNEL = "801";
const SEARCH = `GET /channels/${CHANNEL}/messages`;
const ANNOUNCEMENT = "You have a new Role Request:\n*ID*: r1\n*Cluster*: a";

function setUp(request: { created: Date | undefined } = { created: CREATED }) {
  const discord = new MemoryDiscord(new FakeClock(CREATED.getTime()));
  const { signal } = new AbortController();
  return {
    discord,
    search: () =>
      findMessage(
        discord,
        CHANNEL,
        request.created,
        ({ authorId, content }) =>
          authorId === BOT_ID && isAnnouncementOf(content, "r1"),
        { wait: signal, call: signal },
      ),
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

Deno.test("of several the newest is found", async () => {
  const { search, add } = setUp();
  add(ANNOUNCEMENT, 1000);
  const { id } = add(ANNOUNCEMENT, 2000);
  assert.deepEqual(await search(), { kind: "found", messageId: id });
});

Deno.test("a search goes on page by page, each older than the one before", async () => {
  const { discord, search, add } = setUp();
  const { id } = add(ANNOUNCEMENT);
  for (let i = 1; i <= 450; i++) add("hello", i, PERSON_ID);
  assert.deepEqual(await search(), { kind: "found", messageId: id });
  assert.equal(discord.script.made(SEARCH).length, 5);
});

Deno.test("after five pages it ends", async () => {
  const { discord, search, add } = setUp();
  add(ANNOUNCEMENT);
  for (let i = 1; i <= 500; i++) add("hello", i, PERSON_ID);
  assert.deepEqual(await search(), { kind: "absent" });
  assert.equal(discord.script.made(SEARCH).length, 5);
});

Deno.test("it ends at messages from a minute before the request", async () => {
  const { discord, search, add } = setUp();
  for (let i = 0; i < 100; i++) add("hello", -60_001, PERSON_ID);
  add("hello", 1000, PERSON_ID);
  assert.deepEqual(await search(), { kind: "absent" });
  assert.equal(discord.script.calls.length, 1);
});

Deno.test("within that minute the clock of Discord may be behind", async () => {
  const { search, add } = setUp();
  const { id } = add(ANNOUNCEMENT, -59_999);
  for (let i = 1; i <= 100; i++) add("hello", i, PERSON_ID);
  assert.deepEqual(await search(), { kind: "found", messageId: id });
});

Deno.test("without the time of creation it looks at five pages", async () => {
  const { discord, search } = setUp({ created: undefined });
  for (let i = 0; i < 600; i++) discord.add(CHANNEL, { postedMs: i + 2e12 });
  assert.deepEqual(await search(), { kind: "absent" });
  assert.equal(discord.script.made(SEARCH).length, 5);
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
