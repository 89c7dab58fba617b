/** Files read as a real tctl reads and writes them. */

import assert from "node:assert/strict";
import { readResources } from "../../../src/cli/rules_test/resource_file.ts";
import {
  parseYaml,
  type YamlNode,
} from "../../../src/cli/rules_test/yaml_reader.ts";
import { ConfigError } from "../../../src/config/reading/problem.ts";
import { parseCondition } from "../../../src/route/predicate/condition.ts";
import created from "../../fixtures/tctl-create-18.0.0.json" with {
  type: "json",
};
import printed from "../../fixtures/tctl-get-18.0.0.json" with { type: "json" };

// The package looks at the environment.
const permissions = { env: true };

/** Where the two differ on purpose: docs/design/go-differences.md 4. */
const DIFFERENT: readonly string[] = [];

for (const { what, text, rules, refusal } of created.rows) {
  Deno.test(`tctl create: ${what}`, { permissions }, () => {
    const read = () => {
      const { rules } = readResources(text, "rules.yaml", "to be created");
      return [...rules.keys()].map((rule) => {
        // The server reads the condition before it stores the rule.
        parseCondition(rule.condition);
        const { name, subjects, condition, plugin, recipients } = rule;
        return { name, subjects, condition, plugin, recipients };
      });
    };
    if (refusal === undefined || DIFFERENT.includes(what)) {
      assert.deepEqual(read(), rules);
      return;
    }
    assert.throws(read, (error: Error) => {
      if (error instanceof ConfigError) {
        assert.ok(error.problems.every(({ line }) => line !== undefined));
      } else assert.equal(error.name, "PredicateError");
      return true;
    }, refusal);
  });
}

/** What tctl itself cannot print: it prints another text, or one that Go does not read back. */
const LOST_IN_PRINT = ["a\x85b", "<<"];

Deno.test("tctl get: YAML and JSON hold the same", { permissions }, () => {
  for (const { yaml, json } of printed.rows) {
    const text = JSON.stringify(json);
    if (LOST_IN_PRINT.some((each) => text.includes(`"${each}"`))) continue;
    const [fromYaml] = parseYaml(yaml).map(({ root }) => plain(root));
    assert.deepEqual(fromYaml, json[0]);
    const [fromJson] = parseYaml(text).map(({ root }) => plain(root));
    assert.deepEqual(fromJson, json);
  }
});

function plain({ value }: YamlNode): unknown {
  if (Array.isArray(value)) return value.map(plain);
  if (!(value instanceof Map)) return value;
  const entries = [...value as ReadonlyMap<string, YamlNode>];
  return Object.fromEntries(entries.map(([key, node]) => [key, plain(node)]));
}

Deno.test("what tctl takes otherwise than it looks is remarked", {
  permissions,
}, () => {
  const rows: readonly [string, readonly string[]][] = [
    ["a key in two cases", [
      'line 8: "Condition" and "condition" are one field to tctl, which takes "condition"',
    ]],
    ["a key twice", [
      'line 8: the key "condition" is there twice; tctl takes the last',
    ]],
    ["schedules on key", [
      'line 12: tctl reads the key on as "true": put it in quotes',
    ]],
    ["schedules number key", [
      'line 12: tctl reads the key 010 as "8": put it in quotes',
    ]],
    ["json twice", ["it replaces the one of the same name at f:1"]],
    ["plain", []],
  ];
  for (const [name, expected] of rows) {
    const row = created.rows.find(({ what }) => what === name);
    const { rules } = readResources(row?.text ?? "", "f", "to be created");
    const [place] = rules.values();
    assert.deepEqual(place?.remarks, expected, name);
  }
});

Deno.test("what is wrong is said once, with what to write", {
  permissions,
}, () => {
  const text = `kind: access_monitoring_rule
version: v1
metadata: {name: 12}
spec: {subjects: [access_request], condition: off, notification: {name: no}}
`;
  assert.throws(
    () => readResources(text, "rules.yaml", "to be created"),
    (error) => {
      assert.ok(error instanceof ConfigError);
      assert.deepEqual(
        error.problems.map(({ key, hint }) => [key, hint]),
        [
          ["metadata.name", 'put it in quotes: "12"'],
          ["spec.condition", 'put it in quotes: "off"'],
          ["spec.notification.name", 'put it in quotes: "no"'],
        ],
      );
      return true;
    },
  );
});

Deno.test("a remark on a field does not hide that tctl refuses it", {
  permissions,
}, () => {
  const text = `kind: access_monitoring_rule
version: v1
metadata: {name: a}
spec:
  subjects: [access_request]
  Condition: "true"
  condition: 5
  notification: {name: discord}
`;
  assert.throws(
    () => readResources(text, "rules.yaml", "to be created"),
    /rules\.yaml:7: spec\.condition: expected a text, found the number 5/,
  );
});
