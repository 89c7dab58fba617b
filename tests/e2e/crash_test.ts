/**
 * Killing and stopping the process at the worst moments: nothing is lost, nothing is told twice.
 *
 * A new process leaves the claims of the one before it alone for 10 s; so everything here runs side by side.
 *
 * @module
 */

import assert from "node:assert/strict";
import { status } from "@grpc/grpc-js";
import { hang } from "../fakes/discord.ts";
import { sideBySide } from "./plugin.ts";
import { CHANNEL, channelId, World } from "./world.ts";

const POST = "POST /channels/:id/messages";
const PATCH = "PATCH /channels/:id/messages/:id";
const NEVER = new Promise<never>(() => {});

/** A moment to die at, and what has to come of it. */
interface Crash {
  /** Brings the plugin to the moment; returns the request. */
  readonly bring: (world: World) => Promise<string>;
  /** Happens while no plugin runs. */
  readonly meanwhile?: (world: World, id: string) => void;
  /** What the only message says in the end; no message at all if it is not given. */
  readonly shows?: string;
}

const CRASHES: Readonly<Record<string, Crash>> = {
  "before the post": { bring: beforePost, shows: "PENDING" },
  "before the post, and the request resolves meanwhile": {
    bring: beforePost,
    meanwhile: ({ auth }, id) => auth.setState(id, "APPROVED"),
  },
  "after the post, before its answer": { bring: afterPost, shows: "PENDING" },
  "after the post, before its answer, and the request resolves meanwhile": {
    bring: afterPost,
    meanwhile: ({ auth }, id) => auth.setState(id, "DENIED", "too late"),
    shows: "DENIED",
  },
  "after the answer, before the record": {
    bring: async (world) => {
      let id = "";
      await holdRecord(world, POST, () => id = world.auth.createRequest());
      return id;
    },
    shows: "PENDING",
  },
  "between edit and record": {
    bring: async (world) => {
      const id = world.auth.createRequest();
      await world.untilStored(id, ({ messages }) => messages !== undefined);
      await holdRecord(world, PATCH, () => {
        world.auth.setState(id, "APPROVED", "go ahead");
      });
      return id;
    },
    shows: "APPROVED",
  },
  "between edit and record, and the state moves on meanwhile": {
    bring: async (world) => {
      const id = world.auth.createRequest({ approvalsNeeded: 2 });
      await world.untilStored(id, ({ messages }) => messages !== undefined);
      await holdRecord(world, PATCH, () => {
        world.auth.review(id, "rita", "APPROVED");
      });
      return id;
    },
    meanwhile: ({ auth }, id) => auth.review(id, "rob", "DENIED", "no"),
    shows: "DENIED",
  },
  "between an edit and the write of what it shows, and the request is deleted":
    {
      bring: async (world) => {
        const { auth } = world;
        const id = auth.createRequest();
        await world.untilStored(id, ({ messages }) => messages !== undefined);
        auth.fail("UpdatePluginData", { code: status.UNAVAILABLE });
        auth.setState(id, "APPROVED", "go ahead");
        await world.shows(id, "APPROVED");
        return id;
      },
      meanwhile: ({ auth }, id) => {
        auth.delete(id);
        // A list that shows nothing at all proves nothing.
        auth.createRequest();
      },
      shows: "APPROVED",
    },
};

Deno.test("W3: the process ends, and another takes over", (t) =>
  sideBySide(t, {
    ...crashes("", 5 * 60_000),
    ...crashes("Discord has forgotten the nonce: ", 1),
    "two at once, and one of them is killed": killOneOfTwo,
    "W6, W11: an official plugin died before it posted": adoptDeadClaim,
    "stopped while a post hangs: it is given up after 15 s, and stays owed":
      stopWhileHanging,
    "stopped while posts wait for their turn: the next start makes them":
      stopWhileWaiting,
    "W1: what was made, reviewed and resolved while the plugin was down is told":
      missEverything,
  }));

function crashes(
  prefix: string,
  nonceWindowMs: number,
): Record<string, () => Promise<void>> {
  return Object.fromEntries(
    Object.entries(CRASHES).map(([name, crash]) => [
      prefix + name,
      () => survive(crash, nonceWindowMs),
    ]),
  );
}

async function survive(crash: Crash, nonceWindowMs: number): Promise<void> {
  await using world = await World.create({ discord: { nonceWindowMs } });
  const first = await world.start().ready();
  const id = await crash.bring(world);
  await first.kill();
  world.auth.heal("UpdatePluginData");
  crash.meanwhile?.(world, id);
  const second = await world.start().ready();
  const { shows } = crash;
  if (shows === undefined) {
    await world.untilStored(id, (data) => told(data) === "dropped");
  } else {
    const message = await world.shows(id, shows);
    const settled = new RegExp(
      String.raw`^${CHANNEL}/${message.id} 1 ${shows}-`,
    );
    await world.untilStored(id, (data) => settled.test(told(data)));
    assert.equal(
      world.auth.pluginData(id)?.messages,
      `${CHANNEL}/${message.id}`,
    );
  }
  assert.equal(await second.stop(), 0);
  const count = shows === undefined ? 0 : 1;
  assert.equal(world.messagesOf(id).length, count);
}

function told(
  data: Readonly<Record<string, string>>,
  channel: string = CHANNEL,
): string {
  return data[`x-to:${channel}`] ?? "";
}

async function beforePost(world: World): Promise<string> {
  world.discord.fail(POST, hang(NEVER));
  const id = world.auth.createRequest();
  await world.until(() => world.discord.calls.some((c) => c.route === POST));
  return id;
}

async function afterPost(world: World): Promise<string> {
  world.discord.fail(POST, hang(NEVER, true));
  const id = world.auth.createRequest();
  await world.shows(id, "PENDING");
  return id;
}

/** Does something, and lets the call that it leads to be answered, but not be recorded. */
async function holdRecord(
  { auth, discord }: World,
  route: string,
  act: () => void,
): Promise<void> {
  const answer = Promise.withResolvers<void>();
  discord.fail(route, hang(answer.promise, true));
  act();
  await discord.waitFor(({ calls }) => calls.some((c) => c.route === route));
  auth.fail("UpdatePluginData", { code: status.UNAVAILABLE });
  const count = auth.countCalls("UpdatePluginData");
  answer.resolve();
  await auth.until(() => auth.countCalls("UpdatePluginData") > count);
}

/** Two processes on one cluster; what the dead one owes, the other does. */
async function killOneOfTwo(): Promise<void> {
  const channels = Array.from({ length: 10 }, (_, i) => channelId(100 + i));
  await using world = await World.create({
    channels: { "*": [CHANNEL], many: channels },
    discord: { nonceWindowMs: 1, delayMs: 20 },
  });
  const { auth, discord } = world;
  const [first, second] = await Promise.all([
    world.start().ready(),
    world.start().ready(),
  ]);
  const wide = auth.createRequest({ roles: ["many"] });
  const ids = Array.from({ length: 10 }, () => auth.createRequest());
  await world.until(() => discord.messages(CHANNEL).length >= 3);
  await first.kill();
  const all = (text: string) =>
    Promise.all([
      ...ids.map((id) => world.shows(id, text)),
      ...channels.map((channel) => world.shows(wide, text, channel)),
    ]);
  await all("PENDING");
  for (const id of [...ids, wide]) auth.setState(id, "APPROVED");
  await all("APPROVED");
  assert.equal(await second.stop(), 0);
  for (const id of ids) assert.equal(world.messagesOf(id).length, 1);
  for (const channel of channels) {
    assert.equal(world.messagesOf(wide, channel).length, 1);
  }
}

/** Plugin data without messages or lease holder: the official plugin claimed the request, and failed. */
async function adoptDeadClaim(): Promise<void> {
  await using world = await World.create();
  const { auth } = world;
  const id = auth.createRequest({ approvalsNeeded: 2 });
  auth.state.updatePluginData({
    kind: "access_request",
    resource: id,
    plugin: "discord",
    set: new Map([["user", "alice"], ["roles", "dev"]]),
    expect: new Map(),
  });
  const plugin = await world.start().ready();
  auth.review(id, "rita", "APPROVED");
  // One request that waits holds up no other.
  const other = auth.createRequest();
  await world.shows(other, "PENDING");
  assert.equal(world.messagesOf(id).length, 0);
  await world.shows(id, "*Reviews*: ✅ 1 ❌ 0");
  assert.equal(await plugin.stop(), 0);
  assert.equal(world.messagesOf(id).length, 1);
}

async function stopWhileHanging(): Promise<void> {
  await using world = await World.create();
  const { auth, discord } = world;
  discord.fail(POST, hang(new Promise(() => {}), true));
  const plugin = await world.start().ready();
  const id = auth.createRequest();
  await world.until(() => discord.calls.some((c) => c.route === POST));
  assert.equal(await plugin.stop(), 0);
  assert.equal(auth.pluginData(id)?.[`x-to:${CHANNEL}`], "owed 1");
}

async function stopWhileWaiting(): Promise<void> {
  await using world = await World.create({
    discord: { limits: { posts: { limit: 2, perMs: 1000 } } },
  });
  const { auth, discord } = world;
  const plugin = await world.start().ready();
  const ids = Array.from({ length: 8 }, () => auth.createRequest());
  await world.until(() => discord.messages(CHANNEL).length >= 3);
  assert.equal(await plugin.stop(), 0);
  assert(discord.messages(CHANNEL).length < ids.length);
  const next = await world.start().ready();
  for (const id of ids) await world.shows(id, "PENDING");
  for (const id of ids) {
    await world.untilStored(id, (data) => data.messages !== undefined);
  }
  assert.equal(await next.stop(), 0);
  assert.equal(discord.messages(CHANNEL).length, ids.length);
}

async function missEverything(): Promise<void> {
  await using world = await World.create();
  const { auth } = world;
  await using first = await world.start().ready();
  const reviewed = auth.createRequest({ approvalsNeeded: 2 });
  const resolved = auth.createRequest();
  const deleted = auth.createRequest();
  for (const id of [reviewed, resolved, deleted]) {
    await world.shows(id, "PENDING");
    await world.untilStored(id, ({ messages }) => messages !== undefined);
  }
  assert.equal(await first.stop(), 0);

  auth.review(reviewed, "rita", "APPROVED", "looks good");
  auth.setState(resolved, "DENIED", "not today");
  auth.delete(deleted);
  const made = auth.createRequest({ reason: "nobody was listening" });
  const made2 = auth.createRequest({ approvalsNeeded: 2 });
  auth.review(made2, "rob", "APPROVED");
  const gone = auth.createRequest();
  auth.setState(gone, "APPROVED");

  const plugin = await world.start().ready();
  await world.shows(made, "PENDING");
  await world.shows(made2, "*Reviews*: ✅ 1 ❌ 0");
  await world.shows(reviewed, "*Reviews*: ✅ 1 ❌ 0");
  await world.shows(resolved, "DENIED");
  await world.shows(deleted, "EXPIRED");
  assert.equal(await plugin.stop(), 0);
  assert.equal(world.messagesOf(gone).length, 0);
  assert.equal(world.discord.messages(CHANNEL).length, 5);
}
