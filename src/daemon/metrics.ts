/**
 * What is measured: the hooks that fill the metrics.
 *
 * @module
 */

import { type Purpose, PURPOSES } from "../deliver/due/subject.ts";
import { type MetricDefinition, Registry } from "../lib/host/prometheus.ts";
import type { WatchEvent } from "../ports/auth_service.ts";
import { ROUND_RESULTS, type RoundResult } from "../reconcile/decide.ts";
import type { Workload } from "../reconcile/reconciler.ts";
import { EVENT_KINDS, METRICS } from "./metric_definitions.ts";

/** What is read when the metrics are asked for. */
export interface Gauges {
  readonly version: string;
  readonly gitRef: string;
  readonly startedMs: number;
  readonly ready: () => boolean;
  /** Every reason there can be, and whether it applies now. */
  readonly unready: () => readonly (readonly [string, boolean])[];
  readonly isWatching: () => boolean;
  /** `undefined` until there is work. */
  readonly work: () => Workload | undefined;
  /** `undefined` where nobody listens for clicks. */
  readonly gateway: () => {
    readonly isConnected: boolean;
    readonly starts: number;
    readonly resumes: number;
  } | undefined;
  readonly certificateExpires: () => Date | undefined;
  readonly isReloadGood: () => boolean;
  readonly missesDeletions: () => boolean;
}

/** The metrics of this process. */
export class Metrics {
  readonly #registry = new Registry();
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

  constructor(gauges: Gauges) {
    const registry = this.#registry;
    const gauge = (
      metric: MetricDefinition,
      read: () => number | boolean | undefined,
    ) =>
      registry.gauge(metric, () => {
        const value = read();
        return value === undefined ? undefined : Number(value);
      });
    const { version, gitRef, work } = gauges;
    const build = [version, gitRef, Deno.version.deno];
    registry.gauge(METRICS.build, () => [[build, 1]]);
    gauge(METRICS.started, () => gauges.startedMs / 1000);
    gauge(METRICS.resident, () => Deno.memoryUsage().rss);
    gauge(METRICS.ready, gauges.ready);
    registry.gauge(
      METRICS.unready,
      () => gauges.unready().map(([reason, is]) => [[reason], Number(is)]),
    );
    gauge(METRICS.watching, gauges.isWatching);
    gauge(METRICS.missesDeletions, gauges.missesDeletions);
    this.#streams = registry.counter(METRICS.streams);
    this.#events = registry.counter(
      METRICS.events,
      EVENT_KINDS.map((kind) => [kind]),
    );
    this.#rounds = registry.counter(
      METRICS.rounds,
      ROUND_RESULTS.map((result) => [result]),
    );
    this.#roundSeconds = registry.histogram(METRICS.roundSeconds);
    gauge(METRICS.queue, () => work()?.queued);
    gauge(METRICS.requests, () => work()?.requests);
    gauge(METRICS.owed, () => work()?.deliveries);
    gauge(METRICS.oldestOwed, () => {
      const ms = work()?.oldestDeliveryMs;
      return ms === undefined ? undefined : ms / 1000;
    });
    gauge(METRICS.givenUp, () => work()?.givenUp);
    this.#posts = registry.counter(
      METRICS.posts,
      PURPOSES.map((purpose) => [purpose]),
    );
    this.#calls = registry.counter(METRICS.calls);
    this.#callSeconds = registry.histogram(METRICS.callSeconds);
    this.#waits = registry.histogram(METRICS.rateLimitWaits);
    gauge(METRICS.gatewayConnected, () => gauges.gateway()?.isConnected);
    registry.gauge(METRICS.gatewayConnects, () => {
      const gateway = gauges.gateway();
      return gateway === undefined
        ? undefined
        : [[["started"], gateway.starts], [["resumed"], gateway.resumes]];
    });
    this.#clicks = registry.counter(METRICS.clicks);
    gauge(METRICS.certificate, () => {
      const expires = gauges.certificateExpires();
      return expires === undefined ? undefined : expires.getTime() / 1000;
    });
    this.#reloads = registry.counter(METRICS.reloads, [["done"], ["refused"]]);
    gauge(METRICS.reloadGood, gauges.isReloadGood);
  }

  /** Writes all metrics out. */
  text(): string {
    return this.#registry.text();
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
