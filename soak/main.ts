/**
 * `deno task soak [--minutes 60] [--every 2] [--replicas 1]`: does the plugin hold more and more in the long run?
 *
 * With `--replicas 2`, two processes run side by side. One of them is killed again and again, each is held still or
 * cut off for a while, and people review by clicks; on a real Teleport tbot renews the identity every minute.
 * `--older PATH` takes a bundle of an older release for the second. `--keep FOLDER` leaves the whole record
 * there: samples, trouble, calls, messages with what they said earlier, and logs.
 *
 * It runs for an hour on a real Teleport where its programs are (programs/teleport.ts),
 * else on the stand-in, with a stand-in Discord. Linux only. Exit code 1: something grows, or a message
 * does not say what it should.
 *
 * @module
 */

import { parseArgs } from "node:util";
import { bundle } from "../bench/processes.ts";
import { describeMissing, missingTeleport } from "../programs/teleport.ts";
import { StandInCluster, TeleportCluster } from "./cluster.ts";
import { MIB } from "./judge.ts";
import {
  formatCounts,
  formatSamples,
  formatVerdict,
  judgeRun,
} from "./report.ts";
import { soak } from "./run.ts";

const { values } = parseArgs({
  options: {
    minutes: { type: "string", default: "60" },
    /** Seconds from one request to the next. */
    every: { type: "string", default: "2" },
    replicas: { type: "string", default: "1" },
    older: { type: "string" },
    keep: { type: "string" },
  },
});
const minutes = Number(values.minutes);
const everyMs = Number(values.every) * 1000;
const replicas = Number(values.replicas);
if (!(minutes > 0 && everyMs > 0 && replicas > 0)) {
  print(
    Deno.stderr,
    "error: --minutes, --every and --replicas take a number above 0",
  );
  Deno.exit(2);
}
await using owned = new AsyncDisposableStack();
const folder = await Deno.makeTempDir({ prefix: "teleport-discord-soak-" });
owned.defer(() => Deno.remove(folder, { recursive: true }));
const program = (await bundle(folder)).args.at(-1) ?? "";
const missing = missingTeleport("teleport", "tctl");
const cluster = owned.use(
  missing.length > 0
    ? await StandInCluster.start()
    : await TeleportCluster.start(),
);
print(Deno.stderr, `${minutes} minutes on ${cluster.name}`);
sayWhatIsMissing();
const result = await soak({
  cluster,
  program,
  minutes,
  everyMs,
  replicas,
  olderProgram: values.older,
  keep: values.keep,
  onSample: ({ minute, residentBytes, collected }, { ids, astray }) => {
    if (collected === undefined) return;
    const heap = (collected.heapBytes / MIB).toFixed(2);
    print(
      Deno.stderr,
      `minute ${minute.toFixed(1)}: ${(residentBytes / MIB).toFixed(1)} MiB, ` +
        `heap ${heap} MiB, ${ids.length} requests, ${astray.length} astray`,
    );
  },
});
const findings = judgeRun(result, minutes);
print(
  Deno.stdout,
  `${formatSamples(result.samples, minutes)}

${formatCounts("trouble", result.trouble)}

${formatCounts("calls to Discord", result.calls)}

${formatCounts("lines of the log", result.messages)}
`,
);
const lines = [
  ...result.tally.astray,
  ...result.notOnce,
  ...result.relapses.map(({ text, lastedMs }) => `${text} (${lastedMs} ms)`),
  ...result.evidence,
];
for (const line of lines) {
  print(Deno.stdout, line);
}
print(Deno.stdout, formatVerdict(findings));
sayWhatIsMissing();
Deno.exitCode = findings.every(({ passed }) => passed) ? 0 : 1;

/** Says at the start and at the end what this run leaves out for want of programs. */
function sayWhatIsMissing(): void {
  if (missing.length > 0) {
    print(Deno.stderr, describeMissing("No real Teleport", missing));
  } else if (replicas > 1 && missingTeleport("tbot").length > 0) {
    print(Deno.stderr, describeMissing("No renewals by a real tbot", ["tbot"]));
  }
}

/** Prints a line. */
function print(
  stream: { writeSync(bytes: Uint8Array): number },
  line: string,
): void {
  let bytes = new TextEncoder().encode(`${line}\n`);
  while (bytes.length > 0) bytes = bytes.subarray(stream.writeSync(bytes));
}
