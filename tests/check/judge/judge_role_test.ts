import assert from "node:assert/strict";
import {
  judgeRules,
  type Probe,
  type RuleProbes,
} from "../../../src/check/judge/judge_role.ts";

const granted: Probe = { kind: "granted" };
const silent: Probe = { kind: "unanswered", detail: "the server is busy" };
const denied = (verb?: string): Probe => ({ kind: "denied", verb });

/** The role of the README: plugin data of access lists are refused, which takes no rule on requests. */
const GOOD: RuleProbes = {
  watch: granted,
  requestData: granted,
  listData: denied("list"),
  showsRequests: false,
  unknownFields: new Map(),
  updateData: granted,
  role: granted,
  user: granted,
  loginState: granted,
  monitoring: granted,
  monitoringRules: [],
  resources: new Map([["node", true]]),
};

/** Judges, and leaves out what is good. */
function judge(probes: Partial<RuleProbes>): string[] {
  return judgeRules({ ...GOOD, ...probes }, undefined)
    .filter(({ status }) => status !== "ok")
    .map(({ status, subject }) => `${status}: ${subject.replace("rule ", "")}`);
}

const READ = "read on access_request";
const LIST = "list on access_request";
const UPDATE = "update on access_plugin_data";
const RULES = "list on access_monitoring_rule";

const CASES: Readonly<
  Record<string, readonly [Partial<RuleProbes>, readonly string[]]>
> = {
  "everything is there": [{}, []],
  "requests hold fields that nobody knows": [
    { unknownFields: new Map([["ResourceID.5", 2]]) },
    ["warning: field ResourceID.5 of requests"],
  ],
  "nothing is there": [
    {
      watch: denied("read"),
      requestData: denied("list"),
      updateData: denied("update"),
      role: denied("read"),
      user: denied("read"),
      loginState: denied("read"),
      monitoring: denied("list"),
    },
    [
      `failed: ${READ}`,
      `failed: ${LIST}`,
      `failed: ${UPDATE}`,
      `warning: ${RULES}`,
      "warning: read on role",
      "warning: read on user",
      "warning: read on user_login_state",
    ],
  ],
  "read is missing, and the server checks it first": [
    { watch: denied("read"), requestData: denied("read") },
    [`failed: ${READ}`, `skipped: ${LIST}`],
  ],
  "read is missing on requests, and both are there on plugin data": [
    { watch: denied("read"), listData: granted },
    [`failed: ${READ}`, `warning: ${LIST}`],
  ],
  "a refusal does not say for want of what": [
    { requestData: denied() },
    [`failed: ${LIST}`],
  ],
  "plugin data of access lists are refused for want of read": [
    { listData: denied("read") },
    [`warning: ${LIST}`],
  ],
  "plugin data of access lists may be read, and no request is there": [
    { listData: granted },
    [`warning: ${LIST}`],
  ],
  "plugin data of access lists may be read, and a request is there": [
    { listData: granted, showsRequests: true },
    [],
  ],
  "plugin data of access lists did not answer": [
    { listData: silent },
    [`warning: ${LIST}`],
  ],
  "the server has no access monitoring rules": [
    { monitoringRules: undefined },
    [`info: ${RULES}`],
  ],
  "of some resources none can be seen": [
    { resources: new Map([["node", true], ["db", false]]) },
    ["info: resources"],
  ],
  "the server does not answer": [
    { watch: silent, requestData: silent, updateData: silent },
    [`unanswered: ${READ}`, `unanswered: ${LIST}`, `unanswered: ${UPDATE}`],
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
  name: "a missing rule comes with the YAML to add",
  permissions: "none",
  fn() {
    const [, , finding] = judgeRules(
      { ...GOOD, updateData: denied("update") },
      undefined,
    );
    assert.equal(
      finding?.remedy,
      `add this below spec.allow.rules of the plugin's role:
- resources: [access_plugin_data]
  verbs: [update]`,
    );
  },
});
