/**
 * Warnings of recipients that no message gets to, in the words of `check`.
 *
 * A start and a reload neither wait for this nor fail by it, and whatever comes of it, messages are sent as if it
 * had not been found out: what was wrong may have been repaired meanwhile.
 *
 * @module
 */

import { RecipientLookup } from "../check/collect/recipient_lookup.ts";
import { judgeRecipient } from "../check/judge/judge_recipients.ts";
import { originsInConfiguration } from "../check/judge/origins.ts";
import type { DiscordClient } from "../discord/rest/discord_client.ts";
import { endedBy } from "../lib/async/cancellation.ts";
import type { Clock } from "../lib/async/clock.ts";
import type { Logger } from "../lib/log/logger.ts";
import type { Escalation } from "../people/people_config.ts";
import type { RoutingTable } from "../route/role_map.ts";

/** What {@linkcode warnOfRecipients} needs. */
export interface RecipientWarningsContext {
  readonly routing: RoutingTable;
  readonly escalations: readonly Escalation[];
  /** Recipients that were looked at; those are not looked at again. */
  readonly known: Set<string>;
  readonly messenger: DiscordClient;
  readonly botId: string;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Ends it. */
  readonly stop: AbortSignal;
}

/** Looks at one recipient after the other, so that messages come first; rejects only with the reason of `stop`. */
export async function warnOfRecipients(
  { routing, escalations, known, messenger, botId, clock, logger, stop }:
    RecipientWarningsContext,
): Promise<void> {
  const client = messenger.within(endedBy(stop));
  const lookup = new RecipientLookup({ client, botId, clock });
  const origins = originsInConfiguration(routing, escalations);
  for (const [recipient, entries] of origins) {
    if (known.has(recipient)) continue;
    known.add(recipient);
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
