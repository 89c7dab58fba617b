/**
 * What a check found, and what follows from it.
 *
 * @module
 */

import { EXIT } from "../../lib/exit_codes.ts";

/** How something was found to be. */
export type Status =
  | "ok"
  /** Worth knowing, and nothing to act on. */
  | "info"
  /** The plugin works, with less than it could. */
  | "warning"
  /** A person must change something. */
  | "failed"
  /** There was no usable answer, so nothing is known; time may cure it. */
  | "unanswered"
  /** Not looked at, because something before it went wrong. */
  | "skipped";

/** One thing that was looked at. */
export interface Finding {
  /** The kind of check, the same in every release: `teleport.rule`. */
  readonly id: string;
  /** What was looked at: `rule list on access_request`. */
  readonly subject: string;
  readonly status: Status;
  /** What was found, as a phrase behind the subject. */
  readonly detail: string;
  /** What to do about it, a sentence; further lines are to be copied as they are. */
  readonly remedy?: string | undefined;
}

/** What was found of a subject. */
export type Outcome = Omit<Finding, "id" | "subject">;

/** Makes an outcome of one status. */
type MakeOutcome = (detail: string, remedy?: string) => Outcome;

function outcomeOf(status: Status): MakeOutcome {
  return (detail, remedy) => ({ status, detail, remedy });
}

/** Makes outcomes: `found.failed("is a bot", "name a person")`. */
export const found: Readonly<Record<Status, MakeOutcome>> = {
  ok: outcomeOf("ok"),
  info: outcomeOf("info"),
  warning: outcomeOf("warning"),
  failed: outcomeOf("failed"),
  unanswered: outcomeOf("unanswered"),
  skipped: outcomeOf("skipped"),
};

/** Findings that belong together. */
export interface Area {
  /** The same in every release. */
  readonly id: string;
  readonly title: string;
  readonly findings: readonly Finding[];
}

/** Whether later checks cannot do without what this one looked at. */
export function isBad({ status }: Finding): boolean {
  return status === "failed" || status === "unanswered";
}

/**
 * Returns the exit code for what was found: 78 if something has to be changed, 1 if something did not
 * answer, 0 if the plugin would work.
 */
export function exitCodeFor(findings: readonly Finding[]): number {
  const has = (status: Status) =>
    findings.some((finding) => finding.status === status);
  if (has("failed")) return EXIT.config;
  return has("unanswered") ? EXIT.failure : EXIT.stopped;
}
