import assert from "node:assert/strict";
import { systemClock } from "../../src/lib/async/clock.ts";
import { RuleBook } from "../../src/route/rule_book.ts";
import { Router } from "../../src/route/router.ts";
import { MemoryLogger } from "../fakes/logger.ts";
import { accessRequest } from "../fakes/samples.ts";

const CHANNELS = [1, 2, 3].map((i) => `100000000000000000${i}`);

function rule(name: string, condition: string, ...recipients: string[]) {
  return {
    name,
    subjects: ["access_request"],
    condition,
    plugin: "discord",
    recipients,
    schedules: new Map(),
    unreadable: undefined,
  };
}

function unexpected(): never {
  assert.fail("nothing of this is needed");
}

Deno.test(
  "each rule is asked, whatever the outcome of those before it",
  { permissions: "none" },
  async () => {
    const [one = "", two = "", three = ""] = CHANNELS;
    const rules = [
      rule("does not match", "false", one),
      rule("fails", "choose(option(false, true))", one),
      rule("matches", "true", two),
      rule("does not match either", "1 == 2", one),
      rule("matches as well", "true", three, two),
    ];
    const logger = new MemoryLogger();
    const ruleBook = new RuleBook({
      auth: { listMonitoringRules: () => Promise.resolve(rules) },
      clock: systemClock,
      logger,
      serverVersion: "18.2.8",
      onLoaded: () => {},
      onChange: () => {},
    });
    await ruleBook.load(new AbortController().signal);
    const teleportLookups = { traits: unexpected, resources: unexpected };
    const router = new Router({ ruleBook, teleportLookups, route: unexpected });
    assert.deepEqual(await router.recipientsOf(accessRequest(), 0), [
      two,
      three,
    ]);
    const warnings = logger.lines.filter(({ level }) => level === "warning");
    assert.deepEqual(warnings.map(({ fields }) => fields.rule), ["fails"]);
  },
);
