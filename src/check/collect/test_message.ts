/**
 * Posts a message to a recipient and removes it.
 *
 * @module
 */

import type { DiscordClient } from "../../discord/rest/discord_client.ts";
import { endedBy } from "../../lib/async/cancellation.ts";
import type { Catalogue } from "../../message/catalogue/catalogue.ts";
import { DiscordApiError } from "../../ports/discord_error.ts";
import { hintForChannel, recoverDiscord } from "../../ports/recovery.ts";
import type { RecipientFacts } from "../judge/judge_recipients.ts";
import { type Finding, found, isBad, type Outcome } from "../report/finding.ts";
import type { CheckContext } from "./check_host.ts";

/** A recipient, with what was found of it. */
export interface ExaminedRecipient {
  readonly name: string;
  readonly facts: RecipientFacts;
  readonly finding: Finding;
}

/**
 * Sends a test message, unless it is known that it would not get there.
 *
 * @param texts What the recipient is told in.
 */
export async function sendTest(
  { name, facts, finding }: ExaminedRecipient,
  texts: Catalogue,
  client: DiscordClient,
  context: CheckContext,
): Promise<Finding> {
  const isForum = facts.kind === "channel" && facts.channel.forum !== undefined;
  const outcome = isBad(finding)
    ? found.skipped("skipped because nothing would get there")
    : isForum
    ? found.skipped(
      "skipped because a bot that may not manage threads cannot remove a post from a forum",
    )
    : await postAndRemove(name, texts.testMessage, client, context);
  const subject = `test message to ${name}`;
  return { id: "discord.test_message", subject, ...outcome };
}

async function postAndRemove(
  recipient: string,
  content: string,
  client: DiscordClient,
  context: CheckContext,
): Promise<Outcome> {
  const { signal, clock, callMs } = context;
  // For a post and its removal: whoever interrupts the check does not want to leave a message behind.
  const deadline = AbortSignal.timeout(2 * callMs);
  const posting = client.within({ stop: signal, deadline });
  const removing = client.within(endedBy(deadline));
  try {
    const userId = /^user:(\d+)$/.exec(recipient)?.[1];
    const channelId = userId === undefined
      ? recipient
      : await posting.openDirectMessage(userId);
    const id = await posting.createMessage(
      channelId,
      crypto.randomUUID().slice(0, 22),
      () => Promise.resolve({ content, embeds: undefined, buttons: [] }),
      clock.now(),
    );
    const isRemoved = await removing.deleteMessage(channelId, id ?? "")
      .then(() => true, (error) => {
        if (error instanceof DiscordApiError || deadline.aborted) return false;
        throw error;
      });
    return isRemoved ? found.ok("posted and removed") : found.warning(
      "posted, but it could not be removed",
      "delete it by hand",
    );
  } catch (error) {
    if (!(error instanceof DiscordApiError)) {
      if (!signal.aborted && !deadline.aborted) throw error;
      return found.unanswered(signal.reason?.message ?? "it took too long");
    }
    return recoverDiscord(error) === "retry"
      ? found.unanswered(error.message, "check again")
      : found.failed(error.message, hintForChannel(error));
  }
}
