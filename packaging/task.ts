/**
 * What the tasks of packaging have in common.
 *
 * @module
 */

import { MissingProgramError } from "../programs/command.ts";

/** Does the work of a task; ends with exit code 1 and how to install what is missing, where a program is. */
export async function runTask(work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    if (!(error instanceof MissingProgramError)) throw error;
    const text = `error: ${error.message}\n`;
    await Deno.stderr.write(new TextEncoder().encode(text));
    Deno.exit(1);
  }
}
