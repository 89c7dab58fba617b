/**
 * Draws schedules.
 *
 * @module
 */

import fc from "fast-check";
import {
  CHAOS_MS,
  type ClickPlan,
  type EscalationPlan,
  type Fault,
  type FaultKind,
  type Hold,
  type OfficialScript,
  type Outage,
  type PeoplePlan,
  type RequestPlan,
  type Schedule,
  type Step,
} from "./schedule.ts";

/** Moments lie mostly close together, so that what happens at them meets. */
const moment: fc.Arbitrary<number> = fc.oneof(
  { weight: 5, arbitrary: fc.integer({ min: 0, max: 60_000 }) },
  { weight: 2, arbitrary: fc.integer({ min: 0, max: 4 * 60_000 }) },
  { weight: 1, arbitrary: fc.integer({ min: 0, max: CHAOS_MS - 30_000 }) },
);

/** A time span that is mostly short, as races need, and sometimes long. */
const span: fc.Arbitrary<number> = fc.oneof(
  { weight: 4, arbitrary: fc.integer({ min: 0, max: 2000 }) },
  { weight: 3, arbitrary: fc.integer({ min: 0, max: 30_000 }) },
  { weight: 2, arbitrary: fc.integer({ min: 0, max: 8 * 60_000 }) },
);

const shortSpan: fc.Arbitrary<number> = fc.oneof(
  fc.integer({ min: 0, max: 300 }),
  fc.integer({ min: 0, max: 5000 }),
);

const step = (after: fc.Arbitrary<number>): fc.Arbitrary<Step> =>
  fc.oneof(
    fc.record({
      kind: fc.constant("review" as const),
      afterMs: after,
      verdict: fc.constantFrom("APPROVED" as const, "DENIED" as const),
      decides: fc.boolean(),
    }),
    fc.record({
      kind: fc.constant("resolve" as const),
      afterMs: after,
      state: fc.constantFrom(
        "APPROVED" as const,
        "APPROVED" as const,
        "DENIED" as const,
        "PROMOTED" as const,
      ),
      reason: fc.constantFrom("", "first", "second"),
    }),
    fc.record({ kind: fc.constant("touch" as const), afterMs: after }),
    fc.record({ kind: fc.constant("remove" as const), afterMs: after }),
    fc.record({
      kind: fc.constant("delete message" as const),
      afterMs: after,
      channel: fc.integer({ min: 0, max: 3 }),
    }),
  );

const dyingOfficial: fc.Arbitrary<OfficialScript> = fc.record({
  claimAfterMs: fc.constantFrom(0, 5, 20, 100),
  posts: fc.integer({ min: 0, max: 3 }),
  postMs: fc.integer({ min: 50, max: 1500 }),
  records: fc.boolean(),
});

/** A request; `at` says when, `after` when something happens to it. */
function request(
  at: fc.Arbitrary<number>,
  steps: fc.Arbitrary<Step>,
  official: fc.Arbitrary<OfficialScript | undefined>,
): fc.Arbitrary<RequestPlan> {
  return fc.record({
    atMs: at,
    route: fc.constantFrom("one", "two", "two", "all", "nobody"),
    pendingMin: fc.constantFrom(600, 600, 600, 600, 1, 5),
    accessMin: fc.constantFrom(600, 600, 600, 1, 8, 8),
    hasResource: fc.boolean(),
    offends: fc.constantFrom(...Array<boolean>(9).fill(false), true),
    official,
    steps: fc.array(steps, { maxLength: 5 }),
  });
}

const outage: fc.Arbitrary<Outage> = fc.record({
  atMs: moment,
  slot: fc.constantFrom(0, 0, 1),
  graceful: fc.constantFrom(false, false, true),
  calls: fc.integer({ min: 0, max: 15 }),
  downMs: fc.constantFrom(0, 1000, 12_000, 70_000, 400_000),
});

/** A process that is told to stop, and is killed before it has. */
const cutStop: fc.Arbitrary<readonly Outage[]> = fc.record({
  stop: outage,
  afterMs: fc.oneof(
    fc.integer({ min: 0, max: 200 }),
    fc.integer({ min: 0, max: 15_000 }),
  ),
  calls: fc.integer({ min: 0, max: 6 }),
}).map(({ stop, afterMs, calls }) => [
  { ...stop, graceful: true },
  { ...stop, graceful: false, calls, atMs: stop.atMs + afterMs },
]);

const outages: fc.Arbitrary<readonly Outage[]> = fc.array(
  fc.oneof(
    { weight: 4, arbitrary: outage.map((one) => [one]) },
    { weight: 1, arbitrary: cutStop },
  ),
  { maxLength: 5 },
).map((drawn) => drawn.flat());

const hold: fc.Arbitrary<Hold> = fc.record({
  atMs: moment,
  slot: fc.constantFrom(0, 0, 1),
  calls: fc.integer({ min: 0, max: 8 }),
  forMs: fc.constantFrom(3000, 12_000, 30_000, 60_000),
});

const AUTH_FAULTS: readonly FaultKind[] = [
  "clock jumps",
  "auth refuses",
  "auth loses answers",
  "auth is slow",
  "auth conflicts",
  "auth denies",
  "lookups fail",
  "list is partial",
];

const STREAM_FAULTS: readonly FaultKind[] = [
  "stream ends",
  "stream ends",
  "init never comes",
  "init is late",
  "kind is missing",
  "events are slow",
  "events get lost",
];

const DISCORD_FAULTS: readonly FaultKind[] = [
  "discord refuses",
  "discord loses answers",
  "discord loses answers",
  "discord is slow",
  "rate limit",
  "slots are late",
  "channel forbidden",
  "unknown refusals",
  "parts refused",
  "parts refused",
  "address blocked",
  "thread archived",
  "token refused",
];

const kind: fc.Arbitrary<FaultKind> = fc.oneof(
  fc.constantFrom(...AUTH_FAULTS),
  fc.constantFrom(...STREAM_FAULTS),
  fc.constantFrom(...DISCORD_FAULTS),
  fc.constantFrom(...DISCORD_FAULTS),
);

const fault: fc.Arbitrary<Fault> = fc.record({
  kind,
  atMs: moment,
  forMs: fc.constantFrom(500, 5000, 15_000, 60_000, 300_000),
  rate: fc.constantFrom(0.2, 0.5, 0.9, 1, 1),
  slot: fc.constantFrom(undefined, undefined, 0, 1),
  channel: fc.constantFrom(undefined, undefined, 0, 1, 3),
});

/** One fault that another follows at once: an answer gets lost, then nothing works for minutes. */
const twoFaults: fc.Arbitrary<readonly Fault[]> = fc.tuple(fault, fault).map((
  [first, second],
) => [first, { ...second, atMs: first.atMs + first.forMs }]);

const faults: fc.Arbitrary<readonly Fault[]> = fc.array(
  fc.oneof(fault.map((one) => [one]), twoFaults),
  { maxLength: 7 },
).map((drawn) => drawn.flat().map(withinChaos));

function withinChaos(drawn: Fault): Fault {
  const atMs = Math.min(drawn.atMs, CHAOS_MS - 1000);
  const longestMs = drawn.kind === "auth conflicts" ? 15_000 : CHAOS_MS - atMs;
  return { ...drawn, atMs, forMs: Math.min(drawn.forMs, longestMs) };
}

const early = request(
  moment,
  step(span),
  fc.option(dyingOfficial, { freq: 4, nil: undefined }),
);

const late = request(
  fc.integer({ min: 0, max: 3000 }),
  step(shortSpan),
  fc.constant(undefined),
);

const escalation: fc.Arbitrary<EscalationPlan> = fc.record({
  afterMs: fc.constantFrom(20_000, 20_000, 2 * 60_000, 6 * 60_000),
  route: fc.constantFrom(undefined, undefined, "one" as const, "two" as const),
  channels: fc.constantFrom([2], [0, 2], [0, 3], [1, 2, 3]),
});

const people: fc.Arbitrary<PeoplePlan> = fc.record({
  requester: fc.constantFrom(true, true, false),
  reviewers: fc.constantFrom("mention", "dm", "off"),
  remindAfterMs: fc.constantFrom(
    undefined,
    [20_000],
    [20_000, 4 * 60_000],
    [4 * 60_000],
    [20_000, 2 * 60_000, 8 * 60_000],
  ),
  escalations: fc.array(escalation, { maxLength: 2 }),
  beforeEndMs: fc.constantFrom(undefined, 20_000, 2 * 60_000, 7 * 60_000),
  threads: fc.boolean(),
  byTrait: fc.boolean(),
});

const click: fc.Arbitrary<ClickPlan> = fc.record({
  atMs: fc.oneof(moment, fc.integer({ min: 60_000, max: 3 * 60_000 })),
  request: fc.integer({ min: 0, max: 5 }),
  channel: fc.constantFrom(0, 0, 1, 3),
  person: fc.constantFrom(0, 0, 0, 1, 1, 2, 3, 4),
  verdict: fc.constantFrom("approve", "approve", "deny"),
  times: fc.constantFrom(1, 1, 2, 3),
  forged: fc.constantFrom(
    "none",
    "none",
    "none",
    "none",
    "request",
    "message",
    "guild",
  ),
});

/** Some channel is closed for good; the last one takes what requesters are told. */
const closed: fc.Arbitrary<NonNullable<Schedule["closed"]>> = fc.record({
  channel: fc.integer({ min: 0, max: 4 }),
  atMs: moment,
});

/** Any schedule. */
export const anySchedule: fc.Arbitrary<Schedule> = fc.record({
  seed: fc.integer({ min: 0, max: 2 ** 31 - 1 }),
  requests: fc.array(early, { minLength: 1, maxLength: 6 }),
  late: fc.array(late, { maxLength: 3 }),
  outages,
  faults,
  closed: fc.option(closed, { freq: 4, nil: undefined }),
  secondAtMs: fc.option(moment, { nil: undefined, freq: 2 }),
  nonceWindowMs: fc.integer({ min: 120_000, max: 300_000 }),
  pollMs: fc.constantFrom(0, 1000),
  listLagMs: fc.constantFrom(0, 1000),
  resyncMs: fc.constantFrom(60_000, 300_000),
  discordSkewMs: fc.integer({ min: -20_000, max: 20_000 }),
  chatter: fc.constantFrom(0, 0, 150, 380),
  people: fc.option(people, { freq: 3, nil: undefined }),
  clicks: fc.option(fc.array(click, { minLength: 1, maxLength: 12 }), {
    freq: 2,
    nil: undefined,
  }),
  holds: fc.array(hold, { maxLength: 3 }),
  forum: fc.constantFrom(undefined, undefined, undefined, 0, 1),
});
