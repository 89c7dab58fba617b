/**
 * Usage: `routing.ts REQUESTS`. Routes requests by 1 000 rules in a process of its own, and prints one JSON line: milliseconds for each
 * request, and the memory that the rules take. Needs `--v8-flags=--expose-gc`.
 *
 * @module
 */

import { systemClock } from "../src/lib/async/clock.ts";
import type { Logger } from "../src/lib/log/logger.ts";
import type { AccessRequest } from "../src/ports/access_request.ts";
import type { MonitoringRule } from "../src/ports/monitoring_rule.ts";
import { Router } from "../src/route/router.ts";
import { RuleBook } from "../src/route/rule_book.ts";
import { prepareRule } from "../src/route/routing_rule.ts";

const RULES = 1000;
const REQUESTS = Number(Deno.args[0]);

/** As people write them: by role, by annotation, by trait, by label, by pattern, and by schedule. */
const CONDITIONS: readonly ((i: number) => string)[] = [
  (i) => `access_request.spec.roles.contains("role-${i}")`,
  (i) =>
    `contains_any(access_request.spec.roles, set("a-${i}", "b-${i}", "c-${i}")) && ` +
    `!is_empty(access_request.spec.suggested_reviewers)`,
  (i) => `access_request.spec.system_annotations["team"].contains("team-${i}")`,
  (i) =>
    `user.traits["team"].contains("team-${i}") || ` +
    `(access_request.spec.user == "user-${i}" && access_request.spec.request_reason != "")`,
  (i) =>
    `access_request.spec.resource_labels_union["env"].contains("env-${i}")`,
  (i) => `regexp.match(access_request.spec.roles, "^(prod|stage)-${i}-.*$")`,
];

const DAYS = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday"];

function ruleOf(i: number): MonitoringRule {
  const condition = CONDITIONS[i % CONDITIONS.length] ?? String;
  const shifts = DAYS.map((weekday) => ({
    weekday,
    start: "09:00",
    end: "18:00",
  }));
  return {
    name: `rule-${i}`,
    subjects: ["access_request"],
    condition: condition(i),
    plugin: "discord",
    recipients: [`${1_000_000_000_000_000_000n + BigInt(i)}`],
    schedules: new Map(
      i % 4 === 0 ? [["office", { timezone: "Asia/Seoul", shifts }]] : [],
    ),
    unreadable: undefined,
  };
}

function requestOf(i: number): AccessRequest {
  return {
    id: `request-${i}`,
    user: "alice",
    roles: ["dev", "ops", `role-${i * CONDITIONS.length}`],
    state: "PENDING",
    kind: "UNDEFINED",
    created: new Date(Date.UTC(2026, 10, 23, 1, i)),
    requestExpires: new Date(Date.UTC(2026, 10, 24)),
    accessStarts: undefined,
    accessExpires: new Date(Date.UTC(2026, 10, 25)),
    maxDuration: undefined,
    reason: "OPS-4711: slow queries in billing",
    resolveReason: "",
    reviews: [],
    suggestedReviewers: ["rita", "rob"],
    resources: [
      { cluster: "c", kind: "node", name: "n1", subResource: "" },
      { cluster: "c", kind: "node", name: "n2", subResource: "" },
    ],
    systemAnnotations: { team: ["platform", "data"] },
    promotedTo: undefined,
    unknownFields: [],
  };
}

const SILENT: Logger = {
  debug() {},
  info() {},
  warn(message) {
    throw new Error(message);
  },
  error() {},
  with: () => SILENT,
};

const gc = (globalThis as unknown as { gc: () => void }).gc;

/** Bytes in use once what is not needed is gone. */
function inUse(): number {
  gc();
  gc();
  return Deno.memoryUsage().heapUsed;
}

async function load(rules: MonitoringRule[]): Promise<RuleBook> {
  const ruleBook = new RuleBook({
    serverVersion: "18.2.8",
    loadReader: () => Promise.resolve(prepareRule),
    auth: {
      within: () => ({ listMonitoringRules: () => Promise.resolve(rules) }),
    },
    clock: systemClock,
    logger: SILENT,
    onLoaded() {},
    onChange() {},
  });
  ruleBook.opened(["access_monitoring_rule"]);
  await ruleBook.load(new AbortController().signal);
  return ruleBook;
}

// What the code itself takes is there before.
await load([ruleOf(5)]);
const before = inUse();
const startedMs = performance.now();
// The list itself is forgotten, as an answer of the server is.
const ruleBook = await load(Array.from({ length: RULES }, (_, i) => ruleOf(i)));
const loadMs = performance.now() - startedMs;
const memoryMib = (inUse() - before) / 2 ** 20;
const labels = new Map([["env", "env-4"], ["team", "billing"]]);
const router = new Router({
  ruleBook,
  teleportLookups: {
    traits: () => Promise.resolve(new Map([["team", ["team-9"]]])),
    resources: () =>
      Promise.resolve(
        new Map([
          ["/c/node/n1", { friendlyName: undefined, labels }],
          ["/c/node/n2", { friendlyName: undefined, labels }],
        ]),
      ),
  },
  route: () => [],
});
const routeMs: number[] = [];
for (let i = 0; i < REQUESTS; i++) {
  const request = requestOf(i % 100);
  const startMs = performance.now();
  const recipients = await router.recipientsOf(request, 0);
  routeMs.push(performance.now() - startMs);
  if (recipients.length < 3) throw new Error("too few rules match");
}
const line = JSON.stringify({ routeMs, loadMs, memoryMib });
Deno.stdout.writeSync(new TextEncoder().encode(`${line}\n`));
