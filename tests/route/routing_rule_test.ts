import assert from "node:assert/strict";
import { createInput } from "../../src/route/predicate/condition.ts";
import { askRules, prepareRule } from "../../src/route/routing_rule.ts";
import { TimeZones } from "../../src/route/schedule.ts";
import { accessRequest } from "../fakes/samples.ts";

const pure = { permissions: "none" } as const;
const CHANNELS = [1, 2, 3].map((i) => `100000000000000000${i}`);

function prepare(name: string, condition: string, ...recipients: string[]) {
  return prepareRule({
    name,
    subjects: ["access_request"],
    condition,
    plugin: "discord",
    recipients,
    schedules: new Map(),
    unreadable: undefined,
  }, new TimeZones());
}

Deno.test(
  "each rule is asked, whatever the outcome of those before it",
  pure,
  () => {
    const [one = "", two = "", three = ""] = CHANNELS;
    const rules = [
      prepare("does not match", "false", one),
      prepare("fails", "choose(option(false, true))", one),
      prepare("matches", "true", two),
      prepare("does not match either", "1 == 2", one),
      prepare("matches as well", "true", three, two),
    ].flatMap(({ rule }) => rule ?? []);
    const verdict = askRules(rules, createInput(accessRequest()));
    assert.deepEqual(verdict.recipients, [two, three]);
    assert.deepEqual(verdict.failures.map(({ rule }) => rule.name), ["fails"]);
  },
);
