/**
 * Parts of a message that Discord refused, and that the rest can do without: buttons, embeds, the reply.
 *
 * @module
 */

import type { RenderedMessage } from "../ports/rendered_message.ts";

/**
 * Where a refused form names a part that can be left out; anything else is the text. That of a post in a
 * forum has the message as a part.
 */
const OPTIONAL =
  /^(?:message\.)?(?<part>components|embeds|message_reference)(?:\[(?<index>\d+)\])?(?:\.components\[(?<button>\d+)\])?/;

/** Remembers what was refused in one delivery, and leaves it out from then on. */
export class RefusedParts {
  /** Buttons and embeds, as JSON: a later message may have them in another place. */
  readonly #refused = new Set<string>();
  #withoutButtons = false;
  #withoutReply = false;
  #sent: RenderedMessage | undefined;

  /** Returns what is to be sent of a message. */
  withoutRefused(message: RenderedMessage): RenderedMessage {
    const isTaken = (part: unknown) => !this.#refused.has(JSON.stringify(part));
    const { replyTo, ...rest } = message;
    this.#sent = {
      ...rest,
      embeds: message.embeds?.filter(isTaken),
      buttons: this.#withoutButtons ? [] : message.buttons.filter(isTaken),
      ...(replyTo !== undefined && !this.#withoutReply && { replyTo }),
    };
    return this.#sent;
  }

  /**
   * Takes note of a refusal of what was sent last.
   *
   * @param faults Paths of the refused fields, such as `embeds[0].title`.
   * @returns Whether it named only parts that can be left out.
   */
  refuse(faults: readonly string[]): boolean {
    const matches = faults.map((path) => OPTIONAL.exec(path)?.groups);
    if (faults.length === 0 || !matches.every((each) => each !== undefined)) {
      return false;
    }
    return matches.map((each) => this.#leaveOut(each)).includes(true);
  }

  /** Returns whether there was such a part. */
  #leaveOut(
    { part, index, button }: Readonly<Record<string, string | undefined>>,
  ): boolean {
    const { embeds = [], buttons = [], replyTo } = this.#sent ?? {};
    switch (part) {
      case "message_reference":
        this.#withoutReply = true;
        return replyTo !== undefined;
      case "embeds": {
        const named = index === undefined ? embeds : [embeds[Number(index)]];
        return this.#add(named);
      }
      default: {
        if (button !== undefined) return this.#add([buttons[Number(button)]]);
        this.#withoutButtons = true;
        return buttons.length > 0;
      }
    }
  }

  #add(parts: readonly unknown[]): boolean {
    const named = parts.filter((part) => part !== undefined);
    for (const part of named) this.#refused.add(JSON.stringify(part));
    return named.length > 0;
  }
}
