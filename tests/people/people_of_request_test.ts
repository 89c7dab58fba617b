import assert from "node:assert/strict";
import { sharedIds } from "../../src/config/sections/users_section.ts";
import type { PeopleConfig } from "../../src/people/people_config.ts";
import {
  completePeople,
  peopleOf,
  withPeople,
} from "../../src/people/people_of_request.ts";
import { NOT_KNOWN } from "../../src/record/plugin_data.ts";
import { accessRequest, NO_NOTICES, pluginData } from "../fakes/samples.ts";

const permissions = "none";

const REQUEST = accessRequest({
  roles: ["dev", "ops"],
  suggestedReviewers: ["bob", "carol", "alice", "bob"],
});

function policy(
  reviewers: PeopleConfig["notices"]["reviewers"],
  fields: Partial<PeopleConfig> = {},
): PeopleConfig {
  return {
    notices: { ...NO_NOTICES, reviewers },
    mentions: new Map([["dev", ["role:1"]], ["*", ["role:2", "role:1"]]]),
    users: new Map(),
    userIdTrait: "discord_id",
    ...fields,
  };
}

const ALL = new Map([["alice", "11"], ["bob", "12"], ["carol", undefined]]);

Deno.test("peopleOf() names each whom the announcement needs, once", {
  permissions,
}, () => {
  const all = ["alice", "bob", "carol"];
  assert.deepEqual(peopleOf(REQUEST, policy("mention")), all);
  assert.deepEqual(peopleOf(REQUEST, policy("dm")), all);
  assert.deepEqual(peopleOf(REQUEST, policy("off")), ["alice"]);
  const nobody = policy("mention", { userIdTrait: undefined });
  assert.deepEqual(peopleOf(REQUEST, nobody), []);
});

Deno.test("of many suggested reviewers only the first are disturbed", {
  permissions,
}, () => {
  const names = Array.from({ length: 1000 }, (_, n) => `reviewer-${n % 500}`);
  const request = accessRequest({ suggestedReviewers: names });
  const people = peopleOf(request, policy("dm"));
  assert.deepEqual(people, ["alice", ...names.slice(0, 12)]);
  const known = new Map(names.map((name, n) => [name, `${n}`]));
  const { deliveries } = withPeople(
    pluginData(),
    request,
    known,
    policy("dm"),
  );
  assert.equal(deliveries.size, 12);
});

Deno.test("withPeople() and completePeople(): who is mentioned and told", {
  permissions,
}, async (t) => {
  const config = ["role:1", "role:2"];
  const none = new Map<string, string>();
  const rows = [
    ["mention", none, NOT_KNOWN, [...config, NOT_KNOWN], []],
    ["mention", ALL, "11", [...config, "user:12"], []],
    ["dm", none, NOT_KNOWN, [...config, NOT_KNOWN], []],
    ["dm", ALL, "11", config, ["user:12"]],
    ["off", none, NOT_KNOWN, config, []],
    ["off", ALL, "11", config, []],
  ] as const;
  for (const [reviewers, known, userId, mentions, recipients] of rows) {
    const set = policy(reviewers);
    await t.step(`${reviewers}, ${known.size} known`, () => {
      const data = withPeople(pluginData(), REQUEST, known, set);
      assert.equal(data.userId, userId);
      assert.deepEqual([...data.mentions].sort(), [...mentions].sort());
      assert.deepEqual([...data.deliveries.keys()], recipients);
      assert.equal(completePeople(data, REQUEST, known, set), data);
      const late = completePeople(data, REQUEST, ALL, set);
      const soon = withPeople(pluginData(), REQUEST, ALL, set);
      assert.deepEqual(late, soon);
    });
  }
});

Deno.test("completePeople() tells nobody of what has been resolved meanwhile", {
  permissions,
}, () => {
  const data = pluginData({ resolution: "DENIED", mentions: [NOT_KNOWN] });
  const late = completePeople(data, REQUEST, ALL, policy("dm"));
  assert.deepEqual([...late.deliveries], []);
});

Deno.test("completePeople() adds nobody where nobody is missing", {
  permissions,
}, () => {
  const data = pluginData({ mentions: ["user:12"], userId: "11" });
  for (const reviewers of ["mention", "dm", "off"] as const) {
    const same = completePeople(data, REQUEST, ALL, policy(reviewers));
    assert.equal(same, data, reviewers);
  }
});

Deno.test(
  "withPeople(): where nobody is known, roles are mentioned all the same",
  {
    permissions,
  },
  () => {
    const set = policy("mention", { userIdTrait: undefined });
    const data = withPeople(pluginData(), REQUEST, new Map(), set);
    assert.equal(data.userId, undefined);
    assert.deepEqual(data.mentions, ["role:1", "role:2"]);
    assert.equal(data.told, undefined);
    const told = { ...set, notices: { ...set.notices, requester: true } };
    assert.equal(
      withPeople(pluginData(), REQUEST, new Map(), told).told,
      "PENDING-0-0-0",
    );
  },
);

Deno.test("sharedIds() knows who shares a Discord user", {
  permissions,
}, () => {
  const table = new Map([["alice", "1"], ["bob", "2"], ["root", "1"]]);
  assert.deepEqual(sharedIds(table), [["1", ["alice", "root"]]]);
});
