/**
 * Writing to the journal of systemd by way of standard error.
 *
 * Source: systemd documentation, "sd-daemon(3)" and "systemd.exec(5)" (`JOURNAL_STREAM`), 252.
 *
 * @module
 */

const STDERR = 2;

/** What tells a file from all others of a machine. */
interface FileIdentity {
  readonly dev: number | bigint;
  readonly ino: number | bigint;
}

/**
 * Returns whether standard error leads to the journal.
 *
 * @param expected Value of `$JOURNAL_STREAM`: device and inode of what the journal reads.
 */
export async function isJournal(
  expected: string | undefined,
  stat: () => Promise<FileIdentity> = statStderr,
): Promise<boolean> {
  if (expected === undefined || expected === "") return false;
  try {
    const { dev, ino } = await stat();
    return expected === `${dev}:${ino}`;
  } catch {
    return false;
  }
}

async function statStderr(): Promise<FileIdentity> {
  // Only now: most commands never ask, and would start later for it.
  const { fstatSync } = await import("node:fs");
  return fstatSync(STDERR, { bigint: true });
}

/** Puts the priority of an error before each line, or that of a warning before one that begins so. */
export function withPriorities(text: string): string {
  return text.replace(/^(?=.)/gm, "<3>").replace(/^<3>(?=warning: )/gm, "<4>");
}
