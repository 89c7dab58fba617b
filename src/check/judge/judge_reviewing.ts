/**
 * What the check says of reviewing in Discord, where that is switched on.
 *
 * @module
 */

import { quote } from "../../config/reading/problem.ts";
import type { Finding } from "../report/finding.ts";
import { remedyFor, type Renewal } from "./judge_certificate.ts";
import { judgeRule, type Probe, type Rule } from "./judge_role.ts";

/** What was found out on the side of Discord. */
export interface ClickSetup {
  /** Sessions of the Gateway that may still be started today. */
  readonly sessionsLeft: number;
  /** Whether the application leads clicks to an address of its own. */
  readonly hasEndpoint: boolean;
  /** Servers with recipients. */
  readonly guilds: readonly {
    readonly name: string;
    readonly demandsSecondFactor: boolean;
  }[];
}

/** Fewer sessions than this tell of a crash loop. */
const FEW_SESSIONS = 100;

const LIST_USERS: Rule = {
  resource: "user",
  verb: "list",
  verbs: ["list", "read"],
  purpose: "reviewers are found by a trait",
  without: "only [users] says who may review",
  isOptional: true,
};

/** Judges what clicks have to pass on the side of Discord. */
export function judgeClicks(facts: ClickSetup): Finding[] {
  const unsafe = facts.guilds.filter((guild) => !guild.demandsSecondFactor);
  const clicks = { id: "discord.clicks", subject: "clicks on buttons" };
  return [
    judgeSessions(facts.sessionsLeft),
    facts.hasEndpoint
      ? {
        ...clicks,
        status: "failed",
        detail:
          "the application has an Interactions Endpoint URL, so Discord tells the plugin of none",
        remedy:
          "remove the URL on the page General Information of the application in Discord's developer portal",
      }
      : {
        ...clicks,
        status: "ok",
        detail: "Discord tells the plugin of them",
      },
    ...unsafe.map(({ name }): Finding => ({
      id: "discord.second_factor",
      subject: `server ${quote(name)}`,
      status: "warning",
      detail: "does not demand two-factor authentication of its moderators",
      remedy:
        "demand it in Server Settings, Safety Setup: whoever takes over a reviewer's account can approve",
    })),
  ];
}

function judgeSessions(left: number): Finding {
  const base = { id: "discord.gateway", subject: "Gateway" };
  const detail = `${left} sessions may still be started today`;
  if (left >= FEW_SESSIONS) return { ...base, status: "ok", detail };
  return {
    ...base,
    status: "warning",
    detail,
    remedy:
      "find what starts the plugin, or another program with this token, again and again",
  };
}

/**
 * Judges what the plugin's user may do for others in Teleport.
 *
 * @param takesReviews Whether the edition of Teleport has reviewers.
 */
export function judgeReviewRules(
  takesReviews: boolean,
  submit: Probe,
  listUsers: Probe | undefined,
  renewal: Renewal | undefined,
): Finding[] {
  const submitting = judgeSubmit(takesReviews, submit, renewal);
  return listUsers === undefined
    ? [submitting]
    : [submitting, judgeRule(LIST_USERS, listUsers, renewal)];
}

function judgeSubmit(
  takesReviews: boolean,
  submit: Probe,
  renewal: Renewal | undefined,
): Finding {
  const base = { id: "teleport.review", subject: "reviews for others" };
  switch (submit.kind) {
    case "granted":
      return { ...base, status: "ok", detail: "may be submitted" };
    case "unanswered":
      return { ...base, status: "unanswered", detail: submit.detail };
    case "denied":
      if (!takesReviews) {
        return {
          ...base,
          status: "failed",
          detail:
            "cannot be submitted: this edition of Teleport has no reviewers, so every click is refused",
          remedy: "leave [review] off: it takes Teleport Enterprise or Cloud",
        };
      }
      return {
        ...base,
        status: "failed",
        detail: "may not be submitted, so every click is refused",
        remedy: remedyFor(
          [
            "give the plugin's user the preset role access-plugin-with-review, or a role with this; Teleport before 18.11 has neither:",
            'allow: {review_requests: {submit_for_users: ["*"]}}',
            "# where Teleport demands a second factor of administrators: an identity that tbot makes",
          ].join("\n"),
          renewal,
        ),
      };
  }
}
