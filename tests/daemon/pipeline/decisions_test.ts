import assert from "node:assert/strict";
import { buildMutant } from "../../chaos/build.ts";
import { review } from "../../fakes/samples.ts";
import { CHANNEL, OWED, World } from "./world.ts";

const DECISIONS: string[] = [];

Object.assign(globalThis, { DECISIONS });

const folder = await Deno.makeTempDir();
const build = await buildMutant({
  name: "notes each decision",
  file: "reconcile/decide.ts",
  from: "export function decide(situation: Situation): Plan {",
  to: `export function decide(situation: Situation): Plan {
    const plan = decideAsBefore(situation);
    (globalThis as any).DECISIONS.push(plan.kind);
    return plan;
  }
  function decideAsBefore(situation: Situation): Plan {`,
}, folder);
await Deno.remove(folder, { recursive: true });

/** Returns what was decided since the last call. */
function decisions(): string[] {
  return DECISIONS.splice(0);
}

Deno.test("each round decides once", async () => {
  await using world = new World();
  await world.start({ build });
  // The first request shows that the rule to list is there.
  await world.put({ id: "r0" });
  decisions();
  await world.put({ id: "r1" });
  assert.deepEqual(decisions(), ["announce", "ignore"]);
  await world.put({ id: "r1", reviews: [review({ author: "carol" })] });
  assert.deepEqual(decisions(), ["follow", "ignore"]);
  await world.put({ id: "r1", state: "APPROVED" });
  assert.deepEqual(decisions(), ["follow", "ignore"]);
});

Deno.test("it is decided again where somebody else wrote meanwhile", async () => {
  await using world = new World();
  await world.start({ build });
  await world.put({ id: "r0" });
  decisions();
  world.claim("r1", { [CHANNEL]: OWED });
  await world.put({ id: "r1" });
  assert.deepEqual(decisions(), ["announce"]);
  await world.clock.advance(1000);
  assert.deepEqual(decisions(), ["wait"]);
});

Deno.test("nothing is announced that ended while something was looked up", async () => {
  await using world = new World();
  await world.start({ build });
  await world.put({ id: "r0" });
  decisions();
  world.auth.script.next("GetRole ops", { takesMs: 1000 });
  await world.put({ id: "r1", roles: ["ops"] });
  await world.put({ id: "r1", state: "DENIED" });
  await world.clock.advance(1000);
  assert.deepEqual(decisions(), ["announce", "ignore"]);
  assert.equal(world.auth.stored("r1")["x-owner"], undefined);
});
