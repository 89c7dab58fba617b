/**
 * Warnings of recipients that no message gets to, in the words of `check`.
 *
 * A start and a reload neither wait for this nor fail by it, and whatever comes of it, messages are sent as if it
 * had not been found out: what was wrong may have been repaired meanwhile.
 *
 * @module
 */

import {
  RecipientLookup,
  type RecipientLookupOptions,
} from "../check/collect/recipient_lookup.ts";
import { judgeRecipient } from "../check/judge/judge_recipients.ts";
import { originsInConfiguration } from "../check/judge/origins.ts";
import type { Config } from "../config/config.ts";
import type { Logger } from "../lib/log/logger.ts";

/**
 * How long to wait before each recipient, in milliseconds. A look-up takes a few of the 50 calls a second that all
 * share, and right after a start messages are owed.
 */
const PAUSE_MS = 200;

/**
 * Looks at one recipient after the other, at most five a second, so that messages come first; rejects only with the
 * reason of the signal.
 *
 * @param known Recipients that were looked at; those are not looked at again.
 */
export async function warnOfRecipients(
  { routing, discord: { notices } }: Config,
  known: Set<string>,
  lookups: RecipientLookupOptions,
  logger: Logger,
  signal: AbortSignal,
): Promise<void> {
  const lookup = new RecipientLookup(lookups);
  const origins = originsInConfiguration(routing, notices.escalations);
  for (const [recipient, entries] of origins) {
    if (known.has(recipient)) continue;
    known.add(recipient);
    await lookups.clock.sleep(PAUSE_MS, signal);
    const facts = await lookup.find(recipient);
    const outcome = judgeRecipient(recipient, entries, facts);
    const message = MESSAGES[outcome.status];
    if (message === undefined) continue;
    logger.warn(message, {
      recipient,
      entries: entries.join(", "),
      reason: outcome.detail,
      hint: outcome.remedy,
    });
  }
}

/** What is said of a recipient that `check` would complain of. */
const MESSAGES: Readonly<Record<string, string>> = {
  failed: "recipient cannot be used",
  warning: "recipient can be used only in part",
};
