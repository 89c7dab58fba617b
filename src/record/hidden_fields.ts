/**
 * Fields that a message hides: they are stored with it, as the configuration may change.
 *
 * @module
 */

import { type ClickPlace, recipientOf } from "../ports/clicks.ts";

/** What a message can hide, in the order in which it is stored. */
export const HIDEABLE_FIELDS = [
  "user",
  "roles",
  "reason",
  "review_reasons",
  "resources",
  "logins",
] as const;

export type HideableField = (typeof HIDEABLE_FIELDS)[number];

/** Fields that a message hides, each once. */
export type HiddenFields = readonly HideableField[];

export const NOTHING_HIDDEN: HiddenFields = [];

/** What the configuration says of fields that are not shown. */
export interface HideChoice {
  readonly hide: HiddenFields;
  /** What single recipients are not shown, in place of `hide`. */
  readonly hideByRecipient: ReadonlyMap<string, HiddenFields>;
}

/** What a reviewer has to know: nobody may review by a click what the message does not show of these. */
const DECISIVE: HiddenFields = ["roles", "reason", "resources", "logins"];

/** Returns what a recipient is not shown. Of several messages in a channel each hides what the channel does. */
export function hiddenFor(
  { hide, hideByRecipient }: HideChoice,
  recipient: string,
): HiddenFields {
  const [channel = recipient] = recipient.split("/");
  return hideByRecipient.get(channel) ?? hide;
}

/** Returns what messages do not show where a click was made. */
export function hiddenAt(choice: HideChoice, click: ClickPlace): HiddenFields {
  const isNamed = (recipient: string) => choice.hideByRecipient.has(recipient);
  return hiddenFor(choice, recipientOf(click, isNamed));
}

/** Returns every field that one of two lists has. */
export function allHidden(a: HiddenFields, b: HiddenFields): HiddenFields {
  return HIDEABLE_FIELDS.filter((field) =>
    a.includes(field) || b.includes(field)
  );
}

/** Whether something is among them that a reviewer has to know. */
export function hidesDecisive(hidden: HiddenFields): boolean {
  return hidden.some((field) => DECISIVE.includes(field));
}
