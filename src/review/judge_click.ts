/**
 * Whether a click may be submitted as a review.
 *
 * Nothing is decided here in Teleport's place. What is refused here would be refused there too, or cannot
 * have come from a message of ours.
 *
 * Source: docs/design/review-rules.md 4.
 *
 * @module
 */

import { isReviewable, type ReviewAction } from "../message/review_button.ts";
import { isVisible } from "../message/text.ts";
import { type AccessRequest, hasHiddenParts } from "../ports/access_request.ts";
import type { Verdict } from "../ports/review_service.ts";
import type { PluginData } from "../record/plugin_data.ts";
import { shownState } from "../record/shown_facts.ts";

/** Which verdicts have to be given a reason. */
export type ReasonRule = "never" | "deny" | "always";

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
  | { readonly kind: "gone" }
  | { readonly kind: "expired" }
  | { readonly kind: "resolved"; readonly state: string }
  | { readonly kind: "long-term" }
  /** It asks for something that this build cannot show; it may only be denied. */
  | { readonly kind: "hidden parts" }
  | { readonly kind: "unmapped" }
  | { readonly kind: "ambiguous"; readonly users: readonly string[] }
  | { readonly kind: "own" }
  | { readonly kind: "no reason" };

/** All that the decision about a click depends on. */
export interface ClickFacts {
  readonly action: ReviewAction;
  readonly click: {
    readonly channelId: string;
    readonly messageId: string;
    readonly guildId: string | undefined;
  };
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
  | { readonly kind: "refuse"; readonly refusal: Refusal };

/** Decides about a click. */
export function judgeClick(facts: ClickFacts): ClickVerdict {
  const { action, stored, request, users, now } = facts;
  if (stored === undefined) {
    return refuse(
      request === undefined ? { kind: "gone" } : { kind: "foreign" },
    );
  }
  if (!isOwnMessage(facts, stored)) {
    const isOwed = [...stored.deliveries.values()].some(({ kind }) =>
      kind === "owed"
    );
    return refuse({ kind: isOwed ? "not recorded" : "foreign" });
  }
  if (request === undefined || request.id !== action.requestId) {
    return refuse({ kind: hasEnded(stored, now) ? "expired" : "gone" });
  }
  if (request.state !== "PENDING") {
    return refuse({ kind: "resolved", state: request.state });
  }
  if (!isReviewable(request)) return refuse({ kind: "long-term" });
  if (action.verdict === "approve" && hasHiddenParts(request)) {
    return refuse({ kind: "hidden parts" });
  }
  const [author, other] = users;
  // Teleport would take an empty name for that of the plugin's own user.
  if (author === undefined || author === "") {
    return refuse({ kind: "unmapped" });
  }
  if (other !== undefined) return refuse({ kind: "ambiguous", users });
  if (author === request.user) return refuse({ kind: "own" });
  if (needsReason(facts.rule, action.verdict) && !isVisible(facts.reason)) {
    return refuse({ kind: "no reason" });
  }
  return { kind: "submit", author };
}

/** Whether the click was on the message that was posted for this very request. */
function isOwnMessage(facts: ClickFacts, stored: PluginData): boolean {
  const { channelId, messageId, guildId } = facts.click;
  if (guildId !== facts.guildId) return false;
  return [...stored.deliveries.values()].some((delivery) =>
    delivery.kind === "posted" && delivery.message.channelId === channelId &&
    delivery.message.messageId === messageId
  );
}

/** Whether a request that does not exist any more came to its end by time. */
function hasEnded(stored: PluginData, now: Date): boolean {
  if (shownState(stored) === "EXPIRED") return true;
  const { requestExpires, accessExpires } = stored;
  return [requestExpires, accessExpires].some((end) =>
    end !== undefined && end <= now
  );
}

function refuse(refusal: Refusal): ClickVerdict {
  return { kind: "refuse", refusal };
}
