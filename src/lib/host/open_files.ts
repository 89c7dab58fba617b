/**
 * What is said where this process may open nothing more.
 *
 * @module
 */

/** What happened and what to do, as a part of a sentence. */
export const TOO_MANY_FILES =
  "this process may open no more files and connections: raise its limit (LimitNOFILE= of the unit, ulimit -n)";

/** Whether an error says so. */
export function isTooManyFiles(error: unknown): boolean {
  return error instanceof Error && error.message.includes("os error 24");
}
