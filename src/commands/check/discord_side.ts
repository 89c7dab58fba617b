/**
 * Looks at Discord: the token, and each recipient with what the bot may do there.
 *
 * @module
 */

import type { Finding } from "../../check/finding.ts";
import { isBad } from "../../check/finding.ts";
import { judgeRecipient, type RecipientFacts } from "../../check/recipients.ts";
import type { DraftValues } from "../../config/config.ts";
import { DiscordClient } from "../../discord/client.ts";
import { DiscordApiError } from "../../discord/errors.ts";
import { DiscordInspector } from "../../discord/inspector.ts";
import type { Secret } from "../../lib/secret.ts";
import type { Patience } from "../../service/ports.ts";
import { recoverDiscord } from "../../service/recovery.ts";
import { VERSION } from "../../version.ts";
import { RecipientLookup } from "./recipient_lookup.ts";
import type { SetUp } from "./set_up.ts";
import type { CheckContext } from "./surroundings.ts";
import { sendTest } from "./test_message.ts";

/** Looks at everything on the side of Discord, as far as the set-up lets it. */
export async function examineDiscord(
  { values, token, tokenFindings }: SetUp,
  isSendTest: boolean,
  context: CheckContext,
): Promise<Finding[]> {
  if (values === undefined || "missing" in token) {
    const why = "missing" in token ? token.missing : "";
    return [...tokenFindings, skipped("bot", `skipped because ${why}`)];
  }
  const client = clientFor(values, token.value, context);
  const patience = { wait: context.signal, call: context.signal };
  const bot = await examineBot(client, patience, context);
  if (isBad(bot.finding)) {
    return [
      ...tokenFindings,
      bot.finding,
      skipped("recipients", "skipped because the bot cannot be asked for them"),
    ];
  }
  const lookup = new RecipientLookup({
    inspector: new DiscordInspector(client),
    botId: bot.id,
    clock: context.clock,
    patience,
  });
  const examine = async (recipient: string) => {
    const facts = await look(recipient, lookup, context);
    const finding = judgeRecipient(recipient, facts);
    return isSendTest
      ? [finding, await sendTest(recipient, finding, client, context)]
      : [finding];
  };
  const recipients = new Set([...values.routing.values()].flat());
  return [
    ...tokenFindings,
    bot.finding,
    ...(await Promise.all([...recipients].map(examine))).flat(),
  ];
}

function clientFor(
  { discord }: DraftValues,
  token: Secret,
  { clock, logger, callMs }: CheckContext,
): DiscordClient {
  return new DiscordClient({
    apiUrl: discord.apiUrl,
    token: () => token,
    version: VERSION,
    clock,
    logger,
    callTimeoutMs: callMs,
  });
}

async function examineBot(
  client: DiscordClient,
  patience: Patience,
  context: CheckContext,
): Promise<{ id: string; finding: Finding }> {
  const base = { id: "discord.bot", subject: "bot" };
  try {
    const { id, username } = await client.getCurrentUser(patience);
    const detail = `Discord accepts the token; it is @${username}, ${id}`;
    return { id, finding: { ...base, status: "ok", detail } };
  } catch (error) {
    if (context.signal.aborted) {
      const detail = `${context.signal.reason.message}`;
      return { id: "", finding: { ...base, status: "unanswered", detail } };
    }
    if (!(error instanceof DiscordApiError)) throw error;
    const isRefused = recoverDiscord(error) === "token";
    const finding: Finding = {
      ...base,
      status: isRefused ? "failed" : "unanswered",
      detail: isRefused ? "Discord refuses the token" : error.message,
      remedy: isRefused
        ? "copy the token again from the Bot page of the application in Discord's developer portal, " +
          'or press "Reset Token" there'
        : "check the way to discord.com, and HTTPS_PROXY if there is a proxy",
    };
    return { id: "", finding };
  }
}

/** A recipient that nothing is known of because the check ended is one without an answer. */
async function look(
  recipient: string,
  lookup: RecipientLookup,
  { signal }: CheckContext,
): Promise<RecipientFacts> {
  try {
    return await lookup.find(recipient);
  } catch (error) {
    if (!signal.aborted) throw error;
    return {
      kind: "refused",
      code: undefined,
      detail: `${signal.reason.message}`,
      remedy: "check again",
      guildNames: [],
    };
  }
}

function skipped(subject: string, detail: string): Finding {
  const id = subject === "bot" ? "discord.bot" : "discord.recipient";
  return { id, subject, status: "skipped", detail };
}
