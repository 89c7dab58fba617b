/**
 * What is measured: the one place that names each metric, and the wrappers that fill them.
 *
 * No label tells anything of a user, a request, a role or a channel.
 *
 * @module
 */

import type { Sender, Slots } from "../discord/rest/discord_client.ts";
import type { Clock } from "../lib/async/clock.ts";
import { type MetricDefinition, Registry } from "../lib/host/prometheus.ts";
import { wrapMethods } from "../lib/wrap_methods.ts";
import type { AuthService, WatchEvent } from "../ports/auth_service.ts";
import { DiscordApiError } from "../ports/discord_error.ts";
import {
  type AroundRound,
  ROUND_RESULTS,
  type RoundResult,
  type Work,
} from "../reconcile/measures.ts";

/** Every metric, in the order in which they are written. */
export const METRICS = {
  build: {
    name: "teleport_discord_build_info",
    type: "gauge",
    help: "Always 1; the labels tell what runs.",
    labels: ["version", "git_ref", "deno"],
  },
  started: {
    name: "process_start_time_seconds",
    type: "gauge",
    help: "When the process was started, in seconds since 1970.",
  },
  resident: {
    name: "process_resident_memory_bytes",
    type: "gauge",
    help: "Resident memory, in bytes.",
  },
  ready: {
    name: "teleport_discord_ready",
    type: "gauge",
    help: "1 while nothing is in the way of the work, as /readyz says.",
  },
  unready: {
    name: "teleport_discord_unready",
    type: "gauge",
    help: "1 while this reason is in the way of the work.",
    labels: ["reason"],
  },
  watching: {
    name: "teleport_discord_watching",
    type: "gauge",
    help: "1 while the event stream of the Auth Service is open.",
  },
  streams: {
    name: "teleport_discord_streams_total",
    type: "counter",
    help: "Event streams that were opened.",
  },
  events: {
    name: "teleport_discord_events_total",
    type: "counter",
    help: "Events of the Auth Service, by kind.",
    labels: ["kind"],
  },
  rounds: {
    name: "teleport_discord_rounds_total",
    type: "counter",
    help: "Looks at one request, by what came of it.",
    labels: ["result"],
  },
  roundSeconds: {
    name: "teleport_discord_round_seconds",
    type: "histogram",
    help:
      "How long a look at one request took, without its deliveries, in seconds.",
    buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
  },
  queue: {
    name: "teleport_discord_queue_depth",
    type: "gauge",
    help: "Requests that wait for a look at them, or are being looked at.",
  },
  requests: {
    name: "teleport_discord_requests_in_work",
    type: "gauge",
    help: "Requests for which something is still to be done.",
  },
  owed: {
    name: "teleport_discord_deliveries_owed",
    type: "gauge",
    help: "Posts and edits that are still to be made.",
  },
  oldestOwed: {
    name: "teleport_discord_deliveries_owed_oldest_seconds",
    type: "gauge",
    help:
      "How long this process has been trying to make the oldest of them, in seconds; 0 if there is none.",
  },
  givenUp: {
    name: "teleport_discord_deliveries_given_up",
    type: "gauge",
    help:
      "Posts and edits that are refused for no known reason and tried ever more rarely, up to one hour apart.",
  },
  calls: {
    name: "teleport_discord_calls_total",
    type: "counter",
    help: 'Calls to Discord, by route and status; "none" if no answer came.',
    labels: ["route", "status"],
  },
  callSeconds: {
    name: "teleport_discord_call_seconds",
    type: "histogram",
    help: "How long a call to Discord took, in seconds.",
    labels: ["route"],
    buckets: [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 15],
  },
  rateLimitWaits: {
    name: "teleport_discord_rate_limit_wait_seconds",
    type: "histogram",
    help: "How long a call waited for Discord's rate limits, in seconds.",
    labels: ["route"],
    buckets: [0.01, 0.1, 0.5, 1, 2.5, 5, 10, 30, 60, 300],
  },
  gatewayConnected: {
    name: "teleport_discord_gateway_connected",
    type: "gauge",
    help:
      "1 while Discord's Gateway tells of clicks; absent unless reviewing is enabled.",
  },
  gatewayConnects: {
    name: "teleport_discord_gateway_connects_total",
    type: "counter",
    help:
      "Connections to the Gateway, by whether they started a session or resumed one.",
    labels: ["session"],
  },
  clicks: {
    name: "teleport_discord_clicks_total",
    type: "counter",
    help: "Clicks that this process handled, by what came of them.",
    labels: ["outcome"],
  },
  certificate: {
    name: "teleport_discord_certificate_expiry_timestamp_seconds",
    type: "gauge",
    help:
      "When the certificate for the Auth Service expires, in seconds since 1970.",
  },
  reloads: {
    name: "teleport_discord_config_reloads_total",
    type: "counter",
    help: "Reloads of the configuration, by what came of them.",
    labels: ["result"],
  },
  reloadGood: {
    name: "teleport_discord_config_last_reload_successful",
    type: "gauge",
    help:
      "1 unless the last reload was refused and the configuration before it is in use.",
  },
} as const satisfies Record<string, MetricDefinition>;

/** Kinds of events, as the label says them. */
const EVENT_KINDS = [
  "init",
  "put",
  "delete",
  "put rule",
  "delete rule",
  "unknown",
] as const satisfies readonly WatchEvent["kind"][];

/** What is read when the metrics are asked for. */
export interface Gauges {
  readonly version: string;
  readonly gitRef: string;
  readonly startedMs: number;
  readonly ready: () => boolean;
  /** Every reason there can be, and whether it is in the way now. */
  readonly unready: () => readonly (readonly [string, boolean])[];
  readonly isWatching: () => boolean;
  /** `undefined` until there is work. */
  readonly work: () => Work | undefined;
  /** `undefined` where nobody listens for clicks. */
  readonly gateway: () => {
    readonly isConnected: boolean;
    readonly starts: number;
    readonly resumes: number;
  } | undefined;
  readonly certificateExpires: () => Date | undefined;
  readonly isReloadGood: () => boolean;
}

/** The metrics of this process. */
export class Metrics {
  readonly #registry = new Registry();
  readonly #clock: Clock;
  readonly #streams;
  readonly #events;
  readonly #rounds;
  readonly #roundSeconds;
  readonly #calls;
  readonly #callSeconds;
  readonly #waits;
  readonly #reloads;
  readonly #clicks;

  constructor(clock: Clock, gauges: Gauges) {
    const registry = this.#registry;
    this.#clock = clock;
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

  /** Counts a reload. */
  reloaded(result: "done" | "refused"): void {
    this.#reloads.add([result]);
  }

  /** Counts a click. */
  readonly clicked = (outcome: string): void => this.#clicks.add([outcome]);

  /** Measures the events of the Auth Service. */
  aroundAuth(auth: AuthService): AuthService {
    return wrapMethods(auth, (name, call) => {
      if (name !== "watchEvents") return call;
      return (
        onEvent: (event: WatchEvent) => void,
        signal: AbortSignal,
      ) =>
        call((event: WatchEvent) => {
          this.#events.add([event.kind]);
          if (event.kind === "init") this.#streams.add();
          onEvent(event);
        }, signal);
    });
  }

  /** Measures the looks at requests. */
  readonly aroundRound: AroundRound = async (round) => {
    const startedMs = this.#clock.monotonic();
    let result: RoundResult = "failed";
    try {
      result = await round();
    } finally {
      this.#rounds.add([result]);
      this.#roundSeconds.observe(this.#secondsSince(startedMs));
    }
  };

  /** Measures the waits for rate limits. */
  aroundSlots(slots: Slots): Slots {
    return {
      acquire: async (route, order, signal) => {
        const startedMs = this.#clock.monotonic();
        try {
          return await slots.acquire(route, order, signal);
        } finally {
          this.#waits.observe(this.#secondsSince(startedMs), [route.name]);
        }
      },
    };
  }

  /** Measures the calls to Discord. */
  aroundSender(sender: Sender): Sender {
    return {
      send: async (route, body, token, signal) => {
        const startedMs = this.#clock.monotonic();
        const end = (status: string) => {
          this.#calls.add([route.name, status]);
          this.#callSeconds.observe(this.#secondsSince(startedMs), [
            route.name,
          ]);
        };
        try {
          const answer = await sender.send(route, body, token, signal);
          end(String(answer.status));
          return answer;
        } catch (error) {
          // What was ended from here tells nothing of Discord.
          if (error instanceof DiscordApiError) end("none");
          throw error;
        }
      },
    };
  }

  #secondsSince(startedMs: number): number {
    return (this.#clock.monotonic() - startedMs) / 1000;
  }
}
