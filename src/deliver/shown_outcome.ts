/**
 * The outcome that a message shows although it was never stored.
 *
 * Crash window: an edit showed the outcome while it was being stored, that write was lost, the process ended, and the
 * request was deleted before the next one looked. What the message shows is then all that is left of it.
 *
 * Source: docs/design/reconciler.md 2.6.
 *
 * @module
 */

import { outcomeIn } from "../message/lines.ts";
import { DiscordApiError } from "../ports/discord_error.ts";
import type { FoundMessage, Messenger } from "../ports/messenger.ts";
import type { MessageRef } from "../record/plugin_data.ts";
import type { AnnouncementDelivery } from "./in_flight.ts";

/**
 * Stores the outcome that a message shows which is about to be edited to EXPIRED, if another process may have left it
 * there. Returns whether that was so.
 *
 * @param self ID of this process.
 */
export async function adoptShownOutcome(
  delivery: AnnouncementDelivery,
  { channelId, messageId }: MessageRef,
  messenger: Pick<Messenger, "listMessages">,
  self: string,
): Promise<boolean> {
  const { request: { record }, logger } = delivery;
  const data = await delivery.stored();
  if (data?.resolution !== "EXPIRED") return false;
  // Whoever gave a request back had stored what it showed.
  const isLeft = data.leaseHolder !== "" && data.leaseHolder !== self ||
    record.leaseTakenAtMs > -Infinity;
  if (!isLeft) return false;
  const after = String(BigInt(messageId) - 1n);
  let found: readonly FoundMessage[] = [];
  try {
    found = await messenger.listMessages(channelId, { after });
  } catch (error) {
    // What the bot may not read it edits all the same.
    if (!(error instanceof DiscordApiError && error.refused)) throw error;
  }
  const shown = found.find(({ id }) => id === messageId);
  const resolution = shown && outcomeIn(shown.content);
  if (resolution === undefined) return false;
  logger.info("outcome found that was shown but not stored", {
    channel_id: channelId,
    message_id: messageId,
    request_state: resolution,
  });
  await record.update((now) =>
    now.resolution === "EXPIRED" ? { ...now, resolution, inferred: false } : now
  );
  return true;
}
