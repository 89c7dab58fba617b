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

/** The outcome of one rule. */
export interface Judgement {
  readonly name: string;
  /** `file:line` of a rule that was read from a file. */
  readonly place: string | undefined;
  readonly outcome:
    | { readonly kind: "matches"; readonly recipients: readonly string[] }
    | { readonly kind: "does not match" }
    /** Its schedules leave out the time at which the request was made. */
    | { readonly kind: "off duty" }
    /** Its condition has no value for this request. */
    | { readonly kind: "fails"; readonly reason: string }
    | { readonly kind: "unusable"; readonly reason: string };
  /** Why its condition holds or not. */
  readonly explanation: Explanation | undefined;
  /** What is odd about it, each a phrase. */
  readonly remarks: readonly string[];
}

/** Who is told. */
export interface Told {
  readonly recipients: readonly string[];
  /** What decided. */
  readonly by: "rules" | "configuration" | "nothing known";
}

/** Returns the report. @param notes What is to be said beside the rules, each a sentence. */
export function formatReport(
  request: AccessRequest,
  judgements: readonly Judgement[],
  notes: readonly string[],
  told: Told,
): string {
  const lines = [
    describeRequest(request),
    "",
    ...judgements.flatMap(formatJudgement),
  ];
  if (judgements.length === 0) lines.push("No rule concerns this plugin.");
  lines.push(...notes);
  return [...lines, "", formatTold(told), ""].join("\n");
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

function formatJudgement(judgement: Judgement): string[] {
  const { name, place, outcome, explanation, remarks } = judgement;
  const where = place === undefined ? "" : ` (${place})`;
  const lines = [
    `${MARKS[outcome.kind]} ${name}${where}: ${describe(outcome)}`,
  ];
  if (explanation !== undefined) lines.push(...formatPart(explanation, 1));
  return [...lines, ...remarks.map((remark) => `  ! ${remark}`)];
}

const MARKS: Readonly<Record<Judgement["outcome"]["kind"], string>> = {
  "matches": "✓",
  "does not match": "✗",
  "off duty": "–",
  "fails": "!",
  "unusable": "!",
};

function describe(outcome: Judgement["outcome"]): string {
  switch (outcome.kind) {
    case "matches":
      return outcome.recipients.length === 0
        ? "matches, and names nobody"
        : `matches, and tells ${outcome.recipients.join(", ")}`;
    case "does not match":
      return "does not match";
    case "off duty":
      return "not in any of its shifts when the request was made";
    case "fails":
      return `skipped, its condition cannot be evaluated: ${outcome.reason}`;
    case "unusable":
      return `skipped, it cannot be used: ${outcome.reason}`;
  }
}

/** One line for each expression that is more than a value, the parts below the whole. */
function formatPart(part: Explanation, depth: number): string[] {
  const source = part.source.replaceAll(/\s+/g, " ");
  const value = part.error === undefined ? part.value : part.error.reason;
  const skipped = part.isSkipped ? " (not needed)" : "";
  const line = `${"  ".repeat(depth)}${source} → ${value}${skipped}`;
  return [line, ...part.parts.flatMap((each) => formatPart(each, depth + 1))];
}

function formatTold({ recipients, by }: Told): string {
  switch (by) {
    case "rules":
      return `Told: ${recipients.join(", ")}`;
    case "configuration":
      return recipients.length === 0
        ? "Told: nobody, as no rule and no line of [role_to_recipients] names anybody"
        : `Told: ${recipients.join(", ")}, by [role_to_recipients], ` +
          "as no rule names anybody";
    case "nothing known":
      return "Told: whom [role_to_recipients] names, as no rule names anybody; " +
        "--config says whom";
  }
}
