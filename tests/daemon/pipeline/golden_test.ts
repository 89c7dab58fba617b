/**
 * With every key off that came later, calls and plugin data are those of an earlier build, byte for byte.
 *
 * The files in tests/fixtures/golden/ are what commit 96707cf did in the play of golden_play.ts, but that a
 * message which was taken over is edited under a lease, and once more (docs/design/reconciler.md 4.1), and that
 * a take-over expects all that is stored, and that nothing was added (2.3).
 */

import assert from "node:assert/strict";
import type { PeopleConfig } from "../../../src/people/people_config.ts";
import { NO_NOTICES } from "../../fakes/samples.ts";
import { play, RECIPIENTS, REMIND_AFTER_MS } from "./golden_play.ts";
import { NOBODY, World } from "./world.ts";

const GOLDEN = new URL("../../fixtures/golden/", import.meta.url);

const EVERYBODY: PeopleConfig = {
  users: new Map([["alice", "800000000000000011"], [
    "bob",
    "800000000000000012",
  ]]),
  userIdTrait: undefined,
  mentions: new Map([["*", ["role:600000000000000009"]]]),
  notices: {
    ...NO_NOTICES,
    requester: true,
    reviewers: "dm",
    remindAfterMs: [REMIND_AFTER_MS],
  },
};

for (
  const [name, people] of [
    ["nobody", NOBODY],
    ["everybody", EVERYBODY],
  ] as const
) {
  Deno.test(`told ${name}: calls and plugin data are what they were`, async () => {
    await using world = new World();
    const performance = await play(
      world,
      (self) =>
        world.start({ self, people: () => people, route: () => RECIPIENTS }),
    );
    const golden = await Deno.readTextFile(new URL(`${name}.json`, GOLDEN));
    const played: unknown = JSON.parse(JSON.stringify(performance));
    assert.deepEqual(played, JSON.parse(golden));
  });
}
