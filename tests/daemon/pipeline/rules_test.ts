/** Access monitoring rules, from the first list to the last change. */

import assert from "node:assert/strict";
import { encodePluginData } from "../../../src/record/plugin_data_codec.ts";
import { prepareRule } from "../../../src/route/routing_rule.ts";
import { teleportError } from "../../fakes/memory_auth.ts";
import { discordError } from "../../fakes/memory_discord.ts";
import {
  accessRequest,
  monitoringRule,
  officialData,
  storedEntries,
} from "../../fakes/samples.ts";
import { CHANNEL, OTHER_CHANNEL, RESYNC_MS, World } from "./world.ts";

const LIST = "ListAccessMonitoringRules";
const THIRD_CHANNEL = "800000000000000003";
const IN_USE = "access monitoring rule is in use";
const UNUSABLE = "access monitoring rule cannot be used, skipping it";
const FAILED =
  "condition of an access monitoring rule could not be evaluated, skipping the rule";
const DENIED =
  "may not read access monitoring rules, routing by the configuration alone";
const CANNOT_LOAD =
  "cannot load what reads access monitoring rules, requests wait for it";
const UNKNOWN =
  "cannot read access monitoring rules, routing by what is known of them";

Deno.test("all rules that match are told together, and the configuration then not", async () => {
  await using world = new World();
  const rules = [
    monitoringRule({ name: "a", condition: ROLE_DEV }),
    monitoringRule({
      name: "b",
      recipients: [OTHER_CHANNEL, THIRD_CHANNEL],
    }),
    monitoringRule({ name: "c", condition: "false", recipients: [CHANNEL] }),
    monitoringRule({ name: "d", plugin: "slack", recipients: [CHANNEL] }),
    monitoringRule({ name: "e", subjects: ["user"], recipients: [CHANNEL] }),
  ];
  for (const rule of rules) world.auth.rules.set(rule.name, rule);
  await world.start();
  await world.put({ id: "r1", roles: ["dev"] });
  assert.deepEqual(world.shown(CHANNEL), []);
  assert.deepEqual(world.shown(OTHER_CHANNEL), ["PENDING"]);
  assert.deepEqual(world.shown(THIRD_CHANNEL), ["PENDING"]);
});

Deno.test("where no rule matches, or those that do name nobody, the configuration counts", async () => {
  await using world = new World();
  for (
    const rule of [
      monitoringRule({ name: "other role", condition: ROLE_DEV }),
      monitoringRule({ name: "nobody", recipients: [] }),
    ]
  ) world.auth.rules.set(rule.name, rule);
  await world.start();
  await world.put({ id: "r1", roles: ["ops"] });
  assert.deepEqual(world.shown(CHANNEL), ["PENDING"]);
  assert.deepEqual(world.shown(OTHER_CHANNEL), []);
});

Deno.test("a request that comes while the rules are listed waits for them", async () => {
  await using world = new World();
  world.auth.rules.set("rule", monitoringRule());
  world.auth.script.next(LIST, { takesMs: 5000 });
  const process = await world.start();
  await world.put({ id: "r1" });
  await world.clock.advance(4999);
  assert.equal(world.discord.script.calls.length, 0);
  assert.equal(process.pipeline.reconciler.workload.requests, 1);
  await world.clock.advance(1);
  assert.deepEqual(world.shown(OTHER_CHANNEL), ["PENDING"]);
  assert.deepEqual(world.shown(CHANNEL), []);
  assert.equal(process.pipeline.reconciler.workload.requests, 0);
});

Deno.test("what reads rules is loaded with the first rule for this plugin", async () => {
  await using world = new World();
  world.auth.rules.set("other", monitoringRule({ plugin: "slack" }));
  const loading = Promise.withResolvers<typeof prepareRule>();
  let loads = 0;
  await world.start({
    loadRuleReader: () => {
      loads++;
      return loading.promise;
    },
  });
  await world.put({ id: "r1" });
  assert.equal(loads, 0);
  world.auth.putRule(monitoringRule({ name: "gone" }));
  world.auth.putRule(monitoringRule({ condition: "false" }));
  world.auth.removeRule("gone");
  world.auth.putRule(monitoringRule({ recipients: [THIRD_CHANNEL] }));
  // It comes right behind them, before they could be read.
  await world.put({ id: "r2" });
  assert.deepEqual(world.shown(CHANNEL), ["PENDING"]);
  loading.resolve(prepareRule);
  await world.clock.advance(0);
  assert.deepEqual(world.shown(THIRD_CHANNEL), ["PENDING"]);
  assert.deepEqual(world.shown(OTHER_CHANNEL), []);
  assert.deepEqual(world.shown(CHANNEL), ["PENDING"]);
  // Of versions that were gone by then nothing is said.
  assert.equal(world.logger.find(IN_USE).length, 1);
});

Deno.test("while what reads rules cannot be loaded, requests wait", async () => {
  await using world = new World();
  let isThere = false;
  await world.start({
    loadRuleReader: () =>
      isThere
        ? Promise.resolve(prepareRule)
        : Promise.reject(new TypeError("no such module")),
  });
  world.auth.putRule(monitoringRule());
  await world.put({ id: "r1" });
  const [line] = world.logger.find(CANNOT_LOAD);
  assert.match(String(line?.fields["hint"]), /restart/);
  // Nor do they go by the configuration once a sweep has tried in vain.
  await world.clock.advance(2 * RESYNC_MS);
  await world.put({ id: "r2" });
  assert.equal(world.discord.script.calls.length, 0);
  isThere = true;
  await world.clock.advance(RESYNC_MS);
  assert.deepEqual(world.shown(OTHER_CHANNEL), ["PENDING", "PENDING"]);
  assert.deepEqual(world.shown(CHANNEL), []);
});

Deno.test("a list whose watch is lost while it is read does not count", async () => {
  await using world = new World();
  world.auth.rules.set("rule", monitoringRule());
  const first = Promise.withResolvers<typeof prepareRule>();
  let loading = first.promise;
  await world.start({ loadRuleReader: () => loading });
  loading = Promise.resolve(prepareRule);
  world.auth.endWatches(teleportError("UNAVAILABLE", "WatchEvents"));
  world.auth.rules.set("rule", monitoringRule({ recipients: [THIRD_CHANNEL] }));
  world.auth.script.next(LIST, { takesMs: 5000 });
  await world.clock.advance(1000);
  first.resolve(prepareRule);
  await world.put({ id: "r1" });
  assert.deepEqual(world.shown(OTHER_CHANNEL), []);
  await world.clock.advance(10_000);
  assert.deepEqual(world.shown(THIRD_CHANNEL), ["PENDING"]);
});

Deno.test("a rule that is made, edited or deleted counts for the next request", async () => {
  await using world = new World();
  await world.start();
  const told = async (id: string) => {
    const channels = [CHANNEL, OTHER_CHANNEL, THIRD_CHANNEL];
    const before = channels.map((each) => world.shown(each).length);
    await world.put({ id });
    return channels.filter((each, i) => world.shown(each).length !== before[i]);
  };
  assert.deepEqual(await told("r1"), [CHANNEL]);
  world.auth.putRule(monitoringRule());
  assert.deepEqual(await told("r2"), [OTHER_CHANNEL]);
  world.auth.putRule(monitoringRule({ recipients: [THIRD_CHANNEL] }));
  assert.deepEqual(await told("r3"), [THIRD_CHANNEL]);
  world.auth.putRule(monitoringRule({ plugin: "slack" }));
  assert.deepEqual(await told("r4"), [CHANNEL]);
  world.auth.putRule(monitoringRule());
  world.auth.removeRule("rule");
  assert.deepEqual(await told("r5"), [CHANNEL]);
});

Deno.test("what happened to rules while the watch was down is known after it", async () => {
  await using world = new World();
  await world.start();
  // Events of the watch that was lost are older than any list after it.
  for (const name of ["edited", "deleted"]) {
    world.auth.putRule(monitoringRule({ name }));
  }
  world.auth.rules.delete("deleted");
  world.auth.rules.set(
    "edited",
    monitoringRule({ name: "edited", recipients: [THIRD_CHANNEL] }),
  );
  world.auth.endWatches(teleportError("UNAVAILABLE", "WatchEvents"));
  // Even a request that comes with the first events of the new watch.
  world.auth.script.next(LIST, { takesMs: 1000 });
  await world.clock.advance(500);
  await world.put({ id: "r1" });
  await world.clock.advance(1000);
  assert.deepEqual(world.shown(OTHER_CHANNEL), []);
  assert.deepEqual(world.shown(THIRD_CHANNEL), ["PENDING"]);
});

Deno.test("an event beats a list that is behind it", async () => {
  await using world = new World();
  world.auth.rules.set("gone", monitoringRule({ name: "gone" }));
  // What a list shows is taken when the call is made.
  world.auth.script.next(LIST, { takesMs: 1000 });
  await world.start();
  world.auth.removeRule("gone");
  const late = { name: "late", recipients: [THIRD_CHANNEL] };
  world.auth.putRule(monitoringRule(late));
  await world.clock.advance(1000);
  await world.put({ id: "r1" });
  assert.deepEqual(world.shown(OTHER_CHANNEL), []);
  assert.deepEqual(world.shown(THIRD_CHANNEL), ["PENDING"]);
});

Deno.test("a change of rules does not announce an open request again", async () => {
  await using world = new World();
  await world.start();
  await world.put({ id: "r1" });
  world.auth.putRule(monitoringRule());
  await world.clock.advance(2 * RESYNC_MS);
  await world.put({ id: "r1", reason: "touched" });
  assert.deepEqual(world.shown(CHANNEL), ["PENDING"]);
  assert.deepEqual(world.shown(OTHER_CHANNEL), []);
  assert.equal(world.delivery("r1", OTHER_CHANNEL), undefined);
});

Deno.test("a request that nobody was told of is looked at again when a rule changes", async () => {
  await using world = new World();
  await world.start({ route: () => [] });
  await world.put({ id: "r1" });
  await world.clock.advance(3 * RESYNC_MS);
  assert.equal(world.logger.find("request is not announced").length, 1);
  world.auth.putRule(monitoringRule({ condition: "false" }));
  await world.clock.advance(0);
  assert.deepEqual(world.shown(OTHER_CHANNEL), []);
  world.auth.putRule(monitoringRule());
  await world.clock.advance(0);
  assert.deepEqual(world.shown(OTHER_CHANNEL), ["PENDING"]);
  assert.equal(world.logger.find("bringing requests in step").length, 0);
});

Deno.test("what the official plugin left unfinished goes where the rules say", async () => {
  await using world = new World();
  world.auth.rules.set("rule", monitoringRule());
  world.auth.requests.set("r1", accessRequest({ id: "r1" }));
  const unfinished = officialData({ deliveries: new Map() });
  world.auth.store("r1", storedEntries(encodePluginData(unfinished)));
  await world.start();
  await world.clock.advance(10_000);
  assert.deepEqual(world.shown(OTHER_CHANNEL), ["PENDING"]);
  assert.deepEqual(world.shown(CHANNEL), []);
});

Deno.test("a delivery that is owed stays owed to whom it was owed", async () => {
  await using world = new World();
  world.discord.script.next(`POST /channels/${CHANNEL}`, {
    refuse: discordError(500),
  });
  await world.start();
  await world.put({ id: "r1" });
  assert.equal(world.delivery("r1"), "owed 1");
  world.auth.putRule(monitoringRule());
  await world.clock.advance(60_000);
  assert.deepEqual(world.shown(CHANNEL), ["PENDING"]);
  assert.deepEqual(world.shown(OTHER_CHANNEL), []);
});

Deno.test("rules that cannot be used are skipped with one warning each", async (t) => {
  const rows: [string, Parameters<typeof monitoringRule>[0], RegExp][] = [
    [
      "a condition that does not parse",
      { condition: 'access_request.spec.roles.contains("dev"' },
      /^condition: column \d+: /,
    ],
    [
      "a condition of another type",
      { condition: 'access_request.spec.user == set("dev")' },
      /^condition: column \d+: /,
    ],
    [
      "a schedule without such a time",
      {
        schedules: new Map([["night", {
          timezone: "",
          shifts: [{ weekday: "Monday", start: "25:00", end: "26:00" }],
        }]]),
      },
      /^schedule "night", shift 1: "25:00" /,
    ],
    [
      "what was not understood",
      { unreadable: "its form is new" },
      /form is new/,
    ],
  ];
  for (const [what, fields, reason] of rows) {
    await t.step(what, async () => {
      await using world = new World();
      const bad = monitoringRule({
        ...fields,
        name: "bad",
        recipients: [THIRD_CHANNEL],
      });
      world.auth.rules.set("bad", bad);
      world.auth.rules.set("good", monitoringRule({ name: "good" }));
      await world.start();
      await world.put({ id: "r1" });
      await world.put({ id: "r2" });
      await world.clock.advance(2 * RESYNC_MS);
      assert.deepEqual(world.shown(OTHER_CHANNEL), ["PENDING", "PENDING"]);
      assert.deepEqual(world.shown(THIRD_CHANNEL), []);
      const [line, ...more] = world.logger.find(UNUSABLE);
      assert.deepEqual(more, []);
      assert.equal(line?.fields["rule"], "bad");
      assert.match(String(line?.fields["reason"]), reason);
    });
  }
});

Deno.test("a condition that fails is skipped, with one warning a version of the rule", async () => {
  await using world = new World();
  const fails = monitoringRule({
    name: "fails",
    condition: 'email.local(access_request.spec.roles).contains("x")',
    recipients: [THIRD_CHANNEL],
  });
  world.auth.rules.set("fails", fails);
  world.auth.rules.set("good", monitoringRule({ name: "good" }));
  await world.start();
  await world.put({ id: "r1" });
  await world.put({ id: "r2" });
  assert.deepEqual(world.shown(OTHER_CHANNEL), ["PENDING", "PENDING"]);
  assert.equal(world.logger.find(FAILED).length, 1);
  const [line] = world.logger.find(FAILED);
  assert.equal(line?.fields["rule"], "fails");
  assert.match(String(line?.fields["reason"]), /^column 1: email.local\(\): /);
  // The same rule in another version.
  world.auth.putRule({ ...fails, recipients: [CHANNEL] });
  await world.put({ id: "r3" });
  assert.equal(world.logger.find(FAILED).length, 2);
});

Deno.test("a recipient that is none is left out, with a warning that names the rule", async () => {
  await using world = new World();
  world.auth.rules.set(
    "rule",
    monitoringRule({ recipients: ["#ops", OTHER_CHANNEL, "rita@example.com"] }),
  );
  await world.start();
  await world.put({ id: "r1" });
  assert.deepEqual(world.shown(OTHER_CHANNEL), ["PENDING"]);
  const lines = world.logger.find(
    "recipient of an access monitoring rule is left out",
  );
  assert.deepEqual(
    lines.map(({ fields }) => [fields["rule"], fields["recipient"]]),
    [["rule", "#ops"], ["rule", "rita@example.com"]],
  );
});

Deno.test("a schedule decides by the time at which the request was made", async () => {
  await using world = new World();
  const shift = { weekday: "Monday", start: "09:00", end: "17:00" };
  world.auth.rules.set(
    "rule",
    monitoringRule({
      schedules: new Map([[
        "office",
        { timezone: "Asia/Seoul", shifts: [shift] },
      ]]),
    }),
  );
  await world.start();
  // Monday, 18 May 2026, 16:59 and 17:01 in Seoul.
  await world.put({ id: "r1", created: new Date("2026-05-18T07:59:00Z") });
  assert.deepEqual(world.shown(OTHER_CHANNEL), ["PENDING"]);
  await world.put({ id: "r2", created: new Date("2026-05-18T08:01:00Z") });
  assert.deepEqual(world.shown(CHANNEL), ["PENDING"]);
});

Deno.test("without the permission to read rules the configuration counts, and one warning has the YAML", async () => {
  await using world = new World();
  world.auth.kinds = ["access_request"];
  const allow = world.auth.script.always(LIST, {
    refuse: teleportError("PERMISSION_DENIED", LIST),
  });
  world.auth.rules.set("rule", monitoringRule());
  const process = await world.start();
  assert.equal(process.ready, 1);
  await world.put({ id: "r1" });
  await world.clock.advance(2 * RESYNC_MS);
  assert.deepEqual(world.shown(CHANNEL), ["PENDING"]);
  assert.equal(world.logger.find(DENIED).length, 1);
  assert.match(
    String(world.logger.find(DENIED)[0]?.fields["hint"]),
    /rules of the plugin.s role: - \{resources: \[access_monitoring_rule\], verbs: \[list, read\]\}$/,
  );
  // Once it is granted, the next sweep sees the rules.
  allow();
  await world.clock.advance(RESYNC_MS);
  await world.put({ id: "r2" });
  assert.deepEqual(world.shown(OTHER_CHANNEL), ["PENDING"]);
});

Deno.test("rules that may not be read any more do not count any more", async () => {
  await using world = new World();
  await world.start();
  // Not even one that an event has just told of.
  await world.clock.advance(RESYNC_MS - 1000);
  world.auth.putRule(monitoringRule());
  world.auth.script.always(LIST, {
    refuse: teleportError("PERMISSION_DENIED", LIST),
  });
  await world.clock.advance(1000);
  await world.put({ id: "r1" });
  assert.deepEqual(world.shown(CHANNEL), ["PENDING"]);
  assert.equal(world.logger.find(DENIED).length, 1);
});

Deno.test("a server that knows no rules is asked for nothing else", async () => {
  await using world = new World();
  world.auth.kinds = ["access_request"];
  world.auth.knowsRules = false;
  await world.start();
  await world.put({ id: "r1" });
  assert.deepEqual(world.shown(CHANNEL), ["PENDING"]);
  assert.deepEqual(world.logger.at("warning"), []);
});

Deno.test("rules that cannot be watched are listed again with each sweep", async () => {
  await using world = new World();
  world.auth.kinds = ["access_request"];
  await world.start();
  world.auth.rules.set("rule", monitoringRule());
  await world.clock.advance(2 * RESYNC_MS);
  await world.put({ id: "r1" });
  assert.deepEqual(world.shown(OTHER_CHANNEL), ["PENDING"]);
  assert.equal(world.logger.find(IN_USE).length, 1);
  assert.equal(
    world.logger.find(({ message }) => message.includes("cannot be watched"))
      .length,
    1,
  );
});

Deno.test("rules that cannot be listed for a moment hold requests up, but not for ever", async () => {
  await using world = new World();
  world.auth.rules.set("rule", monitoringRule());
  const refuse = teleportError("UNAVAILABLE", LIST);
  world.auth.script.next(LIST, { refuse }, { refuse });
  await world.start();
  await world.put({ id: "r1" });
  assert.equal(world.discord.script.calls.length, 0);
  await world.clock.advance(10_000);
  assert.deepEqual(world.shown(OTHER_CHANNEL), ["PENDING"]);

  await using other = new World();
  other.auth.script.always(LIST, { refuse: teleportError("INTERNAL", LIST) });
  const process = await other.start();
  await other.put({ id: "r1" });
  await other.clock.advance(10_000);
  assert.equal(process.ready, 1);
  assert.deepEqual(other.shown(CHANNEL), ["PENDING"]);
  await other.clock.advance(2 * RESYNC_MS);
  assert.equal(other.logger.find(UNKNOWN).length, 1);
});

Deno.test("traits of the requester are looked up only where a rule on duty needs them", async () => {
  await using world = new World();
  await world.start();
  world.auth.users.set("alice", { traits: new Map([["team", ["red"]]]) });
  world.auth.users.set("bob", { traits: new Map([["team", ["blue"]]]) });
  world.auth.putRule(monitoringRule({ condition: ROLE_DEV }));
  await world.put({ id: "r1", roles: ["ops"] });
  assert.deepEqual(world.auth.script.made("GetUser"), []);
  world.auth.putRule(monitoringRule({ condition: TEAM_RED }));
  await world.put({ id: "r2", user: "alice" });
  assert.deepEqual(world.shown(OTHER_CHANNEL), ["PENDING"]);
  await world.put({ id: "r3", user: "bob" });
  await world.put({ id: "r4", user: "nobody" });
  assert.deepEqual(world.shown(CHANNEL), ["PENDING", "PENDING", "PENDING"]);
});

Deno.test("traits that may not be read are empty", async () => {
  await using world = new World();
  for (const method of ["GetUser", "GetUserLoginState"]) {
    world.auth.script.always(method, {
      refuse: teleportError("PERMISSION_DENIED", method),
    });
  }
  const condition = 'is_empty(user.traits["team"])';
  world.auth.rules.set("rule", monitoringRule({ condition }));
  await world.start();
  await world.put({ id: "r1" });
  await world.put({ id: "r2" });
  assert.deepEqual(world.shown(OTHER_CHANNEL), ["PENDING", "PENDING"]);
  const [line, ...more] = world.logger.find(
    "look-up denied, continuing without",
  );
  assert.deepEqual(more, []);
  assert.match(String(line?.fields["hint"]), /user_login_state/);
});

Deno.test("labels of all resources, of which one that cannot be seen has none", async () => {
  await using world = new World();
  const labels = "access_request.spec.resource_labels_";
  const union = `${labels}union["env"].contains("prod")`;
  const intersection = `${labels}intersection["env"].contains("prod")`;
  for (
    const rule of [
      monitoringRule({ name: "any", condition: union }),
      monitoringRule({
        name: "all",
        condition: intersection,
        recipients: [THIRD_CHANNEL],
      }),
    ]
  ) world.auth.rules.set(rule.name, rule);
  await world.start();
  const node = { cluster: "example.com", kind: "node", subResource: "" };
  const [a, b] = [{ ...node, name: "a" }, { ...node, name: "b" }];
  await world.put({ id: "r1", resources: [a, b] });
  assert.deepEqual(world.shown(OTHER_CHANNEL), ["PENDING"]);
  assert.deepEqual(world.shown(THIRD_CHANNEL), ["PENDING"]);
  const findAll = world.auth.findResources.bind(world.auth);
  world.auth.findResources = (ids) =>
    findAll(ids.filter(({ name }) => name !== "hidden"));
  const hidden = { ...node, name: "hidden" };
  await world.put({ id: "r2", resources: [a, hidden] });
  assert.deepEqual(world.shown(OTHER_CHANNEL), ["PENDING", "PENDING"]);
  assert.deepEqual(world.shown(THIRD_CHANNEL), ["PENDING"]);
  await world.put({ id: "r3", resources: [] });
  assert.deepEqual(world.shown(CHANNEL), ["PENDING"]);
});

Deno.test("a look-up that fails for a moment is made again, and then done without", async () => {
  await using world = new World();
  world.auth.users.set("alice", { traits: new Map([["team", ["red"]]]) });
  world.auth.rules.set("rule", monitoringRule({ condition: TEAM_RED }));
  const refuse = teleportError("UNAVAILABLE", "GetUser");
  world.auth.script.next("GetUser ", { refuse }, { refuse });
  await world.start();
  await world.put({ id: "r1" });
  await world.clock.advance(10_000);
  assert.deepEqual(world.shown(OTHER_CHANNEL), ["PENDING"]);
  world.auth.script.always("GetUser ", { refuse });
  await world.put({ id: "r2", user: "bob" });
  await world.clock.advance(10_000);
  assert.deepEqual(world.shown(CHANNEL), ["PENDING"]);
  const [line] = world.logger.find(FAILED);
  assert.match(
    String(line?.fields["reason"]),
    /the traits of the user are not known/,
  );
});

const TEAM_RED = 'user.traits["team"].contains("red")';
const ROLE_DEV = 'access_request.spec.roles.contains("dev")';

for (const [serverVersion, lines] of [["18.0.0", 1], ["18.2.8", 0]] as const) {
  Deno.test(`that ${serverVersion} keeps no schedules is said ${lines} times`, async () => {
    await using world = new World();
    world.auth.rules.set("a", monitoringRule({ name: "a" }));
    await world.start({ serverVersion });
    world.auth.endWatches(teleportError("UNAVAILABLE", "WatchEvents"));
    await world.clock.advance(RESYNC_MS);
    const said = "this version of Teleport keeps no schedules of access " +
      "monitoring rules, each holds day and night";
    assert.equal(world.logger.find(said).length, lines);
  });
}
