/** Languages: what was said in one is known in the other, and a change of language edits nothing. */

import assert from "node:assert/strict";
import type { Catalogue } from "../../../src/message/catalogue/catalogue.ts";
import { EN } from "../../../src/message/catalogue/en.ts";
import { KO } from "../../../src/message/catalogue/ko.ts";
import type { PeopleConfig } from "../../../src/people/people_config.ts";
import { NO_NOTICES, review } from "../../fakes/samples.ts";
import { CHANNEL, NOBODY, OTHER_CHANNEL, World } from "./world.ts";

const ALICE = "600000000000000001";
/** The channel of direct messages to Alice. */
const TO_ALICE = "700000000000000001";

const PEOPLE: PeopleConfig = {
  ...NOBODY,
  users: new Map([["alice", ALICE]]),
  notices: { ...NO_NOTICES, requester: true },
};

function titlesIn(world: World, channel: string): string[] {
  return world.discord.messages(channel).map(({ content }) =>
    content.split("\n")[0] ?? ""
  );
}

Deno.test("each recipient is told in its own language", async () => {
  await using world = new World();
  await world.start({
    people: () => PEOPLE,
    route: () => [CHANNEL, OTHER_CHANNEL],
    textsFor: (recipient) =>
      [OTHER_CHANNEL, `user:${ALICE}`].includes(recipient) ? KO : EN,
  });
  await world.put({ id: "r1" });
  await world.put({ id: "r1", state: "APPROVED" });
  assert.deepEqual(titlesIn(world, CHANNEL), [
    "You have a new Role Request:",
  ]);
  assert.deepEqual(titlesIn(world, OTHER_CHANNEL), [
    "새 역할 요청이 있습니다:",
  ]);
  assert.deepEqual(titlesIn(world, TO_ALICE), [
    "보내신 접근 요청이 승인되었습니다:",
  ]);
});

Deno.test("a change of language edits nothing; the next edit is in the new one", async () => {
  await using world = new World();
  let texts: Catalogue = EN;
  const process = await world.start({ textsFor: () => texts });
  await world.put({ id: "r1" });
  const stored = { ...world.auth.stored("r1") };
  texts = KO;
  process.pipeline.reloaded();
  await world.clock.advance(10_000);
  assert.deepEqual(world.auth.stored("r1"), stored);
  assert.deepEqual(world.discord.script.made("PATCH"), []);
  assert.deepEqual(titlesIn(world, CHANNEL), [
    "You have a new Role Request:",
  ]);
  await world.put({ id: "r1", reviews: [review()] });
  assert.deepEqual(titlesIn(world, CHANNEL), ["새 역할 요청이 있습니다:"]);
});

for (const [before, after] of [[EN, KO], [KO, EN]] as const) {
  const name = `${before.labels.user} before, ${after.labels.user} after`;
  Deno.test(`${name}: what was posted before a crash is found`, async () => {
    await using world = new World();
    const first = await world.start({
      people: () => PEOPLE,
      textsFor: () => before,
    });
    await world.put({ id: "r1" });
    await world.put({ id: "r1", reviews: [review()], state: "APPROVED" });
    await first.stop();
    // As if the process had died before it recorded what it posted.
    const { [`x-to:${CHANNEL}`]: _, messages: __, ...rest } = world.auth
      .stored("r1");
    world.auth.store("r1", {
      ...rest,
      [`x-to:${CHANNEL}`]: "owed 1",
      "x-told": "PENDING-0-0-0",
      "x-owner": "gone",
    });
    world.auth.requests.set("r1", {
      ...(world.auth.requests.get("r1") ?? assert.fail()),
    });
    await world.start({
      self: "second",
      people: () => PEOPLE,
      textsFor: () => after,
    });
    await world.clock.advance(60_000);
    assert.equal(titlesIn(world, CHANNEL).length, 1);
    assert.equal(titlesIn(world, TO_ALICE).length, 1);
    assert.equal(world.auth.stored("r1")["x-told"], "APPROVED-1-0-0");
    // What was found shows who knows what, so it is edited, in the new language.
    assert.deepEqual(titlesIn(world, CHANNEL), [
      after.titles.announcement.roles,
    ]);
  });
}
