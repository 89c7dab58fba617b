/** Hiding: what a message hides is stored, hiding more edits at once, hiding less waits. */

import assert from "node:assert/strict";
import type { HiddenFields } from "../../../src/record/hidden_fields.ts";
import { discordError } from "../../fakes/memory_discord.ts";
import { review } from "../../fakes/samples.ts";
import { CHANNEL, OTHER_CHANNEL, World } from "./world.ts";

const REASON = "OPS-4711";

function textOf(world: World, channel = CHANNEL): string {
  const [message] = world.discord.messages(channel);
  return JSON.stringify(message);
}

function hiddenOf(world: World, channel = CHANNEL): string | undefined {
  const text = world.auth.stored("r1")[`x-hidden:${channel}`];
  return text === "" ? undefined : text;
}

/** A process whose configuration can be changed, as a reload does. */
async function startWith(world: World, first: HiddenFields) {
  let hidden = first;
  const process = await world.start({ hiddenFor: () => hidden });
  return {
    process,
    async hide(next: HiddenFields) {
      hidden = next;
      process.pipeline.reloaded();
      await world.clock.advance(10_000);
    },
  };
}

Deno.test("each recipient is shown what it may be, and it is stored", async () => {
  await using world = new World();
  await world.start({
    route: () => [CHANNEL, OTHER_CHANNEL],
    hiddenFor: (recipient) =>
      recipient === CHANNEL ? ["reason", "review_reasons"] : [],
  });
  await world.put({ id: "r1", reason: REASON });
  await world.put({ id: "r1", reviews: [review({ reason: "fits" })] });
  assert.doesNotMatch(textOf(world), /OPS-4711|fits/);
  assert.match(textOf(world), /\*Reason\*: \(hidden\)/);
  assert.match(textOf(world, OTHER_CHANNEL), /OPS-4711.*fits/);
  assert.equal(hiddenOf(world), "reason,review_reasons");
  assert.equal(hiddenOf(world, OTHER_CHANNEL), undefined);
});

Deno.test("hiding more edits at once, hiding less waits for the next edit", async () => {
  await using world = new World();
  const { hide } = await startWith(world, []);
  await world.put({ id: "r1", reason: REASON });
  assert.match(textOf(world), /OPS-4711/);
  await hide(["reason"]);
  assert.doesNotMatch(textOf(world), /OPS-4711/);
  assert.equal(hiddenOf(world), "reason");
  const edits = world.discord.script.made("PATCH").length;
  await hide([]);
  assert.doesNotMatch(textOf(world), /OPS-4711/);
  assert.equal(world.discord.script.made("PATCH").length, edits);
  assert.equal(hiddenOf(world), "reason");
  await world.put({ id: "r1", reviews: [review()] });
  assert.match(textOf(world), /OPS-4711/);
  assert.equal(hiddenOf(world), undefined);
});

Deno.test("what has ended is edited as well, and reasons of reviews that nobody can read any more are taken out", async () => {
  await using world = new World();
  const { hide } = await startWith(world, []);
  await world.put({ id: "r1", reviews: [review({ reason: "fits" })] });
  await world.put({ id: "r1", state: "APPROVED" });
  world.auth.remove("r1");
  await world.clock.advance(10_000);
  assert.match(textOf(world), /fits/);
  await hide(["review_reasons"]);
  assert.doesNotMatch(textOf(world), /fits/);
  assert.equal(hiddenOf(world), "review_reasons");
  assert.deepEqual(world.discord.messages(CHANNEL)[0]?.embeds, []);
});

Deno.test("embeds that hide reasons already stay as they are", async () => {
  await using world = new World();
  const { hide } = await startWith(world, ["review_reasons"]);
  await world.put({ id: "r1", reviews: [review({ reason: "fits" })] });
  await world.put({ id: "r1", state: "APPROVED" });
  world.auth.remove("r1");
  await world.clock.advance(10_000);
  await hide(["review_reasons", "user"]);
  assert.equal(hiddenOf(world), "user,review_reasons");
  assert.equal(world.discord.messages(CHANNEL)[0]?.embeds?.length, 1);
});

Deno.test("an edit of unknown outcome is made good, whatever is hidden by then", async (t) => {
  await t.step("by the same process", async () => {
    await using world = new World();
    const { hide } = await startWith(world, ["user", "reason"]);
    await world.put({ id: "r1", reason: REASON });
    // It hides something else, and so shows the reason.
    const lose = discordError(502);
    world.discord.script.next("PATCH", { lose, takesMs: 15_000 });
    await hide(["roles"]);
    assert.match(textOf(world), /OPS-4711/);
    await hide(["reason"]);
    await world.clock.advance(60_000);
    assert.doesNotMatch(textOf(world), /OPS-4711/);
  });
  await t.step("by the next one", async () => {
    await using world = new World();
    const { hide, process } = await startWith(world, ["user", "reason"]);
    await world.put({ id: "r1", reason: REASON });
    world.discord.script.next("PATCH", { takesMs: 60_000 });
    await hide(["roles"]);
    assert.match(textOf(world), /OPS-4711/);
    await process.kill();
    await world.start({ self: "second", hiddenFor: () => ["reason"] });
    await world.clock.advance(60_000);
    assert.doesNotMatch(textOf(world), /OPS-4711/);
  });
});

Deno.test("what the official plugin has shown meanwhile is taken out by the first edit", async () => {
  await using world = new World();
  const { process } = await startWith(world, ["review_reasons"]);
  await world.put({ id: "r1" });
  await process.stop();
  const [message] = world.discord.messages(CHANNEL);
  assert.ok(message);
  message.embeds = [{ title: "Approved request", description: "fits" }];
  world.auth.store("r1", {
    ...world.auth.stored("r1"),
    reviews_count: "1",
    resolution: "APPROVED",
  });
  // Nobody can read its reviews any more.
  world.auth.requests.delete("r1");
  await world.start({
    self: "second",
    hiddenFor: () => ["review_reasons"],
  });
  await world.clock.advance(10_000);
  assert.equal(world.discord.script.made("PATCH").length, 1);
  assert.deepEqual(message.embeds, []);
});

Deno.test("two processes that hide different things do not edit in turn", async () => {
  await using world = new World();
  const first = await startWith(world, ["reason"]);
  await world.put({ id: "r1", reason: REASON });
  await first.process.stop();
  await world.start({ self: "second", hiddenFor: () => [] });
  await world.clock.advance(1_000_000);
  assert.deepEqual(world.discord.script.made("PATCH"), []);
  assert.doesNotMatch(textOf(world), /OPS-4711/);
});

Deno.test("a deleted message is posted again by nobody, whatever is hidden", async () => {
  await using world = new World();
  const { hide } = await startWith(world, []);
  await world.put({ id: "r1", reason: REASON });
  const [message] = world.discord.messages(CHANNEL);
  assert.ok(message);
  message.deleted = true;
  await hide(["reason"]);
  assert.match(world.delivery("r1") ?? "", / gone$/);
  await hide(["reason", "user"]);
  assert.equal(world.discord.messages(CHANNEL).length, 1);
});
