import assert from "node:assert/strict";
import {
  type DaemonState,
  livePage,
  readyPage,
  reasonsOf,
  summaryOf,
  systemdStatus,
} from "../../src/daemon/status.ts";

const pure = { permissions: "none" } as const;

const NOW = new Date("2026-11-23T12:00:00Z");

const READY: DaemonState = {
  hasBeenReady: true,
  isStopping: false,
  cluster: "example.com",
  credentialsExpire: new Date("2026-11-23T12:00:01Z"),
  isWatching: true,
  watchFailure: undefined,
  isTokenRefused: false,
  missesDeletions: false,
  isReloadGood: true,
  gateway: undefined,
  longWaits: [],
  workload: {
    requests: 3,
    queued: 1,
    deliveries: 2,
    oldestDeliveryMs: 1499,
    givenUp: 0,
  },
};

const BEFORE: DaemonState = {
  ...READY,
  hasBeenReady: false,
  cluster: undefined,
  credentialsExpire: undefined,
  isWatching: false,
  workload: undefined,
};

/** What is known, and what is told of it. */
const STATES: Readonly<Record<string, [DaemonState, readonly string[]]>> = {
  "waiting for credentials": [BEFORE, ["starting: waiting for credentials"]],
  "connecting": [
    { ...BEFORE, credentialsExpire: READY.credentialsExpire },
    ["starting: connecting to the Auth Service"],
  ],
  "listing": [
    { ...READY, hasBeenReady: false, isWatching: false },
    ["starting: listing access requests"],
  ],
  "without a rule at start": [
    {
      ...READY,
      hasBeenReady: false,
      isWatching: false,
      watchFailure: "Cannot call WatchEvents: access denied",
    },
    ["starting: Cannot call WatchEvents: access denied"],
  ],
  "ready": [READY, []],
  "the stream is lost": [
    { ...READY, isWatching: false, watchFailure: "Cannot call X: gone" },
    ["stream_lost: Cannot call X: gone"],
  ],
  "the stream is lost, nobody knows why": [
    { ...READY, isWatching: false },
    ["stream_lost: connecting to the Auth Service"],
  ],
  "the credentials have expired": [
    { ...READY, credentialsExpire: NOW },
    [
      "credentials_expired: the certificate expired at 2026-11-23T12:00:00.000Z, renew it",
    ],
  ],
  "the token is refused": [
    { ...READY, isTokenRefused: true },
    ["token_refused: Discord refuses the bot token, waiting for a new one"],
  ],
  "stopping": [
    { ...READY, isStopping: true, isWatching: false },
    ["stopping: a stop was asked for"],
  ],
  "everything at once": [
    {
      ...READY,
      isWatching: false,
      watchFailure: "x",
      credentialsExpire: new Date(0),
      isTokenRefused: true,
    },
    [
      "stream_lost: x",
      "credentials_expired: the certificate expired at 1970-01-01T00:00:00.000Z, renew it",
      "token_refused: Discord refuses the bot token, waiting for a new one",
    ],
  ],
};

for (const [name, [daemon, want]] of Object.entries(STATES)) {
  Deno.test(`what is told when it is so: ${name}`, pure, () => {
    const reasons = reasonsOf(daemon, NOW);
    assert.deepEqual(
      reasons.map(({ reason, detail }) => `${reason}: ${detail}`),
      want,
    );
    const { status, body } = readyPage(daemon, NOW);
    assert.equal(status, want.length === 0 ? 200 : 503);
    assert.deepEqual(JSON.parse(body), { ready: want.length === 0, reasons });
    assert.equal(summaryOf(daemon, NOW).ready, want.length === 0);
    const line = systemdStatus(daemon, NOW);
    for (const { detail } of reasons) assert(line.includes(detail), line);
  });
}

Deno.test("the status line and the summary count the work", pure, () => {
  assert.equal(
    systemdStatus(READY, NOW),
    "watching access requests of example.com (requests in work: 3, deliveries owed: 2)",
  );
  assert.deepEqual(summaryOf(READY, NOW), {
    ready: true,
    reasons: [],
    cluster: "example.com",
    credentials_expire: "2026-11-23T12:00:01.000Z",
    requests_in_work: 3,
    queue_depth: 1,
    deliveries_owed: 2,
    oldest_owed_s: 1,
    deliveries_given_up: 0,
    waits: undefined,
    clicks_heard: undefined,
    clicks_reason: undefined,
  });
});

Deno.test(
  "the page for liveness fails only if something is stuck",
  pure,
  () => {
    const live = livePage(undefined);
    assert.equal(live.status, 200);
    assert.deepEqual(JSON.parse(live.body), { alive: true });
    const { status, body } = livePage("WatchEvents");
    assert.equal(status, 503);
    assert.deepEqual(JSON.parse(body), {
      alive: false,
      stuck_in: "WatchEvents",
    });
  },
);

Deno.test("clicks that are not heard are told, and are no reason", pure, () => {
  const daemon: DaemonState = {
    ...READY,
    gateway: {
      state: "connecting",
      reason: "connecting",
      starts: 0,
      resumes: 0,
    },
  };
  const { status, body } = readyPage(daemon, NOW);
  assert.equal(status, 200);
  assert.deepEqual(JSON.parse(body).review, {
    connected: false,
    reason: "connecting",
  });
  assert.match(systemdStatus(daemon, NOW), /clicks are not heard: connecting/);
  assert.equal(summaryOf(daemon, NOW).clicks_heard, false);
});

Deno.test(
  "what Discord makes wait for long is told, and is no reason",
  pure,
  () => {
    const until = new Date("2026-11-24T10:58:41Z");
    const daemon: DaemonState = {
      ...READY,
      longWaits: [{ route: "GET /gateway/bot", channelId: undefined, until }],
    };
    const { status, body } = readyPage(daemon, NOW);
    assert.equal(status, 200);
    assert.deepEqual(JSON.parse(body).waits, [{
      route: "GET /gateway/bot",
      until: "2026-11-24T10:58:41.000Z",
    }]);
    assert.match(
      systemdStatus(daemon, NOW),
      /; Discord keeps calls back until 2026-11-24T10:58:41.000Z \(/,
    );
    const banned = { route: undefined, channelId: undefined, until };
    assert.deepEqual(
      JSON.parse(readyPage({ ...READY, longWaits: [banned] }, NOW).body).waits,
      [{ route: "all", until: "2026-11-24T10:58:41.000Z" }],
    );
  },
);
