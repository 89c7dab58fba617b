/**
 * The commands that connect to nothing, beside a program that does nothing.
 *
 * @module
 */

import { compileFile } from "../packaging/program.ts";
import { TARGETS } from "../packaging/targets.ts";
import { attempt } from "../programs/command.ts";
import type { Candidate } from "./processes.ts";

const ROUNDS = 15;

/**
 * Times each command from start to end. They are compiled if `$DENORT_BIN` names a base, with the Deno of
 * `$DENO_FOR_COMPILE`; else they are run.
 *
 * @returns Milliseconds by command.
 */
export async function timeCommands(
  { command, args }: Candidate,
  folder: string,
): Promise<ReadonlyMap<string, readonly number[]>> {
  const empty = `${folder}/empty.mjs`;
  await Deno.writeTextFile(empty, "");
  const base = Deno.env.get("DENORT_BIN");
  const prepare = async (file: string): Promise<readonly string[]> => {
    if (base === undefined) return [command, ...args.slice(0, -1), file];
    const output = `${folder}/compiled-${file === empty ? "empty" : "plugin"}`;
    const target = TARGETS.find(({ deno }) => deno === Deno.build.target);
    if (target === undefined) throw new Error("no base for this machine");
    await compileFile(file, output, { kind: "base", path: base }, target);
    return [output];
  };
  const plugin = await prepare(args.at(-1) ?? "");
  const lines = {
    "an empty program": await prepare(empty),
    "version": [...plugin, "version"],
    "configure": [...plugin, "configure"],
  };
  const times = new Map(
    Object.keys(lines).map((name) => [name, [] as number[]]),
  );
  // In turn, so that what else the machine does weighs on all of them.
  for (let i = 0; i < ROUNDS; i++) {
    for (const [name, [program = "", ...rest]] of Object.entries(lines)) {
      const startedMs = performance.now();
      await attempt(program, rest);
      times.get(name)?.push(performance.now() - startedMs);
    }
  }
  return times;
}
