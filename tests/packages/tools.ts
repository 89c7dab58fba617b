/**
 * What these tests need of the machine.
 *
 * @module
 */

import { ROOT } from "../../packaging/source.ts";
import {
  attempt as attemptProgram,
  type Outcome,
} from "../../programs/command.ts";
import type { Mode } from "../../packaging/program.ts";

/** Runs a program to its end, whatever comes of it. */
export async function attempt(
  command: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<Outcome> {
  const [program = "", ...args] = command;
  return await attemptProgram(program, args, {
    env: { LC_ALL: "C.UTF-8", NO_COLOR: "1", ...env },
  });
}

/** Runs a program; returns what it printed, and throws what it said if it failed. */
export async function check(
  command: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<string> {
  const { code, out, err } = await attempt(command, env);
  if (code === 0) return out;
  throw new Error(`${command.join(" ")}: exit code ${code}\n${out}${err}`);
}

/** The base that is named by the environment, for compiling. */
export const BASE: Mode | undefined = baseMode();

function baseMode(): Mode | undefined {
  const path = Deno.env.get("DENORT_BIN") ?? "";
  return path === "" ? undefined : { kind: "base", path };
}

/** A folder for what the tests build, emptied before. */
export async function emptyFolder(name: string): Promise<string> {
  const folder = `${ROOT}dist/check/${name}`;
  await Deno.remove(folder, { recursive: true }).catch(() => {});
  await Deno.mkdir(folder, { recursive: true });
  return folder;
}
