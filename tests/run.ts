/**
 * `run.ts [--may-leave-out=zsh:1,…] ARGUMENTS`: runs `deno test ARGUMENTS`, and says at the end what was left out on
 * this machine. With `--may-leave-out` the run fails if it was more than that.
 *
 * @module
 */

import { start } from "../programs/command.ts";
import { launcherEnded } from "../programs/launcher.ts";
import { beyondAllowed, countLeftOut, formatLeftOut } from "./left_out.ts";

const FLAG = "--may-leave-out=";

const allowed = Deno.args.find((each) => each.startsWith(FLAG));
const args = Deno.args.filter((each) => each !== allowed);
let exitCode: number;
const report = await Deno.makeTempFile({ suffix: ".xml" });
try {
  const tests = start(Deno.execPath(), {
    args: ["test", `--junit-path=${report}`, ...args],
  });
  for (const signal of ["SIGINT", "SIGTERM"] as const) {
    Deno.addSignalListener(signal, () => tests.kill(signal));
  }
  launcherEnded().then(() => tests.kill("SIGTERM"));
  const { code } = await tests.status;
  const counts = countLeftOut(await Deno.readTextFile(report));
  const tooMany = allowed === undefined
    ? []
    : beyondAllowed(counts, allowed.slice(FLAG.length));
  const lines = [...formatLeftOut(counts), ...tooMany];
  await Deno.stderr.write(
    new TextEncoder().encode(lines.map((line) => `${line}\n`).join("")),
  );
  exitCode = code === 0 && tooMany.length > 0 ? 1 : code;
} finally {
  await Deno.remove(report);
}
// What looks for npx does not end by itself.
Deno.exit(exitCode);
