/**
 * Looks at what the check starts from: the configuration, its files, credentials and token.
 *
 * @module
 */

import type { DraftValues } from "../../config/config.ts";
import { openDraft } from "../../config/load.ts";
import { ConfigError, type Problem } from "../../config/reading/problem.ts";
import { readToken } from "../../config/token_source.ts";
import { describeError } from "../../lib/log/log_format.ts";
import { OperatorError } from "../../lib/operator_error.ts";
import type { Secret } from "../../lib/secret.ts";
import type { CredentialsSource } from "../../ports/admin_hints.ts";
import type { Credentials } from "../../teleport/credentials/identity.ts";
import {
  loadCredentials,
  pathsOf,
} from "../../teleport/credentials/identity_files.ts";
import {
  isUsable,
  judgeConfiguration,
  judgeToken,
} from "../judge/judge_configuration.ts";
import { judgeCredentials } from "../judge/judge_credentials.ts";
import { judgeUser } from "../judge/judge_files.ts";
import { type Finding, found } from "../report/finding.ts";
import type { CheckHost } from "./check_host.ts";
import { examineFiles } from "./file_facts.ts";

/** What one side needs, or why that is missing, as a phrase; with what was found on the way to it. */
export type Start<T> =
  & { readonly findings: readonly Finding[] }
  & (T | { readonly missing: string });

/** What the check of Teleport starts from. */
export interface TeleportStart {
  readonly values: DraftValues;
  readonly credentials: Credentials;
}

/** What the check of Discord starts from. */
export interface DiscordStart {
  readonly values: DraftValues;
  readonly token: Secret;
}

/** What was found, and what the checks of both sides start from. */
export interface SetUp {
  readonly configuration: readonly Finding[];
  readonly files: readonly Finding[];
  readonly teleport: Start<TeleportStart>;
  readonly discord: Start<DiscordStart>;
}

/** Looks at a configuration and its files. */
export async function examineSetUp(
  configPath: string,
  host: CheckHost,
): Promise<SetUp> {
  const { values, problems } = await readDraft(configPath, host);
  const routing = values?.routing;
  const configuration = judgeConfiguration(configPath, problems, routing);
  if (values === undefined) {
    const nothing = lack("the configuration cannot be read");
    return { configuration, files: [], teleport: nothing, discord: nothing };
  }
  const files = await examineFiles(configPath, values, host);
  const unusable = new Set(
    files.filter(({ fault }) => fault !== undefined).map(({ path }) => path),
  );
  const given = { values, problems, unusable, host };
  const [teleport, discord] = await Promise.all([
    startTeleport(given),
    startDiscord(given),
  ]);
  return {
    configuration,
    files: [...judgeUser(host.uid), ...files.map(({ finding }) => finding)],
    teleport,
    discord,
  };
}

interface Given {
  readonly values: DraftValues;
  readonly problems: readonly Problem[];
  /** Paths of files that cannot be used. */
  readonly unusable: ReadonlySet<string>;
  readonly host: CheckHost;
}

async function readDraft(
  path: string,
  { env }: CheckHost,
): Promise<{ values?: DraftValues; problems: readonly Problem[] }> {
  try {
    const { values, problems } = await openDraft(path, env);
    return { values, problems: problems.inOrder };
  } catch (error) {
    if (error instanceof ConfigError) return { problems: error.problems };
    if (!(error instanceof OperatorError)) throw error;
    const { message: detail, hint } = error;
    return { problems: [{ severity: "fault", file: path, detail, hint }] };
  }
}

async function startTeleport(
  { values, problems, unusable, host }: Given,
): Promise<Start<TeleportStart>> {
  const source = values.teleport.credentials;
  if (source === undefined || !isUsable("teleport", problems)) {
    return lack("[teleport] in the configuration has to be corrected first");
  }
  if (pathsOf(source).some((path) => unusable.has(path))) {
    return lack("the files with the credentials cannot be used");
  }
  const now = new Date(host.clock.now());
  const { credentials, finding } = await examineCredentials(source, now);
  return credentials === undefined
    ? lack("the credentials cannot be used", finding)
    : { findings: [finding], values, credentials };
}

/** Loads credentials, and says what they are worth. */
export async function examineCredentials(
  source: CredentialsSource,
  now: Date,
  subject = "credentials",
): Promise<{ readonly credentials?: Credentials; readonly finding: Finding }> {
  try {
    const credentials = await loadCredentials(source, now);
    return { credentials, finding: judgeCredentials(credentials, now) };
  } catch (error) {
    if (!(error instanceof OperatorError)) throw error;
    const outcome = found.failed(describeError(error), error.hint);
    return { finding: { id: "teleport.credentials", subject, ...outcome } };
  }
}

async function startDiscord(
  { values, problems, unusable }: Given,
): Promise<Start<DiscordStart>> {
  if (!isUsable("discord", problems)) {
    return lack("[discord] in the configuration has to be corrected first");
  }
  const location = values.discord.token;
  if (location.kind === "file" && unusable.has(location.path)) {
    return lack("the file with the token cannot be used");
  }
  const reading = await readToken(location);
  const { token, flaw } = reading;
  if (token === undefined) {
    const hint = location.kind === "none"
      ? `${flaw.hint}; ${BY_SYSTEMD}`
      : flaw.hint;
    return lack(
      "the bot token cannot be used",
      ...judgeToken({ token, flaw: { ...flaw, hint } }),
    );
  }
  return { findings: judgeToken(reading), values, token };
}

/** What systemd hands over, it hands over to the service alone. */
const BY_SYSTEMD =
  "if the unit has LoadCredential=discord-token:PATH, let CREDENTIALS_DIRECTORY name a folder with that file";

function lack(missing: string, ...findings: readonly Finding[]): Start<never> {
  return { findings, missing };
}
