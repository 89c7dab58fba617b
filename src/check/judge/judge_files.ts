/**
 * Whether the files of the plugin can be read by it, and by nobody else who should not.
 *
 * @module
 */

import { type Finding, found, type Outcome } from "../report/finding.ts";

/** What is known of a file. */
export interface FileFacts {
  readonly path: string;
  /** What it is: `identity file`. */
  readonly what: string;
  /** Whether who reads it could act as the plugin. */
  readonly isSecret: boolean;
  /** Why it cannot be read (a log file: written to); `undefined` if it can. */
  readonly fault: string | undefined;
  /** Permission bits; `undefined` where there are none, or no file yet. */
  readonly mode: number | undefined;
  /** Whether it belongs to the user that runs the plugin. */
  readonly isOwn: boolean;
  /** What to do if it cannot be read. */
  readonly remedy: string;
}

const OTHERS_READ = 0o004;
const OTHERS_WRITE = 0o002;

/** Judges one file. */
export function judgeFile(file: FileFacts): Finding {
  const subject = `${file.what} ${file.path}`;
  return { id: "file", subject, ...judgeFacts(file) };
}

function judgeFacts(file: FileFacts): Outcome {
  const { mode, fault, isSecret, remedy } = file;
  if (fault !== undefined) return found.failed(fault, remedy);
  if (mode === undefined) return found.ok("nothing is in the way");
  const shown = `mode ${mode.toString(8).padStart(4, "0")}`;
  if (mode & OTHERS_WRITE) {
    return found.failed(
      `${shown}: every user of this machine can change it`,
      closeCommand(file),
    );
  }
  if (isSecret && mode & OTHERS_READ) {
    return found.warning(
      `${shown}: every user of this machine can read it, and it is a secret`,
      closeCommand(file),
    );
  }
  return found.ok(shown);
}

/** Who reads a file as one of all the others must still be able to read it afterwards. */
function closeCommand({ path, isOwn }: FileFacts): string {
  return isOwn
    ? `chmod o-rwx ${path}`
    : `chgrp teleport-discord ${path} && chmod 0640 ${path}`;
}

/**
 * Warns where the check cannot see what the plugin will see: root may read everything.
 *
 * @param uid User ID of this process; `undefined` if it is not known.
 */
export function judgeUser(uid: number | undefined): Finding[] {
  if (uid !== 0) return [];
  return [{
    id: "user",
    subject: "user root",
    ...found.warning(
      "may read every file, so that it does not show whether the plugin's own user may",
      "check as that user: sudo -u teleport-discord teleport-discord check",
    ),
  }];
}
