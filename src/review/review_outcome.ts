/**
 * What a person who clicked is told. Nobody else sees it.
 *
 * @module
 */

import { codeSpan } from "../message/markdown.ts";
import type { Verdict } from "../ports/review_service.ts";
import type { Refusal } from "./judge_click.ts";

/** What became of a click. */
export type ReviewOutcome =
  | {
    readonly kind: "accepted";
    readonly verdict: Verdict;
    readonly author: string;
  }
  | Refusal
  /** Teleport refused the review of this user. */
  | { readonly kind: "already reviewed"; readonly author: string }
  | { readonly kind: "may not review"; readonly author: string }
  /** The role of the plugin, or the server, does not let it review for others. */
  | { readonly kind: "not for others" }
  /** Reviews take a second factor that only an identity made by tbot is spared. */
  | { readonly kind: "second factor" }
  /** Teleport said no in words that this build does not know. */
  | { readonly kind: "refused" }
  /** No answer about what is stored: certainly nothing was recorded. */
  | { readonly kind: "unreachable" }
  /** Discord did not say where the click was made, or the checks took too long; nothing was recorded. */
  | { readonly kind: "not checked" }
  /** No answer to the review itself: it may have been recorded. */
  | { readonly kind: "in doubt" }
  | { readonly kind: "too many clicks" }
  | { readonly kind: "clicked twice" }
  /** This process has just started and does not know the open requests yet. */
  | { readonly kind: "not ready" };

const NAME_LIMIT = { chars: 256, units: 400 };

/** Returns the sentence that the person who clicked is told. */
export function renderOutcome(outcome: ReviewOutcome): string {
  switch (outcome.kind) {
    case "accepted": {
      const done = outcome.verdict === "approve" ? "approval" : "denial";
      return `Your ${done} is recorded, as Teleport user ${
        name(outcome.author)
      }.`;
    }
    case "foreign":
      return "This button does not belong to this message. Please review the request in Teleport.";
    case "not recorded":
      return "This message is still being recorded. Please click again in a few seconds.";
    case "gone":
      return "This request does not exist any more.";
    case "expired":
      return "This request has expired.";
    case "resolved":
      return RESOLVED[outcome.state] ?? "This request is not pending any more.";
    case "long-term":
      return "Long-term access can only be reviewed in Teleport's web UI.";
    case "hidden parts":
      return "This request has parts that this version of the plugin cannot show. Please look at it in Teleport " +
        "and approve it there.";
    case "unmapped":
      return "Your Discord account is not linked to a Teleport user. A Teleport administrator can link it.";
    case "ambiguous":
      return "Your Discord account is linked to more than one Teleport user. A Teleport administrator has to " +
        "correct that.";
    case "own":
      return "This is your own request: somebody else has to review it.";
    case "no reason":
      return "A reason is needed. Please click again and write one.";
    case "already reviewed":
      return `You have already reviewed this request, as Teleport user ${
        name(outcome.author)
      }.`;
    case "may not review":
      return `Teleport user ${
        name(outcome.author)
      } may not review this request.`;
    case "not for others":
      return "Teleport does not let this bot submit reviews. Its administrators find the reason in the log; " +
        "please review the request in Teleport.";
    case "second factor":
      return "Teleport asks for a second factor that this bot does not have. Its administrators find more in the " +
        "log; please review the request in Teleport.";
    case "refused":
      return "Teleport refused the review. Please review the request in Teleport.";
    case "unreachable":
      return "Teleport cannot be reached right now, and nothing was recorded. Please click again in a moment.";
    case "not checked":
      return "Your click could not be checked right now, and nothing was recorded. Please click again in a moment.";
    case "in doubt":
      return "Teleport did not answer, so your review may or may not have been recorded. Please click again: it " +
        "never counts twice.";
    case "too many clicks":
      return "Too many clicks. Please wait a minute.";
    case "clicked twice":
      return "You have just clicked this. Please wait for the outcome.";
    case "not ready":
      return "The open requests are still being read. Please click again in a moment.";
  }
}

const RESOLVED: Readonly<Record<string, string>> = {
  APPROVED: "This request is already approved.",
  DENIED: "This request is already denied.",
  PROMOTED: "This request is already promoted to an access list.",
};

function name(user: string): string {
  return codeSpan(user, NAME_LIMIT);
}
