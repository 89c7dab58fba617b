/**
 * The `[review]` section.
 *
 * @module
 */

import { REASON_RULES, type ReasonRule } from "../../review/judge_click.ts";
import type { ProblemList } from "../reading/problem_list.ts";
import { Section, type Table } from "../reading/section.ts";

/** Whether and how requests are reviewed by clicks in Discord. */
export interface ReviewOptions {
  readonly enabled: boolean;
  /** Verdicts that have to be given a reason. */
  readonly reasonRule: ReasonRule;
}

/** Reads whether and how requests are reviewed by clicks in Discord. */
export function readReview(root: Table, problems: ProblemList): ReviewOptions {
  const section = new Section(root, "review", problems);
  return {
    enabled: section.boolean("enabled") ?? false,
    reasonRule: section.word("require_reason", REASON_RULES) ?? "deny",
  };
}
