/**
 * Looks at Discord: the token, and each recipient with what the bot may do there.
 *
 * @module
 */

import { DiscordInspector } from "../../discord/inspector.ts";
import { DiscordClient } from "../../discord/rest/discord_client.ts";
import { HttpCaller } from "../../discord/rest/http_caller.ts";
import { endedBy } from "../../lib/async/cancellation.ts";
import type { Secret } from "../../lib/secret.ts";
import { DiscordApiError } from "../../ports/discord_error.ts";
import { textsFor } from "../../message/catalogue/languages.ts";
import { recoverDiscord, REFUSED_TOKEN_HINT } from "../../ports/recovery.ts";
import type { PreparedRule } from "../../route/routing_rule.ts";
import {
  judgeRecipient,
  judgeRecipientTables,
  judgeThreads,
  type RecipientFacts,
} from "../judge/judge_recipients.ts";
import { judgeClicks } from "../judge/judge_reviewing.ts";
import {
  type Origins,
  originsInConfiguration,
  originsInRules,
} from "../judge/origins.ts";
import { type Finding, found, isBad, type Outcome } from "../report/finding.ts";
import { type CheckContext, noAnswer } from "./check_host.ts";
import type { DiscordStart, Start } from "./local_setup.ts";
import { examinePeople } from "./mentioned_people.ts";
import { guildIdsOf, RecipientLookup } from "./recipient_lookup.ts";
import { type ExaminedRecipient, sendTest } from "./test_message.ts";

const BOT = { id: "discord.bot", subject: "bot" } as const;

/**
 * Looks at everything on the side of Discord, as far as the set-up lets it.
 *
 * @param rules Access monitoring rules, which have recipients of their own.
 */
export async function examineDiscord(
  start: Start<DiscordStart>,
  rules: Promise<readonly PreparedRule[]>,
  isSendTest: boolean,
  context: CheckContext,
): Promise<Finding[]> {
  if ("missing" in start) {
    const outcome = found.skipped(`skipped because ${start.missing}`);
    return [...start.findings, { ...BOT, ...outcome }];
  }
  const { values, token } = start;
  const { routing, messages, review, discord: { apiUrl, notices } } = values;
  const client = clientFor(apiUrl, token, context);
  const bot = await examineBot(client, context);
  if (isBad(bot.finding)) {
    return [...start.findings, bot.finding, {
      id: "discord.recipient",
      subject: "recipients",
      ...found.skipped("skipped because the bot cannot be asked for them"),
    }];
  }
  const { clock } = context;
  const lookup = new RecipientLookup({ client, botId: bot.id, clock });
  const configured = originsInConfiguration(routing, notices.escalations);
  const examineAll = (all: Origins) =>
    Promise.all(
      [...all].map(([name, origins]) =>
        examineRecipient(name, origins, lookup, context)
      ),
    );
  const recipients = (await Promise.all([
    examineAll(configured),
    rules.then((rules) => examineAll(originsInRules(rules, configured))),
  ])).flat();
  const facts = recipients.map((each) => each.facts);
  const tested = isSendTest ? recipients : [];
  const [clicks, people, ...tests] = await Promise.all([
    review.enabled ? examineClicks(facts, client, lookup, context) : [],
    examinePeople(values, facts, lookup, context),
    ...tested.map((each) =>
      sendTest(each, textsFor(messages, each.name), client, context)
    ),
  ]);
  return [
    ...start.findings,
    bot.finding,
    ...recipients.map(({ finding }) => finding),
    ...judgeRecipientTables(
      {
        "messages.language_by_recipient": messages.languageByRecipient.keys(),
        "messages.hide_by_recipient": messages.hideByRecipient.keys(),
      },
      new Set(recipients.map(({ name }) => name)),
      notices.requester || notices.reviewers === "dm" ||
        notices.beforeEndMs !== undefined,
    ),
    ...notices.threads
      ? recipients.flatMap(({ name, facts }) => judgeThreads(name, facts))
      : [],
    ...clicks,
    ...people,
    ...tests,
  ];
}

/** Looks at what clicks on buttons have to pass. */
async function examineClicks(
  recipients: readonly RecipientFacts[],
  client: DiscordClient,
  lookup: RecipientLookup,
  context: CheckContext,
): Promise<Finding[]> {
  const inspector = new DiscordInspector(client);
  try {
    const [sessionsLeft, { hasEndpoint }, guilds] = await Promise.all([
      inspector.sessionsLeft(),
      inspector.getApplication(),
      lookup.guilds(guildIdsOf(recipients)),
    ]);
    return judgeClicks(sessionsLeft, hasEndpoint, guilds);
  } catch (error) {
    const outcome = noAnswer(error, context);
    return [{ id: "discord.clicks", subject: "clicks on buttons", ...outcome }];
  }
}

/** Builds a client of Discord for a check. */
export function clientFor(
  apiUrl: string,
  token: Secret,
  { clock, env, logger, callMs, signal }: CheckContext,
): DiscordClient {
  return new DiscordClient({
    http: new HttpCaller({ apiUrl, clock, env, callTimeoutMs: callMs }),
    token: () => token,
    clock,
    logger,
    cancellation: endedBy(signal),
  });
}

/** Asks Discord whom the token belongs to; the ID is empty if it does not say. */
export async function examineBot(
  client: DiscordClient,
  context: CheckContext,
): Promise<{ id: string; finding: Finding }> {
  try {
    const { id, username } = await client.getCurrentUser();
    const detail = `Discord accepts the token; it is @${username}, ${id}`;
    return { id, finding: { ...BOT, ...found.ok(detail) } };
  } catch (error) {
    return { id: "", finding: { ...BOT, ...explainBot(error, context) } };
  }
}

function explainBot(error: unknown, context: CheckContext): Outcome {
  if (context.signal.aborted || !(error instanceof DiscordApiError)) {
    return noAnswer(error, context);
  }
  return recoverDiscord(error) === "token"
    ? found.failed("Discord refuses the token", REFUSED_TOKEN_HINT)
    : found.unanswered(
      error.message,
      "check the way to discord.com, and HTTPS_PROXY if there is a proxy",
    );
}

/**
 * Looks at a recipient. One that nothing is known of because the check ended is one without an answer.
 *
 * @param origins What names it.
 */
export async function examineRecipient(
  name: string,
  origins: readonly string[],
  lookup: RecipientLookup,
  { signal }: CheckContext,
): Promise<ExaminedRecipient> {
  const facts = await lookup.find(name).catch((error): RecipientFacts => {
    if (!signal.aborted) throw error;
    const outcome = found.unanswered(signal.reason.message, "check again");
    return { kind: "refused", outcome };
  });
  return { name, facts, finding: judgeRecipient(name, origins, facts) };
}
