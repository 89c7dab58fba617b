import assert from "node:assert/strict";
import { formatSpan } from "../../../src/check/report/time_span.ts";
import {
  exitCodeFor,
  type Finding,
  type Status,
} from "../../../src/check/report/finding.ts";
import { VERSION } from "../../../src/lib/build.ts";
import { formatJsonReport } from "../../../src/check/report/json_report.ts";
import {
  formatArea,
  formatSummary,
} from "../../../src/check/report/text_report.ts";

const finding = (status: Status, more: Partial<Finding> = {}): Finding => ({
  id: "teleport.rule",
  subject: "rule read on role",
  status,
  detail: "is so",
  ...more,
});

const EXIT_CODES: readonly (readonly [readonly Status[], number])[] = [
  [[], 0],
  [["ok", "info", "warning", "skipped"], 0],
  [["ok", "unanswered", "warning"], 1],
  [["unanswered", "failed", "ok"], 78],
];

for (const [statuses, code] of EXIT_CODES) {
  Deno.test({
    name: `${statuses.join(", ") || "nothing"} ends with ${code}`,
    permissions: "none",
    fn: () =>
      assert.equal(exitCodeFor(statuses.map((each) => finding(each))), code),
  });
}

Deno.test({
  name: "formatArea() gives a line each, and below it what to do",
  permissions: "none",
  fn() {
    const findings = [
      finding("ok"),
      finding("warning", { remedy: "add this:\n- resources: [role]" }),
      finding("failed", { subject: "#a\nb", detail: "c\u202ed\x1b[2J" }),
      finding("unanswered"),
      finding("skipped"),
      finding("info"),
    ];
    const area = { id: "teleport", title: "Teleport", findings };
    assert.equal(
      formatArea(area, { colored: false }),
      `Teleport
  ✓ rule read on role: is so
  ! rule read on role: is so
      → add this:
          - resources: [role]
  ✗ #a?b: c?d?[2J
  ✗ rule read on role: is so
  – rule read on role: is so
  · rule read on role: is so

`,
    );
    const colored = formatArea(
      { ...area, findings: [finding("failed")] },
      { colored: true },
    );
    assert.equal(
      colored,
      "\x1b[1mTeleport\x1b[0m\n  \x1b[31m✗\x1b[0m rule read on role: is so\n\n",
    );
  },
});

Deno.test({
  name: "formatSummary() counts, the worst first",
  permissions: "none",
  fn() {
    const summary = (...statuses: Status[]) =>
      formatSummary(statuses.map((each) => finding(each)), { colored: false });
    assert.equal(
      summary("ok", "failed", "ok", "warning"),
      "✗ 1 to repair, ! 1 to look at, ✓ 2 good\n",
    );
    assert.equal(
      summary("ok", "info", "skipped", "warning", "unanswered", "failed"),
      "✗ 1 to repair, ✗ 1 without an answer, ! 1 to look at, – 1 skipped, · 1 to know, ✓ 1 good\n",
    );
  },
});

Deno.test({
  name: "formatJson() has the keys that the README promises",
  permissions: "none",
  fn() {
    const areas = [
      { id: "teleport", title: "Teleport", findings: [finding("ok")] },
      {
        id: "discord",
        title: "Discord",
        findings: [finding("failed", { id: "discord.bot", remedy: "do" })],
      },
    ];
    assert.deepEqual(JSON.parse(formatJsonReport("/f", areas, 78)), {
      form: 1,
      version: VERSION,
      config: "/f",
      exit_code: 78,
      findings: [
        {
          area: "teleport",
          id: "teleport.rule",
          status: "ok",
          subject: "rule read on role",
          detail: "is so",
          remedy: null,
        },
        {
          area: "discord",
          id: "discord.bot",
          status: "failed",
          subject: "rule read on role",
          detail: "is so",
          remedy: "do",
        },
      ],
    });
  },
});

const SPANS: readonly (readonly [number, string])[] = [
  [-5, "0 seconds"],
  [999, "0 seconds"],
  [1000, "1 second"],
  [119_999, "1 minute"],
  [7_200_000, "2 hours"],
  [2_591_999_000, "29 days"],
];

for (const [ms, text] of SPANS) {
  Deno.test({
    name: `${ms} ms are ${text}`,
    permissions: "none",
    fn: () => assert.equal(formatSpan(ms), text),
  });
}
