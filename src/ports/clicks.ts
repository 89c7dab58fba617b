/**
 * Clicks on buttons, and how they are answered.
 *
 * @module
 */

import type { Secret } from "../lib/secret.ts";
import type { RenderedMessage } from "./rendered_message.ts";

/** Somebody clicked a button on a message, or sent the form that such a click opened. */
export interface Click {
  /** Discord's ID of this click. */
  readonly id: string;
  /** Whoever has it can answer the click in the bot's name. */
  readonly token: Secret;
  readonly applicationId: string;
  readonly kind: "button" | "form";
  /** What the button or the form was given when it was made. */
  readonly customId: string;
  /** Discord user who clicked. */
  readonly userId: string;
  /** Server of the channel; `undefined` in direct messages. */
  readonly guildId: string | undefined;
  readonly channelId: string;
  /** What the channel hangs from: of a post its forum; `undefined` if that was not said. */
  readonly parentId?: string | undefined;
  readonly messageId: string;
  /** Discord user who wrote the message. */
  readonly authorId: string;
  /** Whether only the person who clicked sees the message: it is an answer to another click. */
  readonly isEphemeral: boolean;
  /** Language of the person's Discord, such as `ko` or `en-US`; `undefined` if that was not said. */
  readonly locale: string | undefined;
  /** Text of the form; empty for a button. */
  readonly reason: string;
  /** When it came, by the monotonic clock. */
  readonly atMs: number;
}

/** Where a click was made. */
export type ClickPlace = Pick<
  Click,
  "guildId" | "channelId" | "parentId" | "userId"
>;

/**
 * Returns the recipient whose announcements stand where a click was made. A post hangs from the forum that it
 * is for, a thread may be a recipient itself.
 *
 * @param isNamed Whether the configuration names a recipient.
 */
export function recipientOf(
  { guildId, channelId, parentId, userId }: ClickPlace,
  isNamed: (recipient: string) => boolean,
): string {
  if (guildId === undefined) return `user:${userId}`;
  return parentId !== undefined && !isNamed(channelId) && isNamed(parentId)
    ? parentId
    : channelId;
}

/** A form with one field of text. */
export interface ReasonForm {
  readonly customId: string;
  readonly title: string;
  readonly label: string;
  readonly placeholder: string;
}

/**
 * Answers clicks. The first answer has to come within 3 seconds, and only one process can give it. Every
 * answer is seen by the person who clicked alone.
 *
 * Every method rejects with a `DiscordApiError`, or with the reason of the signal that ends its calls.
 *
 * @see InteractionClient, which implements it over HTTP.
 */
export interface Answers {
  /** Says that an answer follows. */
  defer(click: Click): Promise<void>;
  /** Says something at once. */
  reply(click: Click, text: string): Promise<void>;
  /** Opens a form; only possible as first answer to a button. */
  openForm(click: Click, form: ReasonForm): Promise<void>;
  /** Says what was deferred. */
  tell(click: Click, message: RenderedMessage): Promise<void>;
}
