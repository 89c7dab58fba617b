/**
 * What the check says of reviewing in Discord, where that is switched on.
 *
 * @module
 */

import { quote } from "../../config/reading/problem.ts";
import type { Guild } from "../../discord/permissions.ts";
import { type Finding, found, type Outcome } from "../report/finding.ts";
import { remedyFor, type Renewal } from "./judge_certificate.ts";
import { judgeRule, type Probe, type Rule } from "./judge_role.ts";

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

/**
 * Judges what clicks have to pass on the side of Discord.
 *
 * @param sessionsLeft Sessions of the Gateway that may still be started today.
 * @param hasEndpoint Whether the application leads clicks to an address of its own.
 * @param guilds Servers with recipients.
 */
export function judgeClicks(
  sessionsLeft: number,
  hasEndpoint: boolean,
  guilds: readonly Guild[],
): Finding[] {
  const sessions = `${sessionsLeft} sessions may still be started today`;
  const unsafe = guilds.filter((guild) => !guild.demandsSecondFactor);
  return [
    {
      id: "discord.gateway",
      subject: "Gateway",
      ...sessionsLeft >= FEW_SESSIONS ? found.ok(sessions) : found.warning(
        sessions,
        "find what starts the plugin, or another program with this token, again and again",
      ),
    },
    {
      id: "discord.clicks",
      subject: "clicks on buttons",
      ...hasEndpoint
        ? found.failed(
          "the application has an Interactions Endpoint URL, so Discord tells the plugin of none",
          "remove the URL on the page General Information of the application in Discord's developer portal",
        )
        : found.ok("Discord tells the plugin of them"),
    },
    ...unsafe.map(({ name }) => ({
      id: "discord.second_factor",
      subject: `server ${quote(name)}`,
      ...found.warning(
        "does not demand two-factor authentication of its moderators",
        "demand it in Server Settings, Safety Setup: whoever takes over a reviewer's account can approve",
      ),
    })),
  ];
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
  const submitting: Finding = {
    id: "teleport.review",
    subject: "reviews for others",
    ...judgeSubmit(takesReviews, submit, renewal),
  };
  return listUsers === undefined
    ? [submitting]
    : [submitting, judgeRule(LIST_USERS, listUsers, renewal)];
}

function judgeSubmit(
  takesReviews: boolean,
  submit: Probe,
  renewal: Renewal | undefined,
): Outcome {
  if (submit.kind === "granted") return found.ok("may be submitted");
  if (submit.kind === "unanswered") return found.unanswered(submit.detail);
  return takesReviews
    ? found.failed(
      "may not be submitted, so every click is refused",
      remedyFor(GIVE_REVIEWS, renewal),
    )
    : found.failed(
      "cannot be submitted: this edition of Teleport has no reviewers, so every click is refused",
      "leave [review] off: it takes Teleport Enterprise or Cloud",
    );
}

const GIVE_REVIEWS = `\
give the plugin's user the preset role access-plugin-with-review, or a role with this; Teleport before 18.11 has neither:
allow: {review_requests: {submit_for_users: ["*"]}}
# where Teleport demands a second factor of administrators: an identity that tbot makes`;
