/**
 * Looks at Discord: the token, and each recipient with what the bot may do there.
 *
 * @module
 */

import type { Finding } from "../../check/finding.ts";
import { isBad } from "../../check/finding.ts";
import { judgeClicks } from "../../check/reviewing.ts";
import { judgeRecipient, type RecipientFacts } from "../../check/recipients.ts";
import type { NamedRule } from "../../check/monitoring.ts";
import { judgeMention, judgeUsers } from "../../check/people.ts";
import type { DraftValues } from "../../config/config.ts";
import { quote } from "../../config/problem.ts";
import { DiscordClient } from "../../discord/client.ts";
import { DiscordApiError } from "../../discord/errors.ts";
import { DiscordInspector } from "../../discord/inspector.ts";
import type { Secret } from "../../lib/secret.ts";
import type { Patience } from "../../service/ports.ts";
import { recoverDiscord } from "../../service/recovery.ts";
import { VERSION } from "../../version.ts";
import { lookUpMention } from "./mention_lookup.ts";
import { RecipientLookup } from "./recipient_lookup.ts";
import type { DiscordStart, Start } from "./set_up.ts";
import type { CheckContext } from "./surroundings.ts";
import { sendTest } from "./test_message.ts";

const BOT = { id: "discord.bot", subject: "bot" } as const;

/**
 * Looks at everything on the side of Discord, as far as the set-up lets it.
 *
 * @param rules Access monitoring rules, which have recipients of their own.
 */
export async function examineDiscord(
  start: Start<DiscordStart>,
  rules: Promise<readonly NamedRule[]>,
  isSendTest: boolean,
  context: CheckContext,
): Promise<Finding[]> {
  const { needed } = start;
  if ("missing" in needed) {
    const detail = `skipped because ${needed.missing}`;
    return [...start.findings, { ...BOT, status: "skipped", detail }];
  }
  const { values, token } = needed.value;
  const client = clientFor(values, token, context);
  const patience = { wait: context.signal, call: context.signal };
  const bot = await examineBot(client, patience, context);
  if (isBad(bot.finding)) {
    return [...start.findings, bot.finding, {
      id: "discord.recipient",
      subject: "recipients",
      status: "skipped",
      detail: "skipped because the bot cannot be asked for them",
    }];
  }
  const inspector = new DiscordInspector(client);
  const lookup = new RecipientLookup({
    inspector,
    botId: bot.id,
    clock: context.clock,
    patience,
  });
  const configured = originsByRecipient(values);
  const examine = async (
    [name, origins]: readonly [string, readonly string[]],
  ) => {
    const facts = await look(name, lookup, context);
    return { name, facts, finding: judgeRecipient(name, origins, facts) };
  };
  const recipients = (await Promise.all([
    Promise.all([...configured].map(examine)),
    rules.then((rules) =>
      Promise.all([...originsByRule(rules, configured)].map(examine))
    ),
  ])).flat();
  const tests = isSendTest
    ? recipients.map(({ name, finding }) =>
      sendTest(name, finding, client, context)
    )
    : [];
  const people = examinePeople(
    values,
    recipients.map(({ facts }) => facts),
    lookup,
    context,
  );
  const clicks = values.review.enabled
    ? await examineClicks(
      recipients.map(({ facts }) => facts),
      inspector,
      lookup,
      patience,
    )
    : [];
  return [
    ...start.findings,
    bot.finding,
    ...recipients.map(({ finding }) => finding),
    ...clicks,
    ...await people,
    ...await Promise.all(tests),
  ];
}

/** Looks at what clicks on buttons have to pass. */
async function examineClicks(
  recipients: readonly RecipientFacts[],
  inspector: DiscordInspector,
  lookup: RecipientLookup,
  patience: Patience,
): Promise<Finding[]> {
  const guildIds = new Set(
    recipients.flatMap((facts) =>
      facts.kind === "channel" && facts.channel.guildId !== undefined
        ? [facts.channel.guildId]
        : []
    ),
  );
  try {
    const [sessionsLeft, hasEndpoint, memberships] = await Promise.all([
      inspector.sessionsLeft(patience),
      inspector.hasEndpoint(patience),
      Promise.all([...guildIds].map((id) => lookup.membership(id))),
    ]);
    const guilds = memberships.flatMap((each) => each?.guild ?? []);
    return judgeClicks({ sessionsLeft, hasEndpoint, guilds });
  } catch (error) {
    const isKnown = error instanceof DiscordApiError || patience.call.aborted;
    if (!isKnown) throw error;
    return [{
      id: "discord.clicks",
      subject: "clicks on buttons",
      status: "unanswered",
      detail: error instanceof Error ? error.message : `${error}`,
    }];
  }
}

/** How many of `[users]` are looked at: an answer for each takes its time. */
const MAX_USERS = 100;

async function examinePeople(
  { mentions, users }: DraftValues,
  recipients: readonly RecipientFacts[],
  lookup: RecipientLookup,
  { signal }: CheckContext,
): Promise<Finding[]> {
  const mentioned = [...new Set([...mentions.values()].flat())];
  const named = [...users.idByUser].slice(0, MAX_USERS);
  try {
    const [mentionFindings, looked] = await Promise.all([
      Promise.all(
        mentioned.map(async (each) =>
          judgeMention(each, await lookUpMention(each, recipients, lookup))
        ),
      ),
      Promise.all(named.map(async ([name, id]) => ({
        name,
        id,
        facts: await lookup.findUser(id),
      }))),
    ]);
    return [...mentionFindings, ...judgeUsers(looked, users.idByUser.size)];
  } catch (error) {
    if (!signal.aborted) throw error;
    return [{
      id: "discord.user",
      subject: "mentions and users",
      status: "unanswered",
      detail: `${signal.reason.message}`,
    }];
  }
}

/** What names a recipient in the configuration, by recipient. */
function originsByRecipient(
  { routing }: DraftValues,
): ReadonlyMap<string, readonly string[]> {
  return group(
    [...routing].map(([role, recipients]) => [quote(role), recipients]),
  );
}

/** The same for access monitoring rules, for recipients that the configuration does not know. */
function originsByRule(
  rules: readonly NamedRule[],
  configured: ReadonlyMap<string, unknown>,
): ReadonlyMap<string, readonly string[]> {
  return group(rules.map(({ name, rule }) => [
    `monitoring rule ${quote(name)}`,
    (rule?.recipients ?? []).filter((each) => !configured.has(each)),
  ]));
}

function group(
  origins: readonly (readonly [string, readonly string[]])[],
): ReadonlyMap<string, readonly string[]> {
  const all = new Map<string, string[]>();
  for (const [origin, recipients] of origins) {
    for (const each of recipients) {
      all.set(each, [...all.get(each) ?? [], origin]);
    }
  }
  return all;
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
  try {
    const { id, username } = await client.getCurrentUser(patience);
    const detail = `Discord accepts the token; it is @${username}, ${id}`;
    return { id, finding: { ...BOT, status: "ok", detail } };
  } catch (error) {
    if (context.signal.aborted) {
      const detail = `${context.signal.reason.message}`;
      return { id: "", finding: { ...BOT, status: "unanswered", detail } };
    }
    if (!(error instanceof DiscordApiError)) throw error;
    const isRefused = recoverDiscord(error) === "token";
    const finding: Finding = {
      ...BOT,
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
    };
  }
}
