/**
 * What rules say about one request, for people to read.
 *
 * @module
 */

import {
  type AccessRequest,
  formatResourceId,
} from "../../ports/access_request.ts";
import type { Explanation } from "../../route/predicate/condition.ts";

/** Mark and words of each outcome; of the last two the reason follows. */
const LOOKS = {
  matches: ["✓", "matches, and "],
  "does not match": ["✗", "does not match"],
  /** Its schedules leave out the time at which the request was made. */
  "off duty": ["–", "not in any of its shifts when the request was made"],
  /** Its condition has no value for this request. */
  fails: ["!", "skipped, its condition cannot be evaluated: "],
  unusable: ["!", "skipped, it cannot be used: "],
} as const;

/** What comes of a rule. */
export interface Outcome {
  readonly kind: keyof typeof LOOKS;
  /** Whom it tells; nobody unless it matches. */
  readonly recipients?: readonly string[];
  /** Why there is nothing to say of the request. */
  readonly reason?: string;
}

/** The outcome of one rule. */
export interface Judgement extends Outcome {
  readonly name: string;
  /** `file:line` of a rule that was read from a file. */
  readonly place: string | undefined;
  /** Why its condition holds or not. */
  readonly explanation: Explanation | undefined;
  /** What is odd about it, each a phrase. */
  readonly remarks: readonly string[];
}

/**
 * Returns the report.
 *
 * @param notes What is to be said beside the rules, each a sentence.
 * @param configured Whom `[role_to_recipients]` names; `undefined` if that is not known.
 */
export function formatReport(
  request: AccessRequest,
  judgements: readonly Judgement[],
  notes: readonly string[],
  configured: readonly string[] | undefined,
): string {
  const rules = judgements.length === 0
    ? ["No rule concerns this plugin."]
    : judgements.flatMap(formatJudgement);
  const told = describeTold(judgements, configured);
  return [describeRequest(request), "", ...rules, ...notes, "", told, ""]
    .join("\n");
}

function describeRequest(request: AccessRequest): string {
  const { id, user, roles, resources, created } = request;
  const asked = [
    ...roles.map((role) => `role ${role}`),
    ...resources.map(formatResourceId),
  ];
  return `Request ${id} of ${user}, made ${created.toISOString()}: ${
    asked.join(", ") || "nothing"
  }`;
}

function formatJudgement(
  { name, place, kind, recipients = [], reason = "", explanation, remarks }:
    Judgement,
): string[] {
  const where = place === undefined ? "" : ` (${place})`;
  const [mark, words] = LOOKS[kind];
  const whom = recipients.length === 0
    ? "names nobody"
    : `tells ${recipients.join(", ")}`;
  return [
    `${mark} ${name}${where}: ${words}${kind === "matches" ? whom : reason}`,
    ...explanation === undefined ? [] : formatPart(explanation, 1),
    ...remarks.map((remark) => `  ! ${remark}`),
  ];
}

/** One line for each expression that is more than a value, the parts below the whole. */
function formatPart(part: Explanation, depth: number): string[] {
  const source = part.source.replaceAll(/\s+/g, " ");
  const value = part.error === undefined ? part.value : part.error.reason;
  const skipped = part.isSkipped ? " (not needed)" : "";
  const line = `${"  ".repeat(depth)}${source} → ${value}${skipped}`;
  return [line, ...part.parts.flatMap((each) => formatPart(each, depth + 1))];
}

function describeTold(
  judgements: readonly Judgement[],
  configured: readonly string[] | undefined,
): string {
  const byRules = new Set(
    judgements.flatMap(({ recipients = [] }) => recipients),
  );
  if (byRules.size > 0) return `Told: ${[...byRules].join(", ")}`;
  if (configured === undefined) {
    return "Told: whom [role_to_recipients] names, as no rule names anybody; " +
      "--config says whom";
  }
  return configured.length === 0
    ? "Told: nobody, as no rule and no line of [role_to_recipients] names anybody"
    : `Told: ${configured.join(", ")}, by [role_to_recipients], ` +
      "as no rule names anybody";
}
