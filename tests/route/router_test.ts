import assert from "node:assert/strict";
import { RuleBook } from "../../src/route/rule_book.ts";
import { Router } from "../../src/route/router.ts";
import { prepareRule } from "../../src/route/routing_rule.ts";
import { FakeClock } from "../fakes/clock.ts";
import { MemoryLogger } from "../fakes/logger.ts";
import { MemoryAuth } from "../fakes/memory_auth.ts";
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

function createRuleBook() {
  const clock = new FakeClock();
  const auth = new MemoryAuth(clock);
  const logger = new MemoryLogger();
  const ruleBook = new RuleBook({
    auth,
    clock,
    logger,
    serverVersion: "18.2.8",
    loadReader: () => Promise.resolve(prepareRule),
    onLoaded: () => {},
    onChange: () => {},
  });
  return { clock, auth, logger, ruleBook };
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
    const { auth, logger, ruleBook } = createRuleBook();
    for (const each of rules) auth.rules.set(each.name, each);
    await ruleBook.load(new AbortController().signal);
    const teleportLookups = { traits: unexpected, resources: unexpected };
    const router = new Router({ ruleBook, teleportLookups, route: unexpected });
    assert.deepEqual(await router.recipientsOf(accessRequest(), 0), [
      two,
      three,
    ]);
    const warnings = logger.at("warning");
    assert.deepEqual(warnings.map(({ fields }) => fields.rule), ["fails"]);
  },
);

Deno.test("a list of rules is ended with the watch that asked for it", async () => {
  const { clock, auth, ruleBook } = createRuleBook();
  auth.script.next("ListAccessMonitoringRules", { takesMs: 60_000 });
  const watch = new AbortController();
  const loaded = ruleBook.load(watch.signal);
  const lost = new Error("the watch is lost");
  watch.abort(lost);
  assert.equal(await loaded.catch((error) => error), lost);
  assert.equal(clock.sleepers, 0);
});
