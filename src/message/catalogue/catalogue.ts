/**
 * Everything that a person reads in Discord, as one type that each language fills.
 *
 * A text that comes with a new feature belongs here first: then no language compiles without it. A text with
 * a value in it is a function. Where a value may be followed by an ending that depends on how it is read,
 * as in Korean, put it behind a colon or in parentheses.
 *
 * @module
 */

import type {
  ConstraintKind,
  FinalState,
  RequestState,
} from "../../ports/access_request.ts";
import type { Verdict } from "../../ports/review_service.ts";
import type { ShownState } from "../../record/plugin_data.ts";

/** The languages that there are, by their code in ISO 639-1. */
export type Language = "en" | "ko";

/** The texts of one language; the first lines of messages are in `titles.ts`. */
export interface Catalogue {
  readonly language: Language;
  /** What stands in front of a value, as in `*Cluster*: example.com`; without marks and colon, at most 45 characters. */
  readonly labels: Readonly<Record<Label, string>>;
  readonly lines: LineTexts;
  readonly fields: FieldTexts;
  readonly reviews: ReviewTexts;
  /** On buttons; at most 80 characters each. */
  readonly buttons: Readonly<
    Record<"approve" | "deny" | "openTeleport", string>
  >;
  readonly form: FormTexts;
  /** What a person who clicked is told; nobody else sees it. */
  readonly answers: AnswerTexts;
  /** What `check --send-test` posts, for whoever sees it before it is gone, or because it could not be removed. */
  readonly testMessage: string;
}

/** Labels of lines. `ID` is none of them: the second line is the same in every language. */
export type Label =
  | "cluster"
  | "user"
  | "role"
  | "roles"
  | "logins"
  | "resources"
  | "reason"
  | "access"
  | "link"
  | "show"
  | "approve"
  | "deny"
  | "attention"
  | "requested"
  | "escalated"
  | "askAgain"
  | "review"
  | "reviews"
  | "status"
  | "resolutionReason";

/** Lines, and parts of them. A `time` is a timestamp that Discord shows in the reader's language. */
export interface LineTexts {
  readonly states: Readonly<Record<ShownState, string>>;
  /** Follows the state of a promoted request, directly. */
  readonly toAccessList: (title: string) => string;
  readonly accessStarts: (time: string) => string;
  readonly accessEnds: (time: string) => string;
  readonly accessEndedAt: (time: string) => string;
  /** Follows the state of a request whose access is over; begins with a comma or a blank. */
  readonly accessEnded: string;
  readonly requestExpires: (time: string) => string;
  /** The request asks for something that this version does not know. */
  readonly hiddenParts: string;
  /** Stands for who asks and for what in the name of a thread, where that is not to be read there. */
  readonly threadName: string;
  /** Follows mentions of which some were left out; begins with a blank. */
  readonly moreMentions: (count: number) => string;
  /** A duration to the minute; parts that are 0 are left out, and one at least is not. */
  readonly duration: (days: number, hours: number, minutes: number) => string;
}

/** What is said where a field is empty, cut, or narrowed; together with its mark at most 35 code units. */
export interface FieldTexts {
  readonly empty: string;
  /** Stands in place of what the configuration hides. */
  readonly hidden: string;
  /** Follows text that was cut; begins with a blank. */
  readonly truncated: string;
  /** Follows a list of which items were left out; begins with a blank. */
  readonly more: (count: number) => string;
  /** What access to a resource is narrowed to. */
  readonly constraints: Readonly<Record<ConstraintKind, string>>;
}

/** The embeds of reviews, at most 256 characters for each title. */
export interface ReviewTexts {
  /** @param created When the review was made; `undefined` if that is not known. */
  readonly title: (proposed: RequestState, created: Date | undefined) => string;
  /** When the review was made, as a line of its own; `undefined` if the title says it. */
  readonly time: ((time: string) => string) | undefined;
  readonly start: (time: string) => string;
  readonly earlier: (count: number) => string;
}

/** The form that asks for a reason: titles have at most 45 characters, placeholders 100. */
export interface FormTexts {
  readonly title: Readonly<Record<Verdict, string>>;
  /** Says who can read the reason: whoever sees the message, or not even they, where reasons are hidden. */
  readonly placeholder: { readonly shown: string; readonly hidden: string };
}

/** Sentences for a person who clicked, by what became of the click. A `user` is a Teleport user, in code. */
export interface AnswerTexts {
  readonly accepted: (verdict: Verdict, user: string) => string;
  readonly "already reviewed": (user: string) => string;
  readonly "may not review": (user: string) => string;
  /** Part of the request is hidden in the message; it follows, with buttons below it. */
  readonly revealed: string;
  readonly resolved: Readonly<Record<FinalState, string>>;
  readonly foreign: string;
  readonly "not recorded": string;
  readonly gone: string;
  readonly expired: string;
  readonly "long-term": string;
  readonly "hidden parts": string;
  readonly unmapped: string;
  readonly ambiguous: string;
  readonly own: string;
  readonly "no reason": string;
  readonly "not for others": string;
  readonly "second factor": string;
  readonly refused: string;
  readonly unreachable: string;
  readonly "not checked": string;
  readonly "in doubt": string;
  readonly "too many clicks": string;
  readonly "clicked twice": string;
  readonly "not ready": string;
}
