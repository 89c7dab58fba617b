/**
 * The soak run itself, for some seconds: it samples, makes trouble, and sees every message come right. What
 * its judge says of so short a time tells nothing.
 *
 * @module
 */

import assert from "node:assert/strict";
import { StandInCluster } from "../../soak/cluster.ts";
import { formatSamples, formatVerdict, judgeRun } from "../../soak/report.ts";
import { soak } from "../../soak/run.ts";
import { BUNDLE } from "../e2e/bundle.ts";

const MINUTES = 0.15;

Deno.test({
  name: "a short soak run",
  // It looks into its process by way of /proc.
  ignore: Deno.build.os !== "linux",
  fn: async () => {
    await using cluster = await StandInCluster.start();
    const result = await soak({
      cluster,
      program: BUNDLE,
      minutes: MINUTES,
      everyMs: 1000,
    });
    const { samples, tally, trouble, messages } = result;
    assert(tally.ids.length >= 3);
    assert.deepEqual(tally.astray, [], result.evidence.join("\n"));
    assert.equal(tally.inStep, tally.ids.length);
    assert.deepEqual(result.exitCodes, [0]);
    assert(messages.has("info: message posted"));
    assert(trouble.has("Auth: connections broken"));
    assert(trouble.has("Auth: restarted, identity renewed"));

    // How many there are in so short a time depends on the machine.
    assert(samples.length >= 3);
    const collected = samples.flatMap(({ collected }) => collected ?? []);
    assert(collected.length >= 3);
    for (const { heapBytes, codeBytes, listeners } of collected) {
      assert(codeBytes > 1e5 && heapBytes - codeBytes > 1e6);
      // Only lasting ones count, of which there may be none in so short a time.
      assert(Number.isInteger(listeners));
    }
    for (const { residentBytes, files, sockets, timers } of samples) {
      assert(residentBytes > 1e7);
      assert(Number.isInteger(timers));
      assert(sockets < files);
    }

    assert.match(formatSamples(samples, MINUTES), /^\| minutes \| resident/);
    const findings = judgeRun(result, MINUTES);
    assert.match(formatVerdict(findings), /\nverdict: /);
    const inStep = findings.find(({ name }) => name === "messages in step");
    assert(inStep?.passed);
  },
});
