/**
 * Writing to the journal of systemd by way of standard error.
 *
 * Source: systemd documentation, "sd-daemon(3)" and "systemd.exec(5)" (`JOURNAL_STREAM`), 252.
 *
 * @module
 */

import { fstatSync } from "node:fs";

const STDERR = 2;

/**
 * Returns whether standard error leads to the journal.
 *
 * @param expected Value of `$JOURNAL_STREAM`: device and inode of what the journal reads.
 */
export function isJournal(
  expected: string | undefined,
  stat: () => { readonly dev: number | bigint; readonly ino: number | bigint } =
    () => fstatSync(STDERR, { bigint: true }),
): boolean {
  if (expected === undefined || expected === "") return false;
  try {
    const { dev, ino } = stat();
    return expected === `${dev}:${ino}`;
  } catch {
    return false;
  }
}

/** Puts the priority of an error before each line, or that of a warning before one that begins so. */
export function withPriorities(text: string): string {
  return text.replace(/^(?=.)/gm, "<3>").replace(/^<3>(?=warning: )/gm, "<4>");
}
