import fc from "fast-check";
import assert from "node:assert/strict";
import { RateLimiter } from "../../../src/discord/rate_limit/rate_limiter.ts";
import { FakeClock } from "../../fakes/clock.ts";
import { MemoryLogger } from "../../fakes/logger.ts";
import { edit, post, Simulation } from "./simulation.ts";

const CHANNELS = ["1", "2", "3"];
const NEVER = new AbortController().signal;

const limit = fc.record({
  limit: fc.integer({ min: 1, max: 6 }),
  perMs: fc.integer({ min: 250, max: 6_000 }),
});

const call = fc.record({
  startMs: fc.integer({ min: 0, max: 8_000 }),
  channelId: fc.constantFrom(...CHANNELS),
  isEdit: fc.boolean(),
  order: fc.integer({ min: 0, max: 5 }),
  composeMs: fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 3_000 })),
  thereMs: fc.integer({ min: 0, max: 250 }),
  backMs: fc.oneof(
    fc.integer({ min: 0, max: 250 }),
    fc.integer({ min: 0, max: 10_000 }),
  ),
  isLost: fc.integer({ min: 0, max: 9 }).map((n) => n === 0),
  isGivenBack: fc.integer({ min: 0, max: 9 }).map((n) => n === 0),
  abortMs: fc.option(fc.integer({ min: 0, max: 9_000 }), { nil: undefined }),
});

const limits = fc.record({
  posts: fc.option(limit, { nil: undefined }),
  edits: fc.option(limit, { nil: undefined }),
});

type Of<T> = T extends fc.Arbitrary<infer U> ? U : never;

/** What one run is made of: the limits, the calls, and whether each limit was met before. */
type Drawn = [Of<typeof limits>, Of<typeof call>[], boolean];

/** A post that is made and answered in no time. */
const AT_ONCE = {
  startMs: 0,
  channelId: "1",
  isEdit: false,
  order: 0,
  composeMs: 0,
  thereMs: 0,
  backMs: 0,
  isLost: false,
  isGivenBack: false,
  abortMs: undefined,
};

const LOST = { ...AT_ONCE, isLost: true };

/** Drawn once, where a lost call was taken for counted, or a guess for a window that is there. */
const FOUND: Drawn[] = [
  [
    { posts: { limit: 3, perMs: 250 }, edits: undefined },
    [
      { ...LOST, startMs: 1 },
      LOST,
      LOST,
      { ...AT_ONCE, backMs: 1 },
      { ...AT_ONCE, thereMs: 2 },
      LOST,
    ],
    true,
  ],
  [
    { posts: { limit: 2, perMs: 528 }, edits: undefined },
    [
      { ...LOST, startMs: 1 },
      { ...LOST, startMs: 1 },
      { ...AT_ONCE, startMs: 1 },
      LOST,
      { ...AT_ONCE, backMs: 473 },
      { ...LOST, backMs: 528 },
    ],
    true,
  ],
];

Deno.test("no interleaving exceeds a limit, and nobody waits for ever", async () => {
  await fc.assert(
    fc.asyncProperty(
      limits,
      fc.array(call, { minLength: 1, maxLength: 120, size: "max" }),
      fc.boolean(),
      async ({ posts, edits }, calls, areKnown) => {
        const clock = new FakeClock();
        const limiter = new RateLimiter(clock, new MemoryLogger());
        const simulation = new Simulation(clock, limiter, {
          global: 50,
          ...(posts && { posts }),
          ...(edits && { edits }),
        });
        // A limit that was never told cannot be kept if answers get lost.
        if (areKnown) await meetAllLimits(simulation);
        const outcomes = calls.map((planned) =>
          run(clock, simulation, {
            ...planned,
            isLost: planned.isLost && areKnown,
          })
        );
        const statuses = await clock.run(Promise.all(outcomes));
        assert.ok(!statuses.includes(429), "a call exceeded a limit");
        await clock.advance(20_000);
        assert.equal(clock.sleepers, 0, "a timer is left");
      },
    ),
    { numRuns: 300, examples: FOUND },
  );
});

async function meetAllLimits(simulation: Simulation): Promise<void> {
  for (const channelId of CHANNELS) {
    await simulation.call({ route: post(channelId) });
    await simulation.call({ route: edit(channelId) });
  }
}

type PlannedCall = Drawn[1][number];

async function run(
  clock: FakeClock,
  simulation: Simulation,
  planned: PlannedCall,
): Promise<number | undefined> {
  const { channelId, isEdit, startMs, abortMs } = planned;
  const route = isEdit ? edit(channelId) : post(channelId);
  await clock.sleep(startMs, NEVER);
  if (abortMs === undefined) {
    return await simulation.call({ ...planned, route });
  }
  const wait = new AbortController();
  clock.sleep(abortMs, NEVER).then(() => wait.abort("gone"));
  try {
    return await simulation.call({ ...planned, route, wait: wait.signal });
  } catch (reason) {
    assert.equal(reason, "gone");
    return undefined;
  }
}
