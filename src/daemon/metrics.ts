/**
 * What is measured: the one place that names each metric, with what it reads, and the hooks that count.
 *
 * No label tells anything of a user, a request, a role or a channel.
 *
 * @module
 */

import { type Purpose, PURPOSES } from "../deliver/due/subject.ts";
import { GIT_REF, VERSION } from "../lib/build.ts";
import { Registry } from "../lib/host/prometheus.ts";
import type { WatchEvent } from "../ports/auth_service.ts";
import { ROUND_RESULTS, type RoundResult } from "../reconcile/decide.ts";
import { type DaemonState, isConnected, REASONS, reasonsOf } from "./status.ts";

/** Kinds of events, as the label says them. */
const EVENT_KINDS = [
  "init",
  "put",
  "delete",
  "put rule",
  "delete rule",
  "unknown",
] as const satisfies readonly WatchEvent["kind"][];

/** The metrics of this process. */
export class Metrics extends Registry<DaemonState> {
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

  /** Defines every metric, in the order in which they are written. */
  constructor() {
    super();
    this.gauge({
      name: "teleport_discord_build_info",
      help: "Always 1; the labels tell what runs.",
      labels: ["version", "git_ref", "deno"],
    }, () => [[[VERSION, GIT_REF, Deno.version.deno], 1]]);
    this.gauge({
      name: "process_start_time_seconds",
      help: "When the process was started, in seconds since 1970.",
    }, () => performance.timeOrigin / 1000);
    this.gauge({
      name: "process_resident_memory_bytes",
      help: "Resident memory, in bytes.",
    }, () => Deno.memoryUsage().rss);
    this.gauge({
      name: "teleport_discord_ready",
      help: "1 while the plugin is ready, as /readyz says.",
    }, (state) => reasonsOf(state, new Date()).length === 0);
    this.gauge({
      name: "teleport_discord_unready",
      help: "1 while this reason keeps the plugin from being ready.",
      labels: ["reason"],
    }, (state) => {
      const now = reasonsOf(state, new Date()).map(({ reason }) => reason);
      return REASONS.map((each) => [[each], Number(now.includes(each))]);
    });
    this.gauge({
      name: "teleport_discord_watching",
      help: "1 while the event stream of the Auth Service is open.",
    }, ({ isWatching }) => isWatching);
    this.gauge({
      name: "teleport_discord_misses_deletions",
      help:
        "1 while requests that were deleted while the plugin was not connected may still be shown as pending.",
    }, ({ missesDeletions }) => missesDeletions);
    this.#streams = this.counter({
      name: "teleport_discord_streams_total",
      help: "Event streams that were opened.",
    });
    this.#events = this.counter({
      name: "teleport_discord_events_total",
      help: "Events of the Auth Service, by kind.",
      labels: ["kind"],
    }, EVENT_KINDS.map((each) => [each]));
    this.#rounds = this.counter({
      name: "teleport_discord_rounds_total",
      help: "Reconcile rounds, by result.",
      labels: ["result"],
    }, ROUND_RESULTS.map((each) => [each]));
    this.#roundSeconds = this.histogram({
      name: "teleport_discord_round_seconds",
      help:
        "How long a reconcile round took, without its deliveries, in seconds.",
    }, [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10]);
    this.gauge({
      name: "teleport_discord_queue_depth",
      help: "Requests that wait for a reconcile round, or are in one.",
    }, ({ workload }) => workload?.queued);
    this.gauge({
      name: "teleport_discord_requests_in_work",
      help: "Requests for which something is still to be done.",
    }, ({ workload }) => workload?.requests);
    this.gauge({
      name: "teleport_discord_deliveries_owed",
      help: "Posts and edits that are still to be made.",
    }, ({ workload }) => workload?.deliveries);
    this.gauge({
      name: "teleport_discord_deliveries_owed_oldest_seconds",
      help:
        "How long this process has been trying to make the oldest of them, in seconds; 0 if there is none.",
    }, ({ workload }) => workload && workload.oldestDeliveryMs / 1000);
    this.gauge({
      name: "teleport_discord_deliveries_given_up",
      help:
        "Posts and edits that are refused for no known reason and tried ever more rarely, up to one hour apart.",
    }, ({ workload }) => workload?.givenUp);
    this.#posts = this.counter({
      name: "teleport_discord_posts_total",
      help: "Messages that were posted, by what they are for.",
      labels: ["purpose"],
    }, PURPOSES.map((each) => [each]));
    this.#calls = this.counter({
      name: "teleport_discord_calls_total",
      help: 'Calls to Discord, by route and status; "none" if no answer came.',
      labels: ["route", "status"],
    });
    this.#callSeconds = this.histogram({
      name: "teleport_discord_call_seconds",
      help: "How long a call to Discord took, in seconds.",
      labels: ["route"],
    }, [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 15]);
    this.#waits = this.histogram({
      name: "teleport_discord_rate_limit_wait_seconds",
      help: "How long a call waited for Discord's rate limits, in seconds.",
      labels: ["route"],
    }, [0.01, 0.1, 0.5, 1, 2.5, 5, 10, 30, 60, 300]);
    this.gauge({
      name: "teleport_discord_gateway_connected",
      help:
        "1 while Discord's Gateway tells of clicks; absent unless reviewing is enabled.",
    }, ({ gateway }) => gateway && isConnected(gateway));
    this.readCounter({
      name: "teleport_discord_gateway_connects_total",
      help:
        "Connections to the Gateway, by whether they started a session or resumed one.",
      labels: ["session"],
    }, ({ gateway }) =>
      gateway &&
      [[["started"], gateway.starts], [["resumed"], gateway.resumes]]);
    this.#clicks = this.counter({
      name: "teleport_discord_clicks_total",
      help: "Clicks handled by this process, by outcome.",
      labels: ["outcome"],
    });
    this.gauge({
      name: "teleport_discord_certificate_expiry_timestamp_seconds",
      help:
        "When the certificate for the Auth Service expires, in seconds since 1970.",
    }, ({ credentialsExpire: end }) => end && end.getTime() / 1000);
    this.#reloads = this.counter({
      name: "teleport_discord_config_reloads_total",
      help: "Configuration reloads, by result.",
      labels: ["result"],
    }, [["done"], ["refused"]]);
    this.gauge({
      name: "teleport_discord_config_last_reload_successful",
      help:
        "1 unless the last reload was refused and the configuration before it is in use.",
    }, ({ isReloadGood }) => isReloadGood);
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
