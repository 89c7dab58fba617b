/**
 * What a message shows of its request although it was never stored.
 *
 * Crash window: an edit showed an outcome or a review while it was being stored, that write was lost, the process ended,
 * and the request was deleted before the next one looked, or a list lags behind. The message is then all that tells of it.
 *
 * Source: docs/design/reconciler.md 2.6.
 *
 * @module
 */

import { type MessageVerdict, verdictIn } from "../message/shown_verdict.ts";
import { DiscordApiError } from "../ports/discord_error.ts";
import type { FoundMessage, Messenger } from "../ports/messenger.ts";
import type {
  MessageRef,
  PluginData,
  ShownState,
} from "../record/plugin_data.ts";
import { shownState } from "../record/shown_facts.ts";
import type { AnnouncementDelivery } from "./in_flight.ts";

/**
 * Stores what a message tells of its request that is about to be edited, if another process may have left it there and it
 * is more than is stored. Returns whether that was so.
 *
 * @param self ID of this process.
 */
export async function adoptShownVerdict(
  delivery: AnnouncementDelivery,
  { channelId, messageId }: MessageRef,
  messenger: Pick<Messenger, "listMessages">,
  self: string,
): Promise<boolean> {
  const { request: { record }, subject: { recipient }, logger } = delivery;
  const data = await delivery.stored();
  if (data === undefined || isDecided(shownState(data))) return false;
  const isLeft = data.leaseHolder !== self ||
    record.tookOverAtMs(recipient) > -Infinity;
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
  const verdict = shown && verdictIn(shown.content);
  if (verdict === undefined || withVerdict(data, verdict) === data) {
    return false;
  }
  logger.info("found what was shown but not stored", {
    channel_id: channelId,
    message_id: messageId,
    request_state: verdict.state,
  });
  await record.update((now) => withVerdict(now, verdict));
  return true;
}

/** Returns the data with what a message tells beyond it; the same object if that is nothing. */
function withVerdict(
  data: PluginData,
  { state, reviewsCount, reviewCounts }: MessageVerdict,
): PluginData {
  if (isDecided(shownState(data))) return data;
  const next = isDecided(state)
    ? { ...data, resolution: state, inferred: false }
    : data;
  return reviewsCount > data.reviewsCount
    ? { ...next, reviewsCount, reviewCounts }
    : next;
}

/** Whether somebody has decided on a request: what is gone may have been decided before. */
function isDecided(
  state: ShownState,
): state is Exclude<ShownState, "PENDING" | "EXPIRED"> {
  return state !== "PENDING" && state !== "EXPIRED";
}
