/** Rules for alerts and the dashboard: they ask for what the program tells, by the labels that it has. */

import assert from "node:assert/strict";
import { parse } from "yaml";
import { ROOT } from "../../packaging/source.ts";
import { Metrics } from "../../src/daemon/metrics.ts";
import type { DefinedMetric } from "../../src/lib/host/prometheus.ts";

const FOLDER = `${ROOT}packaging/monitoring`;

/** Labels that Prometheus adds to whatever it scrapes. */
const OF_TARGETS = ["instance", "job"];

/** Words of PromQL that are used here; any other word is a metric or a label. */
const WORDS = new Set(
  "absent and by changes histogram_quantile increase max min on rate sum time"
    .split(" "),
);

const { definitions: METRICS } = new Metrics();

/** Labels by the name of a series, as Prometheus stores them. */
const SERIES: ReadonlyMap<string, readonly string[]> = new Map(
  METRICS.flatMap(seriesOf),
);

function seriesOf(
  { name, type, labels = [] }: DefinedMetric,
): (readonly [string, readonly string[]])[] {
  const all = [...labels, ...OF_TARGETS];
  if (type !== "histogram") return [[name, all]];
  return [
    [`${name}_bucket`, [...all, "le"]],
    [`${name}_sum`, all],
    [`${name}_count`, all],
  ];
}

/** What an expression asks for that the program does not tell. */
function unknownIn(expression: string, alsoNamed: readonly string[] = []) {
  const unknown: string[] = [];
  const labels = new Set<string>();
  const names: string[] = [];
  const rest = expression
    .replaceAll(/"[^"]*"/g, '""')
    .replaceAll(/\[[^\]]*\]/g, "")
    .replaceAll(
      /([a-zA-Z_:][\w:]*)\s*\{([^}]*)\}/g,
      (_all, name: string, matchers: string) => {
        names.push(name);
        for (const [, label = ""] of matchers.matchAll(/(\w+)\s*[=!]/g)) {
          if (!SERIES.get(name)?.includes(label)) {
            unknown.push(`${name}{${label}}`);
          }
        }
        return "";
      },
    );
  const ungrouped = rest.replaceAll(
    /\b(?:by|on)\s*\(([^)]*)\)/g,
    (_all, list: string) => {
      for (const label of list.split(",")) labels.add(label.trim());
      return "";
    },
  );
  for (const [word] of ungrouped.matchAll(/[a-zA-Z_:][\w:]*/g)) {
    if (!WORDS.has(word)) names.push(word);
  }
  const known = new Set<string>();
  for (const name of names) {
    const own = SERIES.get(name);
    if (own === undefined) unknown.push(name);
    for (const label of own ?? []) known.add(label);
  }
  for (const label of [...labels, ...alsoNamed]) {
    if (!known.has(label)) unknown.push(`label ${label}`);
  }
  return unknown;
}

/** Labels that a text for people fills in. */
function labelsOf(text: string, pattern: RegExp): string[] {
  return [...text.matchAll(pattern)].map(([, label = ""]) => label);
}

Deno.test("a word that the program does not know is found", () => {
  for (
    const [expression, expected] of Object.entries({
      "absent(teleport_discord_build_info)": [],
      "rate(teleport_discord_call_seconds_count[5m]) > 0.2 * 7": [],
      "rate(teleport_discord_call_seconds[5m])": [
        "teleport_discord_call_seconds",
      ],
      "teleport_discord_redy == 1": ["teleport_discord_redy"],
      'teleport_discord_calls_total{statu="200"}': [
        "teleport_discord_calls_total{statu}",
      ],
      "sum by (route, kind) (teleport_discord_calls_total)": ["label kind"],
      "median(teleport_discord_ready)": ["median"],
    })
  ) {
    assert.deepEqual(unknownIn(expression), expected, expression);
  }
});

Deno.test("the rules for alerts ask for what there is", async () => {
  const { groups } = parse(await Deno.readTextFile(`${FOLDER}/alerts.yaml`));
  const tests = await Deno.readTextFile(`${FOLDER}/alerts_test.yaml`);
  for (const { rules } of groups) {
    for (const { alert, expr, annotations, labels } of rules) {
      const named = labelsOf(
        Object.values(annotations).join(),
        /\$labels\.(\w+)/g,
      );
      assert.deepEqual(unknownIn(expr, named), [], alert);
      assert.match(labels.severity, /^(?:critical|warning)$/, alert);
      assert(tests.includes(`alertname: ${alert}\n`), `${alert} has no test`);
    }
  }
  for (const [, series = ""] of tests.matchAll(/series: (.*)$/gm)) {
    assert.deepEqual(unknownIn(series), [], series);
  }
});

Deno.test("the panels of the dashboard ask for what there is, and for all of it", async () => {
  const text = await Deno.readTextFile(`${FOLDER}/dashboard.json`);
  const { panels, annotations, templating } = JSON.parse(text);
  const targets: { title: string; expr: string; legendFormat: string }[] = [
    ...panels.flatMap(({ title, targets }: Panel) =>
      targets.map((target) => ({ title, ...target }))
    ),
    ...annotations.list.map(({ name, expr, titleFormat }: Annotation) => ({
      title: name,
      expr,
      legendFormat: titleFormat,
    })),
  ];
  for (const { title, expr, legendFormat } of targets) {
    const named = labelsOf(legendFormat, /\{\{(\w+)\}\}/g);
    assert.deepEqual(unknownIn(expr, named), [], title);
    // Each panel follows the choice of instances.
    assert.match(expr, /\{instance=~"\$instance"\}/, title);
  }
  const [, chosen = ""] =
    /^label_values\((\w+), instance\)$/.exec(templating.list[1].definition) ??
      [];
  assert(SERIES.has(chosen), chosen);
  for (const { name } of METRICS) {
    assert(text.includes(name), `no panel shows ${name}`);
  }
  const ids = panels.map(({ id }: Panel) => id);
  assert.equal(new Set(ids).size, ids.length);
});

interface Panel {
  readonly id: number;
  readonly title: string;
  readonly targets: readonly { expr: string; legendFormat: string }[];
}

interface Annotation {
  readonly name: string;
  readonly expr: string;
  readonly titleFormat: string;
}
