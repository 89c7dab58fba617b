/**
 * Whether a click may be submitted as a review.
 *
 * Nothing is granted here in Teleport's place. What is refused here would be refused there too, cannot have
 * come from a message of ours, or lacks what a reviewer has to see or to say first.
 *
 * Source: docs/design/review-rules.md 4.
 *
 * @module
 */

import { isReviewable, type ReviewAction } from "../message/review_button.ts";
import { isBlank } from "../message/text/text.ts";
import {
  allHidden,
  type HiddenFields,
  HIDEABLE_FIELDS,
  hidesDecisive,
} from "../record/hidden_fields.ts";
import type { Click } from "../ports/clicks.ts";
import {
  type AccessRequest,
  type FinalState,
  hasHiddenParts,
} from "../ports/access_request.ts";
import type { Verdict } from "../ports/review_service.ts";
import {
  hasExpired,
  type PluginData,
  type PostedDelivery,
} from "../record/plugin_data.ts";
import { shownState } from "../record/shown_facts.ts";

/** Which verdicts have to be given a reason. */
export const REASON_RULES = ["never", "deny", "always"] as const;

/** One of {@linkcode REASON_RULES}. */
export type ReasonRule = typeof REASON_RULES[number];

/** Whether a verdict has to be given a reason. */
export function needsReason(rule: ReasonRule, verdict: Verdict): boolean {
  return rule === "always" || (rule === "deny" && verdict === "deny");
}

/** Why a click is not submitted, or was not accepted. */
export type Refusal =
  /** The button does not belong to the message, or the message to the request. */
  | { readonly kind: "foreign" }
  /** The message may be one that was posted, but not recorded yet. */
  | { readonly kind: "not recorded" }
  | { readonly kind: "gone" | "expired" | "long-term" }
  | { readonly kind: "resolved"; readonly state: FinalState }
  /** It asks for something that this build cannot show; it may only be denied. */
  | { readonly kind: "hidden parts" }
  | { readonly kind: "ambiguous"; readonly users: readonly string[] }
  | { readonly kind: "unmapped" | "own" | "no reason" };

/** All that the decision about a click depends on. */
export interface ClickFacts {
  readonly action: ReviewAction;
  readonly click: Pick<
    Click,
    "channelId" | "messageId" | "guildId" | "authorId" | "isEphemeral"
  >;
  /** User ID of the bot. */
  readonly botId: string;
  /** Whether the person is to be shown all of it first, as the place of the click suggests. */
  readonly mustReveal: boolean;
  /** What today's configuration does not show to a recipient. */
  readonly hiddenFor: (recipient: string) => HiddenFields;
  /** Server that the channel is in; `undefined` for direct messages. */
  readonly guildId: string | undefined;
  readonly reason: string;
  readonly rule: ReasonRule;
  /** Plugin data of the request; `undefined` if there is none. */
  readonly stored: PluginData | undefined;
  /** The request as it is now; `undefined` if there is none. */
  readonly request: AccessRequest | undefined;
  /** Teleport users that the person who clicked is. */
  readonly users: readonly string[];
  readonly now: Date;
}

/** What is to be done with a click. */
export type ClickVerdict =
  | { readonly kind: "submit"; readonly author: string }
  /** The message hides what a reviewer has to know: this person is to be shown that first. */
  | {
    readonly kind: "reveal";
    readonly stored: PluginData;
    readonly recipient: string;
    readonly hidden: HiddenFields;
  }
  | Refusal;

/** Decides about a click. */
export function judgeClick(facts: ClickFacts): ClickVerdict {
  const { action, stored, request, users, now } = facts;
  if (stored === undefined) {
    return { kind: request === undefined ? "gone" : "foreign" };
  }
  const clicked = clickedDelivery(facts, stored);
  if (clicked === undefined) {
    const isOwed = [...stored.deliveries.values()].some(({ kind }) =>
      kind === "owed"
    );
    return { kind: isOwed ? "not recorded" : "foreign" };
  }
  if (request === undefined || request.id !== action.requestId) {
    const isExpired = shownState(stored) === "EXPIRED" ||
      hasExpired(stored, now);
    return { kind: isExpired ? "expired" : "gone" };
  }
  if (request.state !== "PENDING") {
    return { kind: "resolved", state: request.state };
  }
  if (!isReviewable(request)) return { kind: "long-term" };
  if (action.verdict === "approve" && hasHiddenParts(request)) {
    return { kind: "hidden parts" };
  }
  const [author, other] = users;
  // Teleport would take an empty name for that of the plugin's own user.
  if (author === undefined || author === "") {
    return { kind: "unmapped" };
  }
  if (other !== undefined) return { kind: "ambiguous", users };
  if (author === request.user) return { kind: "own" };
  const [recipient, { hides }] = clicked;
  const hidden = allHidden(hides, facts.hiddenFor(recipient));
  const isHidden = hidesDecisive(hidden);
  if (action.messageId === undefined && (isHidden || facts.mustReveal)) {
    const shown = isHidden ? hidden : HIDEABLE_FIELDS;
    return { kind: "reveal", stored, recipient, hidden: shown };
  }
  if (needsReason(facts.rule, action.verdict) && isBlank(facts.reason)) {
    return { kind: "no reason" };
  }
  return { kind: "submit", author };
}

/**
 * Returns the delivery whose message was clicked, by recipient: the one that was posted for this very request,
 * or whose hidden fields stand in the answer of ours that was clicked.
 */
function clickedDelivery(
  { click, action, guildId, botId }: ClickFacts,
  stored: PluginData,
): readonly [string, PostedDelivery] | undefined {
  if (click.guildId !== guildId) return undefined;
  const isAnswer = click.isEphemeral && click.authorId === botId;
  if (action.messageId !== undefined && !isAnswer) return undefined;
  const messageId = action.messageId ?? click.messageId;
  for (const [recipient, delivery] of stored.deliveries) {
    if (
      delivery.kind === "posted" && delivery.message.messageId === messageId &&
      delivery.message.channelId === click.channelId
    ) return [recipient, delivery];
  }
  return undefined;
}
