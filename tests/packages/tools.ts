/**
 * What these tests need of the machine. What is missing is said in the names of the tests that are left out.
 *
 * @module
 */

import { ROOT } from "../../packaging/source.ts";
import type { Mode } from "../../packaging/program.ts";

/** What a program printed, and how it ended. */
export interface Outcome {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

/** Runs a program to its end, whatever comes of it. */
export async function attempt(
  command: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<Outcome> {
  const [program = "", ...args] = command;
  const { code, stdout, stderr } = await new Deno.Command(program, {
    args,
    env: { LC_ALL: "C.UTF-8", NO_COLOR: "1", ...env },
    stdin: "null",
  }).output();
  const [out = "", err = ""] = [stdout, stderr]
    .map((bytes) => new TextDecoder().decode(bytes));
  return { code, out, err };
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

/** Whether a program is there. */
export async function has(program: string): Promise<boolean> {
  return (await attempt(["sh", "-c", `command -v ${program}`])).code === 0;
}

/** Whether a test can run, and what to add to its name. */
export interface Possible {
  readonly ignore: boolean;
  readonly leftOut: string;
}

/** Says whether all of these programs are there. */
export async function needs(...programs: string[]): Promise<Possible> {
  const there = await Promise.all(programs.map(has));
  const missing = programs.filter((_, i) => there[i] !== true);
  return missing.length === 0
    ? { ignore: false, leftOut: "" }
    : { ignore: true, leftOut: ` (left out: no ${missing.join(", ")})` };
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
