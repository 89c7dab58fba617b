/**
 * Posts a message to a recipient and removes it.
 *
 * @module
 */

import { type Finding, isBad } from "../../check/finding.ts";
import type { DiscordClient } from "../../discord/client.ts";
import { DiscordApiError } from "../../discord/errors.ts";
import type { Patience } from "../../service/ports.ts";
import { hintForChannel, recoverDiscord } from "../../service/recovery.ts";
import type { CheckContext } from "./surroundings.ts";

/** Says what it is, for whoever sees it before it is gone, or finds it because it could not be removed. */
const TEST_MESSAGE = {
  content:
    "🧪 Test message of `teleport-discord check`. It is removed at once.",
  embeds: undefined,
  buttons: [],
};

/**
 * Sends a test message.
 *
 * @param found What was found of the recipient; where it is bad already, nothing is sent.
 */
export async function sendTest(
  recipient: string,
  found: Finding,
  client: DiscordClient,
  context: CheckContext,
): Promise<Finding> {
  const base = {
    id: "discord.test_message",
    subject: `test message to ${recipient}`,
  };
  if (isBad(found)) {
    const detail = "skipped because nothing would get there";
    return { ...base, status: "skipped", detail };
  }
  const { signal } = context;
  const patience = { wait: signal, call: signal };
  try {
    const channelId = await openChannel(recipient, client, patience);
    const id = await client.createMessage(
      channelId,
      crypto.randomUUID().slice(0, 22),
      () => Promise.resolve(TEST_MESSAGE),
      context.clock.now(),
      patience,
    );
    const isRemoved = await remove(channelId, id ?? "", client, context);
    return isRemoved
      ? { ...base, status: "ok", detail: "posted and removed" }
      : {
        ...base,
        status: "warning",
        detail: "posted, but it could not be removed",
        remedy: "delete it by hand",
      };
  } catch (error) {
    if (signal.aborted) {
      const detail = `${signal.reason.message}`;
      return { ...base, status: "unanswered", detail };
    }
    if (!(error instanceof DiscordApiError)) throw error;
    const isPassing = recoverDiscord(error) === "retry";
    return {
      ...base,
      status: isPassing ? "unanswered" : "failed",
      detail: error.message,
      remedy: isPassing ? "check again" : hintForChannel(error),
    };
  }
}

async function openChannel(
  recipient: string,
  client: DiscordClient,
  patience: Patience,
): Promise<string> {
  const userId = /^user:(\d+)$/.exec(recipient)?.[1];
  return userId === undefined
    ? recipient
    : await client.openDirectMessage(userId, patience);
}

/** Whoever interrupts the check does not want to leave the message behind: this has a time of its own. */
async function remove(
  channelId: string,
  messageId: string,
  client: DiscordClient,
  { clock, callMs }: CheckContext,
): Promise<boolean> {
  const over = new AbortController();
  const late = clock.sleep(callMs, over.signal).then(() => over.abort());
  late.catch(() => {});
  try {
    const patience = { wait: over.signal, call: over.signal };
    await client.deleteMessage(channelId, messageId, patience);
    return true;
  } catch (error) {
    if (error instanceof DiscordApiError || over.signal.aborted) return false;
    throw error;
  } finally {
    over.abort();
  }
}
