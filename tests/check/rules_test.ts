import assert from "node:assert/strict";
import { judgeRules } from "../../src/check/rules.ts";
import type { Probe, RuleProbes } from "../../src/teleport/rule_probes.ts";

const granted: Probe = { kind: "granted" };
const silent: Probe = { kind: "unanswered", detail: "the server is busy" };
const denied = (verb?: string): Probe => ({ kind: "denied", verb });

/** The role of the README: plugin data of access lists are refused, which takes no rule on requests. */
const GOOD: RuleProbes = {
  watch: granted,
  requestData: granted,
  listData: denied("list"),
  showsRequests: false,
  updateData: granted,
  role: granted,
  user: granted,
  loginState: granted,
  monitoring: granted,
  monitoringRules: [],
};

function judge(probes: Partial<RuleProbes>, users = false): string[] {
  return judgeRules({ ...GOOD, ...probes }, { users }).map(
    ({ status, subject }) => `${status}: ${subject.replace("rule ", "")}`,
  );
}

const READ = "read on access_request";
const LIST = "list on access_request";
const UPDATE = "update on access_plugin_data";
const RULES = "list on access_monitoring_rule";
const ROLE = "read on role";

const CASES: Readonly<
  Record<string, readonly [Partial<RuleProbes>, readonly string[]]>
> = {
  "everything is there": [
    {},
    [
      `ok: ${READ}`,
      `ok: ${LIST}`,
      `ok: ${UPDATE}`,
      `ok: ${RULES}`,
      `ok: ${ROLE}`,
    ],
  ],
  "nothing is there": [
    {
      watch: denied("read"),
      requestData: denied("list"),
      updateData: denied("update"),
      role: denied("read"),
      monitoring: denied("list"),
    },
    [
      `failed: ${READ}`,
      `failed: ${LIST}`,
      `failed: ${UPDATE}`,
      `warning: ${RULES}`,
      `warning: ${ROLE}`,
    ],
  ],
  "read is missing, and the server checks it first": [
    { watch: denied("read"), requestData: denied("read") },
    [
      `failed: ${READ}`,
      `skipped: ${LIST}`,
      `ok: ${UPDATE}`,
      `ok: ${RULES}`,
      `ok: ${ROLE}`,
    ],
  ],
  "a refusal does not say for want of what": [
    { requestData: denied() },
    [
      `ok: ${READ}`,
      `failed: ${LIST}`,
      `ok: ${UPDATE}`,
      `ok: ${RULES}`,
      `ok: ${ROLE}`,
    ],
  ],
  "plugin data of access lists are refused for want of read": [
    { listData: denied("read") },
    [
      `ok: ${READ}`,
      `warning: ${LIST}`,
      `ok: ${UPDATE}`,
      `ok: ${RULES}`,
      `ok: ${ROLE}`,
    ],
  ],
  "plugin data of access lists may be read, and no request is there": [
    { listData: granted },
    [
      `ok: ${READ}`,
      `warning: ${LIST}`,
      `ok: ${UPDATE}`,
      `ok: ${RULES}`,
      `ok: ${ROLE}`,
    ],
  ],
  "plugin data of access lists may be read, and a request is there": [
    { listData: granted, showsRequests: true },
    [
      `ok: ${READ}`,
      `ok: ${LIST}`,
      `ok: ${UPDATE}`,
      `ok: ${RULES}`,
      `ok: ${ROLE}`,
    ],
  ],
  "the server does not answer": [
    {
      watch: silent,
      requestData: silent,
      updateData: silent,
      role: silent,
      monitoring: silent,
    },
    [
      `unanswered: ${READ}`,
      `unanswered: ${LIST}`,
      `unanswered: ${UPDATE}`,
      `unanswered: ${RULES}`,
      `unanswered: ${ROLE}`,
    ],
  ],
};

for (const [name, [probes, expected]] of Object.entries(CASES)) {
  Deno.test({
    name: `rules: ${name}`,
    permissions: "none",
    fn: () => assert.deepEqual(judge(probes), expected),
  });
}

Deno.test({
  name: "rules on users count only where users are looked up",
  permissions: "none",
  fn() {
    const probes = { user: denied("read"), loginState: denied("read") };
    assert.equal(judge(probes).length, 5);
    assert.deepEqual(judge(probes, true).slice(5), [
      "warning: read on user",
      "warning: read on user_login_state",
    ]);
  },
});

Deno.test({
  name: "a missing rule comes with the YAML to add",
  permissions: "none",
  fn() {
    const [, , finding] = judgeRules(
      { ...GOOD, updateData: denied("update") },
      { users: false },
    );
    assert.equal(
      finding?.remedy,
      `add this below spec.allow.rules of the plugin's role:
- resources: [access_plugin_data]
  verbs: [update]`,
    );
  },
});
