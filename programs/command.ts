/**
 * Other programs: whether one is there, and running it. Nothing else in the project starts a process; the
 * plugin itself has no right to.
 *
 * `new Deno.Command(…).output()` throws at once where there is no such program, instead of rejecting; so what
 * is not there is found out here, before.
 *
 * @module
 */

import { howToInstall } from "./install_hints.ts";

/** How to run a program to its end. */
export interface CommandOptions {
  readonly cwd?: string;
  /** Added to the environment. */
  readonly env?: Readonly<Record<string, string>>;
}

/** What a program printed, and how it ended. */
export interface Outcome {
  /** Exit code; 128 and more for a signal. */
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

/** There is no such program; the message says how to install it. */
export class MissingProgramError extends Error {
  override readonly name = "MissingProgramError";

  constructor(programs: readonly string[]) {
    super([
      `There is no ${programs.join(", ")} on this machine`,
      ...programs.map(howToInstall),
    ].join("\n"));
  }
}

/**
 * Looks a program up as a shell does.
 *
 * @param program Its name, or its path.
 * @returns Its path; undefined if there is none that may be run.
 */
export function findProgram(program: string): string | undefined {
  const paths = program.includes("/")
    ? [program]
    : (Deno.env.get("PATH") ?? "").split(":").map((folder) =>
      `${folder || "."}/${program}`
    );
  return paths.find(isExecutable);
}

/**
 * Asks for programs before the work begins that needs them.
 *
 * @throws {MissingProgramError} If one of them is not there; it names all of those.
 */
export function requirePrograms(...programs: readonly string[]): void {
  const missing = programs.filter((each) => findProgram(each) === undefined);
  if (missing.length > 0) throw new MissingProgramError(missing);
}

/**
 * Starts a program.
 *
 * @throws {MissingProgramError}
 */
export function start(
  program: string,
  options: Deno.CommandOptions = {},
): Deno.ChildProcess {
  requirePrograms(program);
  return new Deno.Command(program, options).spawn();
}

/**
 * Runs a program to its end, without input, whatever comes of it.
 *
 * @throws {MissingProgramError}
 */
export async function attempt(
  program: string,
  args: readonly string[],
  options: CommandOptions = {},
): Promise<Outcome> {
  const child = start(program, {
    args: [...args],
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
    ...options,
  });
  const { code, stdout, stderr } = await child.output();
  const [out = "", err = ""] = [stdout, stderr]
    .map((bytes) => new TextDecoder().decode(bytes));
  return { code, out, err };
}

/**
 * Runs a program to its end, without input, and returns what it printed.
 *
 * @throws {MissingProgramError}
 * @throws {Error} If it fails; the message has what it said.
 */
export async function run(
  program: string,
  args: readonly string[],
  options: CommandOptions = {},
): Promise<string> {
  const { code, out, err } = await attempt(program, args, options);
  if (code === 0) return out;
  throw new Error(
    `"${[program, ...args].join(" ")}" ended with ${code}\n${out}${err}`,
  );
}

function isExecutable(path: string): boolean {
  try {
    const { isFile, mode } = Deno.statSync(path);
    return isFile && (mode === null || (mode & 0o111) !== 0);
  } catch {
    return false;
  }
}
