/**
 * The configuration: from the text of a TOML file to checked values.
 *
 * Names, types, defaults and meaning of the keys are those of the official plugin, so that its file
 * can be used as it is. Everything here is pure; {@link loadConfig} reads the files.
 *
 * @module
 */

import type { ListenAddress } from "../lib/host/http_endpoint.ts";
import type { LogOptions } from "../lib/log/logger.ts";
import { Secret } from "../lib/secret.ts";
import type { NoticeSettings, UserTable } from "../people/people_config.ts";
import type { CredentialsSource } from "../ports/admin_hints.ts";
import type { RoutingTable } from "../route/role_map.ts";
import { recognizeFormat } from "./reading/other_formats.ts";
import { ConfigError, type Problem } from "./reading/problem.ts";
import { ProblemList } from "./reading/problem_list.ts";
import { Section } from "./reading/section.ts";
import { readToml, type Toml, TomlError } from "./reading/toml.ts";
import {
  readApiUrl,
  readTeleportAddress,
  type TeleportAddress,
} from "./sections/addresses.ts";
import { readCredentials } from "./sections/credential_paths.ts";
import { readListen } from "./sections/http_section.ts";
import { checkKnownKeys } from "./known_keys.ts";
import { readLogOptions } from "./sections/log_section.ts";
import {
  type MessageOptions,
  readMessages,
} from "./sections/messages_section.ts";
import { readNotices, readUserIdTrait } from "./sections/notice_keys.ts";
import { readReview, type ReviewOptions } from "./sections/review_section.ts";
import { readMentions } from "./sections/role_to_mentions.ts";
import { readRouting } from "./sections/role_to_recipients.ts";
import {
  isTokenPath,
  readTokenText,
  reportToken,
} from "./sections/token_form.ts";
import { readUsers } from "./sections/users_section.ts";

/** Where the bot token is. */
export type TokenLocation =
  | { readonly kind: "literal"; readonly token: Secret }
  | { readonly kind: "file"; readonly path: string }
  | { readonly kind: "none" };

/** A checked configuration. */
export interface Config {
  readonly teleport: {
    /** Auth Service or Proxy. */
    readonly addr: TeleportAddress;
    /** File with the authority of a private web certificate. */
    readonly webCaPath: string | undefined;
    readonly credentials: CredentialsSource;
    /** How often the identity file is looked at. */
    readonly refreshIntervalMs: number;
    /** How often all open requests are listed. */
    readonly resyncIntervalMs: number;
  };
  readonly discord: {
    readonly token: TokenLocation;
    /** Base URL, such as `https://discord.com/api/`, with the slash at its end. */
    readonly apiUrl: string;
    readonly notices: NoticeSettings;
    /** User trait that holds Discord user IDs; `undefined` if none is to be read. */
    readonly userIdTrait: string | undefined;
  };
  readonly http: {
    /** Where health and metrics are offered; `undefined` for nowhere. */
    readonly listen: ListenAddress | undefined;
  };
  /** Recipients by role; `"*"` has at least one. */
  readonly routing: RoutingTable;
  /** Whom announcements mention, by role. */
  readonly mentions: RoutingTable;
  readonly users: UserTable;
  readonly review: ReviewOptions;
  readonly messages: MessageOptions;
  readonly log: LogOptions;
  /** What is worth a line in the log; no faults. */
  readonly problems: readonly Problem[];
}

/** What could be read of a configuration; where there is a fault, something else may stand. */
export type DraftValues = Omit<Config, "teleport" | "problems"> & {
  readonly teleport: Omit<Config["teleport"], "credentials"> & {
    readonly credentials: CredentialsSource | undefined;
  };
};

/** What counts where the text of a configuration does not say. */
export interface Defaults {
  /** Where health and metrics are offered. */
  readonly listen?: ListenAddress | undefined;
  /** Where systemd put the credentials of this service: the token is in `discord-token`, then. */
  readonly credentialsFolder?: string | undefined;
}

/** A configuration on the way: whoever knows more than its text can add problems. */
export interface Draft {
  readonly values: DraftValues;
  readonly problems: ProblemList;
  /**
   * Returns the configuration.
   *
   * @throws {ConfigError} If there are faults; it has every problem.
   */
  finish(): Config;
}

const DEFAULT_REFRESH_MS = 60_000;
const DEFAULT_RESYNC_MS = 300_000;
const MIN_INTERVAL_MS = 1_000;

/**
 * Reads a configuration without passing judgement yet.
 *
 * @param name Of the file, in messages.
 * @throws {ConfigError} If the text is not TOML.
 */
export function draftConfig(
  text: string,
  name: string,
  defaults: Defaults = {},
): Draft {
  const document = parseToml(text, name);
  const problems = new ProblemList(name, document);
  const file = new Section(document.root, [], problems);
  const teleport = file.table("teleport");
  const discord = file.table("discord");
  checkKnownKeys(file);
  const users = readUsers(file.table("users"));
  const review = readReview(file.table("review"));
  const notices = readNotices(discord, file);
  const values = {
    teleport: {
      addr: readTeleportAddress(teleport),
      webCaPath: teleport.filePath("web_ca"),
      credentials: readCredentials(teleport),
      refreshIntervalMs: readRefreshInterval(teleport),
      resyncIntervalMs: readResyncInterval(teleport),
    },
    discord: {
      token: readTokenLocation(discord, problems, defaults),
      apiUrl: readApiUrl(discord),
      notices,
      userIdTrait: readUserIdTrait(discord, notices, users, review),
    },
    http: { listen: readListen(file.table("http")) ?? defaults.listen },
    routing: readRouting(file),
    mentions: readMentions(file.table("role_to_mentions")),
    users,
    review,
    messages: readMessages(file.table("messages")),
    log: readLogOptions(file.table("log")),
  };
  return {
    values,
    problems,
    finish() {
      const { inOrder } = problems;
      const { credentials } = values.teleport;
      const hasFault = inOrder.some(({ severity }) => severity === "fault");
      if (credentials === undefined || hasFault) throw new ConfigError(inOrder);
      return {
        ...values,
        teleport: { ...values.teleport, credentials },
        problems: inOrder,
      };
    },
  };
}

function parseToml(text: string, file: string): Toml {
  try {
    return readToml(text);
  } catch (error) {
    if (!(error instanceof TomlError)) throw error;
    const { line, column, message, hint } = error;
    const detail =
      `column ${column}: expected TOML, found a mistake: ${message}`;
    const mistake = recognizeFormat(text) ?? { line, detail, hint };
    throw new ConfigError([{ severity: "fault", file, ...mistake }]);
  }
}

function readRefreshInterval(section: Section): number {
  const key = "refresh_identity_interval";
  const ms = section.durationMs(key, { nanoseconds: true });
  if (ms === undefined || ms === 0) return DEFAULT_REFRESH_MS;
  if (ms >= MIN_INTERVAL_MS) return ms;
  section.warning(
    key,
    "Interval below one second, one second is used",
    'write it with its unit, such as "1m"',
  );
  return MIN_INTERVAL_MS;
}

function readResyncInterval(section: Section): number {
  const key = "resync_interval";
  const ms = section.durationMs(key);
  if (ms === undefined) return DEFAULT_RESYNC_MS;
  if (ms >= MIN_INTERVAL_MS) return ms;
  section.fault(
    key,
    `expected at least "1s", found ${JSON.stringify(section.raw(key))}`,
    "leave the key out for 5 minutes",
  );
  return DEFAULT_RESYNC_MS;
}

function readTokenLocation(
  section: Section,
  problems: ProblemList,
  { credentialsFolder }: Defaults,
): TokenLocation {
  const token = section.string("token", { secret: true });
  if (token === undefined) {
    // A value of another type is a fault already.
    if (section.isSet("token")) {
      return { kind: "literal", token: new Secret("") };
    }
    return credentialsFolder === undefined
      ? { kind: "none" }
      : { kind: "file", path: `${credentialsFolder}/discord-token` };
  }
  if (isTokenPath(token)) return { kind: "file", path: token };
  reportToken(readTokenText(token), problems);
  return { kind: "literal", token: new Secret(token) };
}
