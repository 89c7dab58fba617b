/**
 * Asks for the bot token and a channel, and tries them.
 *
 * @module
 */

import {
  clientFor,
  examineBot,
  examineRecipient,
} from "../../check/collect/discord_side.ts";
import { RecipientLookup } from "../../check/collect/recipient_lookup.ts";
import { judgeToken } from "../../check/judge/judge_configuration.ts";
import type { ExaminedRecipient } from "../../check/collect/test_message.ts";
import { found, isBad } from "../../check/report/finding.ts";
import { quote } from "../../config/reading/problem.ts";
import { readRecipient } from "../../config/sections/recipient_value.ts";
import {
  readTokenText,
  type TokenReading,
} from "../../config/sections/token_form.ts";
import { readToken } from "../../config/token_source.ts";
import { DiscordInspector } from "../../discord/inspector.ts";
import type { DiscordClient } from "../../discord/rest/discord_client.ts";
import { endedBy } from "../../lib/async/cancellation.ts";
import type { Secret } from "../../lib/secret.ts";
import { DiscordApiError } from "../../ports/discord_error.ts";
import { draftAnswers } from "./config_text.ts";
import { inviteLink, recipientIn } from "./discord_links.ts";
import { type Interview, unfit, type Verdict } from "./interview.ts";

/** A bot, and a client that acts as it. */
export interface Bot {
  readonly id: string;
  readonly token: Secret;
  /** The file that the token was read from; `undefined` if it was typed. */
  readonly file: string | undefined;
  readonly client: DiscordClient;
}

/** Asks for the token, and Discord whose it is. */
export function askToken(
  interview: Interview,
  givenFile: string | undefined,
  apiUrl: string | undefined,
): Promise<Bot> {
  const { discord } = draftAnswers({ apiUrl }, "--apiurl").finish();
  const examine = async (
    reading: TokenReading,
    file?: string,
  ): Promise<Verdict<Bot>> => {
    const context = interview.startCheck();
    const findings = judgeToken(reading);
    const { token } = reading;
    if (token === undefined) return { value: undefined, findings };
    const client = clientFor(discord.apiUrl, token, context);
    const { id, finding } = await examineBot(client, context);
    return {
      value: isBad(finding) ? undefined : { id, token, file, client },
      findings: [...findings, finding],
    };
  };
  return interview.settle({
    given: givenFile,
    text: "Bot token, which is not shown",
    isSecret: true,
    check: (answer) => examine(readTokenText(answer)),
    async checkGiven(path) {
      const reading = await readToken({ kind: "file", path });
      return await examine(reading, path);
    },
  });
}

/** Says how the bot is invited, and lets a person do that if it is in no server yet. */
export async function invite(
  interview: Interview,
  { client }: Bot,
): Promise<void> {
  const { signal } = interview.startCheck();
  const inspector = new DiscordInspector(client.within(endedBy(signal)));
  try {
    const [{ id, isPublic }, guilds] = await Promise.all([
      inspector.getApplication(),
      inspector.listGuilds(),
    ]);
    if (isPublic === true) {
      interview.show([{
        id: "discord.bot",
        subject: "Public Bot",
        ...found.warning(
          "is on, so that anybody can invite the bot to a server",
          "turn it off on the Bot page of the application in Discord's developer portal",
        ),
      }]);
    }
    const names = guilds.map(({ name }) => quote(name)).join(", ");
    interview.say(
      guilds.length === 0
        ? "\nThe bot is in no server yet. Open this address to invite it:\n"
        : `\nThe bot is in ${names}. To invite it to another server, open:\n`,
    );
    interview.say(`\n  ${inviteLink(id)}\n\n`);
    if (guilds.length === 0) {
      await interview.pause("Press Enter once the bot is there. ");
    }
  } catch (error) {
    if (!(error instanceof DiscordApiError)) throw error;
    interview.show([{
      id: "discord.bot",
      subject: "application",
      ...found.warning(
        `its ID is needed to invite the bot: ${error.message}`,
        "if the bot is not on your server, see docs/guide.md, section 5, for the address that invites it",
      ),
    }]);
  }
}

/** Asks for a channel, and finds out what the bot may do there. */
export function askRecipient(
  interview: Interview,
  given: string | undefined,
  { id, client }: Bot,
): Promise<ExaminedRecipient> {
  return interview.settle({
    given,
    text: "Link or ID of the channel (right-click it in Discord, Copy Link)",
    async check(answer) {
      const read = readRecipient(recipientIn(answer));
      if (!("value" in read)) {
        return unfit("discord.recipient", "channel", read);
      }
      const name = read.value;
      const context = interview.startCheck();
      // Each time anew: the person may have invited the bot meanwhile.
      const { clock, signal } = context;
      const lookup = new RecipientLookup({
        client: client.within(endedBy(signal)),
        botId: id,
        clock,
      });
      const recipient = await examineRecipient(name, ['"*"'], lookup, context);
      return {
        value: recipient.facts.kind === "refused" ? undefined : recipient,
        findings: [recipient.finding],
      };
    },
  });
}
