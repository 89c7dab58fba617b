/** What docs/metrics.md says is compared with the program. */

import { deepStrictEqual, match, ok } from "node:assert/strict";
import { Metrics } from "../../src/daemon/metrics.ts";
import { readPage } from "./pages.ts";

const PAGE = await readPage("docs/metrics.md");

const { definitions: DEFINITIONS } = new Metrics();

Deno.test("docs/metrics.md: the table of metrics is that of the program", () => {
  const rows = PAGE.split("\n")
    .filter((line) => line.startsWith("| `"))
    .map((line) => line.split("|").slice(1, -1).map((cell) => cell.trim()));
  const want = DEFINITIONS.map(({ name, type, help, labels = [] }) => {
    const names = labels.map((label) => `\`${label}\``).join(", ") || "–";
    return [`\`${name}\``, type, unitOf(name), names, help];
  });
  deepStrictEqual(rows, want);
});

Deno.test("each metric has a name that tells its unit, and a sentence", () => {
  for (const { name, type, help } of DEFINITIONS) {
    match(name, /^(?:teleport_discord|process)_[a-z_]+$/);
    match(help, /^[A-Z1"].*\.$/);
    const says = /\b(?:seconds|bytes)\b/.exec(help)?.[0] ?? "–";
    deepStrictEqual(unitOf(name), says, name);
    deepStrictEqual(type === "counter", name.endsWith("_total"), name);
  }
});

Deno.test("docs/metrics.md: it names the alerts of the file, which ask for metrics and labels that there are", async () => {
  const file = await readPage("packaging/monitoring/alerts.yaml");
  const alerts = file.split(/^ {6}- alert: /m).slice(1);
  ok(alerts.length >= 6);
  deepStrictEqual(
    [...PAGE.matchAll(/^- `(TeleportDiscord\w+)`: /gm)].map(([, name]) => name),
    alerts.map((alert) => alert.split("\n")[0]),
  );
  for (const alert of alerts) {
    match(
      alert,
      /^TeleportDiscord\w+\n(?: {8}#.*\n)*? {8}expr: [^]+\n {8}annotations:\n {10}summary: .+\n/,
    );
    const asked = [...alert.matchAll(/\b(?:teleport_discord|process)_\w+/g)];
    ok(asked.length > 0);
    for (const [name = ""] of asked) {
      const plain = name.replace(/_(?:bucket|sum|count)$/, "");
      const found = DEFINITIONS.some((definition) =>
        definition.name === (definition.type === "histogram" ? plain : name)
      );
      ok(found, `no metric ${name}`);
    }
    const labels = [
      ...alert.matchAll(/(\w+)(?:=~?|!~|!=)"/g),
      ...alert.matchAll(/\$labels\.(\w+)/g),
    ].map(([, label = ""]) => label);
    for (const label of labels.filter((each) => each !== "instance")) {
      ok(DEFINITIONS.some((each) => each.labels?.includes(label)), label);
    }
  }
});

function unitOf(name: string): string {
  return /(?:^|_)(seconds|bytes)(?:_|$)/.exec(name)?.[1] ?? "–";
}
