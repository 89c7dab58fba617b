/**
 * The one place that names each metric.
 *
 * No label tells anything of a user, a request, a role or a channel.
 *
 * @module
 */

import type { MetricDefinition } from "../lib/host/prometheus.ts";
import type { WatchEvent } from "../ports/auth_service.ts";

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
    help: "1 while the plugin is ready, as /readyz says.",
  },
  unready: {
    name: "teleport_discord_unready",
    type: "gauge",
    help: "1 while this reason keeps the plugin from being ready.",
    labels: ["reason"],
  },
  watching: {
    name: "teleport_discord_watching",
    type: "gauge",
    help: "1 while the event stream of the Auth Service is open.",
  },
  missesDeletions: {
    name: "teleport_discord_misses_deletions",
    type: "gauge",
    help:
      "1 while requests that were deleted while the plugin was not connected may still be shown as pending.",
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
    help: "Reconcile rounds, by result.",
    labels: ["result"],
  },
  roundSeconds: {
    name: "teleport_discord_round_seconds",
    type: "histogram",
    help:
      "How long a reconcile round took, without its deliveries, in seconds.",
    buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
  },
  queue: {
    name: "teleport_discord_queue_depth",
    type: "gauge",
    help: "Requests that wait for a reconcile round, or are in one.",
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
  posts: {
    name: "teleport_discord_posts_total",
    type: "counter",
    help: "Messages that were posted, by what they are for.",
    labels: ["purpose"],
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
    help: "Clicks handled by this process, by outcome.",
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
    help: "Configuration reloads, by result.",
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
export const EVENT_KINDS = [
  "init",
  "put",
  "delete",
  "put rule",
  "delete rule",
  "unknown",
] as const satisfies readonly WatchEvent["kind"][];
