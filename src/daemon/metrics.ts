/**
 * What is measured: the hooks that fill the metrics.
 *
 * @module
 */

import { type Purpose, PURPOSES } from "../deliver/due/subject.ts";
import { type MetricDefinition, Registry } from "../lib/host/prometheus.ts";
import type { WatchEvent } from "../ports/auth_service.ts";
import { ROUND_RESULTS, type RoundResult } from "../reconcile/decide.ts";
import { EVENT_KINDS, METRICS } from "./metric_definitions.ts";
import { type DaemonState, isConnected, REASONS, reasonsOf } from "./status.ts";

/** What {@linkcode Metrics} need. */
export interface MetricsOptions {
  readonly version: string;
  readonly gitRef: string;
  readonly startedMs: number;
}

/** The metrics of this process. */
export class Metrics {
  readonly #registry = new Registry<DaemonState>();
  readonly #streams;
  readonly #events;
  readonly #rounds;
  readonly #roundSeconds;
  readonly #posts;
  readonly #calls;
  readonly #callSeconds;
  readonly #waits;
  readonly #reloads;
  readonly #clicks;

  constructor({ version, gitRef, startedMs }: MetricsOptions) {
    const registry = this.#registry;
    const gauge = (
      metric: MetricDefinition,
      read: (state: DaemonState) => number | boolean | undefined,
    ) =>
      registry.gauge(metric, (state) => {
        const value = read(state);
        return value === undefined ? undefined : Number(value);
      });
    const unready = (state: DaemonState) =>
      reasonsOf(state, new Date()).map(({ reason }) => reason);
    const build = [version, gitRef, Deno.version.deno];
    registry.gauge(METRICS.build, () => [[build, 1]]);
    gauge(METRICS.started, () => startedMs / 1000);
    gauge(METRICS.resident, () => Deno.memoryUsage().rss);
    gauge(METRICS.ready, (state) => unready(state).length === 0);
    registry.gauge(METRICS.unready, (state) => {
      const now = unready(state);
      return REASONS.map((each) => [[each], Number(now.includes(each))]);
    });
    gauge(METRICS.watching, ({ isWatching }) => isWatching);
    gauge(METRICS.missesDeletions, ({ missesDeletions }) => missesDeletions);
    this.#streams = registry.counter(METRICS.streams);
    this.#events = registry.counter(METRICS.events, EVENT_KINDS.map(labels));
    this.#rounds = registry.counter(METRICS.rounds, ROUND_RESULTS.map(labels));
    this.#roundSeconds = registry.histogram(METRICS.roundSeconds);
    gauge(METRICS.queue, ({ workload }) => workload?.queued);
    gauge(METRICS.requests, ({ workload }) => workload?.requests);
    gauge(METRICS.owed, ({ workload }) => workload?.deliveries);
    gauge(
      METRICS.oldestOwed,
      ({ workload }) => workload && workload.oldestDeliveryMs / 1000,
    );
    gauge(METRICS.givenUp, ({ workload }) => workload?.givenUp);
    this.#posts = registry.counter(METRICS.posts, PURPOSES.map(labels));
    this.#calls = registry.counter(METRICS.calls);
    this.#callSeconds = registry.histogram(METRICS.callSeconds);
    this.#waits = registry.histogram(METRICS.rateLimitWaits);
    gauge(
      METRICS.gatewayConnected,
      ({ gateway }) => gateway && isConnected(gateway),
    );
    registry.gauge(
      METRICS.gatewayConnects,
      ({ gateway }) =>
        gateway &&
        [[["started"], gateway.starts], [["resumed"], gateway.resumes]],
    );
    this.#clicks = registry.counter(METRICS.clicks);
    gauge(
      METRICS.certificate,
      ({ credentialsExpire: end }) => end && end.getTime() / 1000,
    );
    this.#reloads = registry.counter(METRICS.reloads, [["done"], ["refused"]]);
    gauge(METRICS.reloadGood, ({ isReloadGood }) => isReloadGood);
  }

  /** Writes all metrics out, as the daemon is now. */
  text(state: DaemonState): string {
    return this.#registry.text(state);
  }

  /** Counts a message that was posted. */
  readonly posted = (purpose: Purpose): void => this.#posts.add([purpose]);

  /** Counts a reload. */
  reloaded(result: "done" | "refused"): void {
    this.#reloads.add([result]);
  }

  /** Counts a click. */
  readonly clicked = (outcome: string): void => this.#clicks.add([outcome]);

  /** Counts an event of the Auth Service. */
  readonly event = (kind: WatchEvent["kind"]): void => {
    this.#events.add([kind]);
    if (kind === "init") this.#streams.add();
  };

  /** Counts a round. */
  readonly round = (result: RoundResult, ms: number): void => {
    this.#rounds.add([result]);
    this.#roundSeconds.observe(ms / 1000);
  };

  /** Measures a wait for a slot of the rate limits of Discord. */
  readonly waited = (route: string, ms: number): void =>
    this.#waits.observe(ms / 1000, [route]);

  /** Counts a call to Discord. */
  readonly called = (route: string, status: string, ms: number): void => {
    this.#calls.add([route, status]);
    this.#callSeconds.observe(ms / 1000, [route]);
  };
}

/** The labels of a metric that has one. */
function labels(value: string): [string] {
  return [value];
}
