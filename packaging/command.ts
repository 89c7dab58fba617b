/**
 * Other programs that packaging is done with.
 *
 * @module
 */

/** How to run one. */
export interface CommandOptions {
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
}

/**
 * Runs a program and returns what it printed.
 *
 * @throws {Error} If it is not there or fails; the message has what it said.
 */
export async function run(
  program: string,
  args: readonly string[],
  options: CommandOptions = {},
): Promise<string> {
  const { success, code, stdout, stderr } = await new Deno.Command(program, {
    args: [...args],
    stdin: "null",
    ...options,
  }).output().catch((cause) => {
    throw new Error(`Cannot run "${program}"`, { cause });
  });
  const [out = "", err = ""] = [stdout, stderr]
    .map((bytes) => new TextDecoder().decode(bytes));
  if (success) return out;
  throw new Error(
    `Cannot ${program} ${args.join(" ")}: exit code ${code}\n${out}${err}`,
  );
}
