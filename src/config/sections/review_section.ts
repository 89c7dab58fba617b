/**
 * The `[review]` section.
 *
 * @module
 */

import { REASON_RULES, type ReasonRule } from "../../review/judge_click.ts";
import type { Section } from "../reading/section.ts";

/** Whether and how requests are reviewed by clicks in Discord. */
export interface ReviewOptions {
  readonly enabled: boolean;
  /** Verdicts that have to be given a reason. */
  readonly reasonRule: ReasonRule;
}

/** Reads whether and how requests are reviewed by clicks in Discord. */
export function readReview(section: Section): ReviewOptions {
  return {
    enabled: section.boolean("enabled") ?? false,
    reasonRule: section.word("require_reason", REASON_RULES) ?? "deny",
  };
}
