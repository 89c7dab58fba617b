/**
 * A message ready to be sent, free of any wire form.
 *
 * @module
 */

/** A Discord embed, as far as this program uses it. `color` is 0 to 0xFFFFFF. */
export interface Embed {
  readonly title?: string;
  readonly description?: string;
  readonly color?: number;
  readonly author?: { readonly name: string };
}

/** A button: a link, which needs neither a Gateway nor an endpoint, or one that tells of clicks. */
export type Button =
  | { readonly label: string; readonly url: string }
  | {
    readonly label: string;
    /** Comes back with each click; at most 100 characters. */
    readonly customId: string;
    readonly style: "success" | "danger";
  };

/** A message ready to be sent, within every limit of Discord. */
export interface RenderedMessage {
  readonly content: string;
  /** `undefined` leaves the embeds of an edited message as they are; `[]` removes them. */
  readonly embeds: readonly Embed[] | undefined;
  /** Buttons below the text; `[]` removes them. */
  readonly buttons: readonly Button[];
  /** Whom a post alerts: `role:` or `user:` and an ID, each mentioned in the text. An edit alerts nobody. */
  readonly alerts?: readonly string[];
  /** ID of the message in the same channel that a post replies to. */
  readonly replyTo?: string;
}
