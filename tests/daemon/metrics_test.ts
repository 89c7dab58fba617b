import assert from "node:assert/strict";
import { METRICS } from "../../src/daemon/metric_definitions.ts";
import { Metrics } from "../../src/daemon/metrics.ts";
import { routeOf } from "../../src/discord/rate_limit/api_route.ts";
import { Secret } from "../../src/lib/secret.ts";
import type { AuthService, WatchEvent } from "../../src/ports/auth_service.ts";
import { DiscordApiError } from "../../src/ports/discord_error.ts";
import { FakeClock } from "../fakes/clock.ts";
import { parseMetrics, valueOf } from "../fakes/prometheus.ts";

const pure = { permissions: "none" } as const;

const signal = new AbortController().signal;
const ROUTE = routeOf("POST", "/channels/:id/messages", "123456789012345678");

class Stage {
  readonly clock = new FakeClock();
  expires: Date | undefined;
  readonly metrics = new Metrics(this.clock, {
    version: "1.2.3",
    gitRef: "abc",
    startedMs: 1_700_000_000_123,
    ready: () => true,
    unready: () => [["starting", false], ["token_refused", true]],
    isWatching: () => true,
    work: () => ({
      requests: 7,
      queued: 5,
      deliveries: 3,
      oldestDeliveryMs: 1500,
      givenUp: 1,
    }),
    gateway: () => ({ isConnected: true, starts: 2, resumes: 9 }),
    certificateExpires: () => this.expires,
    isReloadGood: () => false,
  });

  value(name: string, labels: Record<string, string> = {}) {
    const metrics = parseMetrics(this.metrics.text());
    return valueOf(metrics, `teleport_discord_${name}`, labels);
  }
}

Deno.test(
  "every metric is there from the start, with the labels that are known",
  pure,
  () => {
    const stage = new Stage();
    const page = parseMetrics(stage.metrics.text());
    assert.deepEqual(
      [...page].map(([name, { type, help }]) => [name, type, help]),
      Object.values(METRICS).map(({ name, type, help }) => [name, type, help]),
    );
    assert.equal(stage.value("build_info", { version: "1.2.3" }), 1);
    assert.equal(
      valueOf(page, "process_start_time_seconds"),
      1_700_000_000.123,
    );
    assert.equal(stage.value("ready"), 1);
    assert.equal(stage.value("unready", { reason: "token_refused" }), 1);
    assert.equal(stage.value("requests_in_work"), 7);
    assert.equal(stage.value("queue_depth"), 5);
    assert.equal(stage.value("deliveries_owed"), 3);
    assert.equal(stage.value("deliveries_owed_oldest_seconds"), 1.5);
    assert.equal(stage.value("deliveries_given_up"), 1);
    assert.equal(stage.value("events_total", { kind: "delete" }), 0);
    assert.equal(stage.value("rounds_total", { result: "failed" }), 0);
    assert.equal(stage.value("config_last_reload_successful"), 0);
    assert.equal(
      stage.value("certificate_expiry_timestamp_seconds"),
      undefined,
    );
    stage.expires = new Date(5000);
    assert.equal(stage.value("certificate_expiry_timestamp_seconds"), 5);
  },
);

Deno.test(
  "calls count by route and status, and no ID is told",
  pure,
  async () => {
    const stage = new Stage();
    const { clock, metrics } = stage;
    const outcomes = [
      () => Promise.resolve(200),
      () => Promise.resolve(429),
      () => Promise.reject(new DiscordApiError("x", "reset", { status: 0 })),
      () => Promise.reject(new DOMException("stopped", "AbortError")),
    ];
    const sender = metrics.aroundSender({
      send: async () => {
        await clock.sleep(250, signal);
        const status = await outcomes.shift()?.() ?? 0;
        return { status, headers: new Headers(), json: undefined };
      },
    });
    for (let i = 0; i < 4; i++) {
      const call = sender.send(ROUTE, undefined, new Secret("x"), signal)
        .catch(() => {});
      await clock.advance(250);
      await call;
    }
    const route = ROUTE.name;
    for (const status of ["200", "429", "none"]) {
      assert.equal(stage.value("calls_total", { route, status }), 1, status);
    }
    assert.equal(stage.value("call_seconds_count", { route }), 3);
    assert.equal(stage.value("call_seconds_sum", { route }), 0.75);
    assert.equal(
      stage.value("call_seconds_bucket", { route, le: "0.25" }),
      3,
    );
    assert(!metrics.text().includes(ROUTE.major));
  },
);

Deno.test("waits, rounds, events and reloads count", pure, async () => {
  const stage = new Stage();
  const { clock, metrics } = stage;
  const slots = metrics.aroundSlots({
    acquire: async () => {
      await clock.sleep(2000, signal);
      throw new Error("stopped");
    },
  });
  const waited = assert.rejects(slots.acquire(ROUTE, 0, signal));
  const announced = metrics.aroundRound(async () => {
    await clock.sleep(100, signal);
    return "announce";
  });
  await clock.advance(2000);
  await Promise.all([waited, announced]);
  assert.equal(stage.value("rate_limit_wait_seconds_sum"), 2);
  assert.equal(stage.value("rounds_total", { result: "announce" }), 1);
  assert.equal(stage.value("round_seconds_sum"), 0.1);

  const seen: WatchEvent[] = [];
  const events: WatchEvent[] = [
    { kind: "init", kinds: [] },
    { kind: "delete", requestId: "1" },
    { kind: "delete", requestId: "2" },
  ];
  const source: Pick<AuthService, "watchEvents"> = {
    watchEvents: (onEvent) => {
      for (const event of events) onEvent(event);
      return Promise.reject(new Error("ended"));
    },
  };
  const auth = metrics.aroundAuth(source as AuthService);
  await assert.rejects(auth.watchEvents((event) => seen.push(event), signal));
  assert.deepEqual(seen, events);
  assert.equal(stage.value("events_total", { kind: "delete" }), 2);
  assert.equal(stage.value("streams_total"), 1);

  metrics.posted("remind");
  assert.equal(stage.value("posts_total", { purpose: "remind" }), 1);
  assert.equal(stage.value("posts_total", { purpose: "announce" }), 0);

  metrics.reloaded("refused");
  assert.equal(stage.value("config_reloads_total", { result: "refused" }), 1);
});
