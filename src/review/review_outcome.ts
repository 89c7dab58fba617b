/**
 * What a person who clicked is told. Nobody else sees it.
 *
 * @module
 */

import type { Catalogue } from "../message/catalogue/catalogue.ts";
import { codeSpan } from "../message/text/markdown.ts";
import { renderRevealed, type Revelation } from "./revealed_answer.ts";
import type { RenderedMessage } from "../ports/rendered_message.ts";
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
  /** Nothing was submitted: the person is shown what the message hides, with buttons of its own. */
  | { readonly kind: "revealed"; readonly revelation: Revelation }
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

/** Returns what the person who clicked is told, with whatever belongs to it. */
export function renderAnswer(
  outcome: ReviewOutcome,
  texts: Catalogue,
): RenderedMessage {
  return outcome.kind === "revealed" ? renderRevealed(outcome.revelation) : {
    content: renderOutcome(outcome, texts),
    embeds: undefined,
    buttons: [],
  };
}

/** Returns the sentence that the person who clicked is told. */
export function renderOutcome(
  outcome: ReviewOutcome,
  { answers, fields }: Catalogue,
): string {
  switch (outcome.kind) {
    case "accepted":
      return answers.accepted(outcome.verdict, name(outcome.author));
    case "resolved":
      return answers.resolved[outcome.state];
    case "already reviewed":
    case "may not review":
      return answers[outcome.kind](name(outcome.author));
    default:
      return answers[outcome.kind];
  }

  function name(user: string): string {
    return codeSpan(user, NAME_LIMIT, fields);
  }
}
