import assert from "node:assert/strict";
import { VERSION } from "../../src/lib/build.ts";
import { Metrics } from "../../src/daemon/metrics.ts";
import type { DaemonState } from "../../src/daemon/status.ts";
import { parseMetrics, valueOf } from "../fakes/prometheus.ts";

const pure = { permissions: "none" } as const;

class Stage {
  state: DaemonState = {
    hasBeenReady: true,
    isStopping: false,
    cluster: "example.com",
    credentialsExpire: undefined,
    isWatching: true,
    watchFailure: undefined,
    isTokenRefused: false,
    workload: {
      requests: 7,
      queued: 5,
      deliveries: 3,
      oldestDeliveryMs: 1500,
      givenUp: 1,
    },
    missesDeletions: true,
    isReloadGood: false,
    gateway: { state: "connected", reason: "", starts: 2, resumes: 9 },
    longWaits: [],
  };
  readonly metrics = new Metrics();

  value(name: string, labels: Record<string, string> = {}) {
    const metrics = parseMetrics(this.metrics.text(this.state));
    return valueOf(metrics, `teleport_discord_${name}`, labels);
  }
}

Deno.test(
  "every metric is there from the start, with the labels that are known",
  pure,
  () => {
    const stage = new Stage();
    const page = parseMetrics(stage.metrics.text(stage.state));
    assert.deepEqual(
      [...page].map(([name, { type, help }]) => [name, type, help]),
      stage.metrics.definitions
        .map(({ name, type, help }) => [name, type, help]),
    );
    assert.equal(stage.value("build_info", { version: VERSION }), 1);
    assert.equal(
      valueOf(page, "process_start_time_seconds"),
      performance.timeOrigin / 1000,
    );
    assert.equal(stage.value("ready"), 1);
    assert.equal(stage.value("unready", { reason: "token_refused" }), 0);
    assert.equal(stage.value("watching"), 1);
    assert.equal(stage.value("misses_deletions"), 1);
    assert.equal(stage.value("gateway_connected"), 1);
    assert.equal(
      stage.value("gateway_connects_total", { session: "resumed" }),
      9,
    );
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
    stage.state = {
      ...stage.state,
      credentialsExpire: new Date(5000),
      isTokenRefused: true,
    };
    assert.equal(stage.value("certificate_expiry_timestamp_seconds"), 5);
    assert.equal(stage.value("ready"), 0);
    assert.equal(stage.value("unready", { reason: "token_refused" }), 1);
  },
);

Deno.test("calls count by route and status", pure, () => {
  const stage = new Stage();
  const route = "POST /channels/:id/messages";
  for (const status of ["200", "429", "none"]) {
    stage.metrics.called(route, status, 250);
  }
  for (const status of ["200", "429", "none"]) {
    assert.equal(stage.value("calls_total", { route, status }), 1, status);
  }
  assert.equal(stage.value("call_seconds_count", { route }), 3);
  assert.equal(stage.value("call_seconds_sum", { route }), 0.75);
  assert.equal(stage.value("call_seconds_bucket", { route, le: "0.25" }), 3);
});

Deno.test("waits, rounds, events and reloads count", pure, () => {
  const stage = new Stage();
  const { metrics } = stage;
  metrics.waited("POST /channels/:id/messages", 2000);
  metrics.round("announce", 100);
  for (const kind of ["init", "delete", "delete"] as const) metrics.event(kind);
  assert.equal(stage.value("rate_limit_wait_seconds_sum"), 2);
  assert.equal(stage.value("rounds_total", { result: "announce" }), 1);
  assert.equal(stage.value("round_seconds_sum"), 0.1);
  assert.equal(stage.value("events_total", { kind: "delete" }), 2);
  assert.equal(stage.value("streams_total"), 1);

  metrics.posted("remind");
  assert.equal(stage.value("posts_total", { purpose: "remind" }), 1);
  assert.equal(stage.value("posts_total", { purpose: "announce" }), 0);

  metrics.reloaded("refused");
  assert.equal(stage.value("config_reloads_total", { result: "refused" }), 1);
});
