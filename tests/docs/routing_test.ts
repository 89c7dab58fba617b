/** The rules in docs/routing.md do what it says. */

import assert from "node:assert/strict";
import { judgeRules } from "../../src/cli/rules_test/evaluate_rules.ts";
import {
  readResources,
  type RulePlace,
} from "../../src/cli/rules_test/resource_file.ts";
import { formatReport } from "../../src/cli/rules_test/rules_report.ts";
import type { AccessRequest } from "../../src/ports/access_request.ts";
import type { MonitoringRule } from "../../src/ports/monitoring_rule.ts";
import {
  createInput,
  type LookedUp,
} from "../../src/route/predicate/condition.ts";
import { concernsRouting } from "../../src/ports/auth_service.ts";
import { prepareRule } from "../../src/route/routing_rule.ts";
import { accessRequest } from "../fakes/samples.ts";
import { fences, readPage } from "./pages.ts";

const PAGE = await readPage("docs/routing.md");

/** All rules of the page, which stand in blocks of their own. */
const RULES = fences(PAGE, "yaml")
  .filter((block) => block.includes("kind: access_monitoring_rule"))
  .flatMap((
    block,
  ) => [...readResources(block, "routing.md", "to be created").rules.keys()]);

function prepared(rules: readonly MonitoringRule[], place?: RulePlace) {
  return new Map(rules.map((rule) => [prepareRule(rule), place]));
}

/** Returns the names of the rules that match. */
function matching(
  fields: Partial<AccessRequest>,
  lookedUp: LookedUp = {},
): string[] {
  const request = accessRequest(fields);
  const known = { userTraits: {}, resourceLabels: [], ...lookedUp };
  const judgements = judgeRules(
    prepared(RULES),
    request.created,
    createInput(request, known),
  );
  for (const { name, kind, remarks } of judgements) {
    assert.notEqual(kind, "unusable", name);
    assert.deepEqual(remarks, [], name);
  }
  return judgements.filter(({ kind }) => kind === "matches")
    .map(({ name }) => name);
}

Deno.test("docs/routing.md: all its rules concern this plugin", () => {
  assert.deepEqual(RULES.map(({ name }) => name), [
    "production",
    "contractors",
    "db-by-day",
    "db-by-night",
  ]);
  assert.ok(RULES.every(concernsRouting));
});

Deno.test("docs/routing.md: who is on call, by schedule", () => {
  const at = (created: string) =>
    matching({ roles: ["db-admin"], created: new Date(created) });
  // Seoul is nine hours ahead; 23 November 2026 is a Monday.
  assert.deepEqual(at("2026-11-23T00:30:00Z"), ["db-by-day"]);
  assert.deepEqual(at("2026-11-23T12:00:00Z"), ["db-by-night"]);
  assert.deepEqual(at("2026-11-23T16:00:00Z"), ["db-by-night"]);
  assert.deepEqual(at("2026-11-22T12:00:00Z"), []);
  const created = new Date("2026-11-23T00:30:00Z");
  assert.deepEqual(matching({ roles: ["dev"], created }), []);
});

Deno.test("docs/routing.md: what is asked for, by resource label", () => {
  const [prod, test] = [{ env: "prod" }, { env: "test" }];
  assert.deepEqual(matching({}, { resourceLabels: [test, prod] }), [
    "production",
  ]);
  assert.deepEqual(matching({}, { resourceLabels: [test] }), []);
});

Deno.test("docs/routing.md: what `rules test` shows is what it prints", () => {
  const [, shown = ""] = /\n(Request 01a205fd[^]*?)```/.exec(PAGE) ?? [];
  const request = accessRequest({
    id: "01a205fd-67b0-7723-b228-ca7dac61c942",
    user: "bob",
    roles: ["dev"],
    created: new Date("2026-11-23T01:20:22.960Z"),
    resources: [],
  });
  const rules = RULES.filter(({ name }) => name === "contractors");
  const userTraits = { team: ["contractors"] };
  const judgements = judgeRules(
    prepared(rules, { text: "rules.yaml:1", remarks: [] }),
    request.created,
    createInput(request, { userTraits }),
  );
  const configured = ["345678901234567890"];
  assert.equal(formatReport(request, judgements, [], configured), shown);
});

Deno.test("docs/routing.md: who asks, by trait", () => {
  const userTraits = { team: ["contractors"] };
  const roles = ["dev", "ops"];
  assert.deepEqual(matching({ roles }, { userTraits }), ["contractors"]);
  assert.deepEqual(matching({ roles: ["dev"] }, { userTraits }), []);
  assert.deepEqual(matching({ roles }, { userTraits: { team: ["red"] } }), []);
});
