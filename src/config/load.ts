/**
 * Reads the files of a configuration.
 *
 * @module
 */

import type { LogTarget } from "../lib/log/log_output.ts";
import type { ListenAddress } from "../lib/host/http_endpoint.ts";
import { nameUser } from "../lib/host/process_user.ts";
import type { ReadEnv } from "../lib/net/http_proxy.ts";
import { OperatorError } from "../lib/operator_error.ts";
import type { Secret } from "../lib/secret.ts";
import { readableCommand } from "../ports/admin_hints.ts";
import {
  type Config,
  type Draft,
  draftConfig,
  type TokenLocation,
} from "./config.ts";
import { DEFAULT_CONFIG_PATH } from "./default_path.ts";
import { quote } from "./reading/problem.ts";
import type { ProblemList } from "./reading/problem_list.ts";
import { ReadError, readText } from "./reading/read_text.ts";
import {
  LISTEN_FORMS,
  LISTEN_HINT,
  parseListen,
} from "./sections/http_section.ts";
import { reportToken } from "./sections/token_form.ts";
import { readToken, requireToken } from "./token_source.ts";

/** A configuration with what was read for it. */
export interface LoadedConfig {
  readonly config: Config;
  readonly token: Secret;
  /**
   * Reads the token again: it sees a file that was changed meanwhile.
   *
   * @throws {OperatorError} If there is none, or what there is cannot be one.
   */
  readonly readToken: () => Promise<Secret>;
}

const MAX_CONFIG_BYTES = 1024 * 1024;

/** Where the shipped program may write log files; `packaging/permissions.ts` grants it. */
export const LOG_FOLDERS: readonly string[] = [
  "/var/log/teleport-discord",
  "/var/lib/teleport-discord",
  "/var/lib/teleport",
  "/run/teleport-discord",
];

/**
 * Reads and checks a configuration, its token, and whether its log file may be written.
 *
 * @throws {OperatorError} If the file cannot be read. A {@linkcode ConfigError} if anything in it is
 * wrong; it has every problem that was found.
 */
export async function loadConfig(path: string): Promise<LoadedConfig> {
  const draft = await openDraft(path);
  const { token: location } = draft.values.discord;
  const reading = await readToken(location);
  reportToken(reading, draft.problems);
  return {
    config: draft.finish(),
    token: requireToken(reading),
    readToken: async () => requireToken(await readToken(location)),
  };
}

/**
 * Reads a configuration without its token and without passing judgement yet.
 *
 * @throws {OperatorError} If the file cannot be read. A {@linkcode ConfigError} if it is not TOML.
 */
export async function openDraft(
  path: string,
  env: ReadEnv = (name) => Deno.env.get(name),
): Promise<Draft> {
  const text = await readConfigText(path);
  const draft = draftConfig(text, path, {
    listen: readDefaultListen(env),
    credentialsFolder: env("CREDENTIALS_DIRECTORY") || undefined,
  });
  checkLogTarget(draft.values.log.output, draft.problems);
  await checkNoFileName(draft.values.discord.token, draft.problems);
  return draft;
}

/** A bare word is the token itself, also for the official plugin; a file of that name tells what was meant. */
async function checkNoFileName(
  location: TokenLocation,
  problems: ProblemList,
): Promise<void> {
  if (location.kind !== "literal") return;
  const name = location.token.reveal();
  if (!/^[\w-]+(?:\.\w+)?$/.test(name)) return;
  const isFile = await Deno.stat(name).then((file) => file.isFile, () => false);
  if (!isFile) return;
  problems.add(
    "fault",
    ["discord", "token"],
    "expected a bot token, found the name of a file that is here",
    `write "./${name}" to name the file`,
  );
}

/** Where to listen if the configuration does not say; the image sets it, for its health check. */
const LISTEN = "TELEPORT_DISCORD_LISTEN";

function readDefaultListen(env: ReadEnv): ListenAddress | undefined {
  const text = env(LISTEN) ?? "";
  if (text === "") return undefined;
  const listen = parseListen(text);
  if (listen !== undefined) return listen;
  throw new OperatorError(
    `Cannot use ${LISTEN}: expected ${LISTEN_FORMS}, found ${quote(text)}`,
    { hint: LISTEN_HINT },
  );
}

async function readConfigText(path: string): Promise<string> {
  try {
    return await readText(path, MAX_CONFIG_BYTES);
  } catch (error) {
    if (!(error instanceof ReadError)) throw error;
    const example = path === DEFAULT_CONFIG_PATH
      ? `write one with \`teleport-discord configure > ${path}\`, or name another with --config`
      : `check --config, or write one with \`teleport-discord configure > ${path}\``;
    throw new OperatorError(
      `Cannot read the configuration ${quote(path)}: ${error.message}`,
      {
        hint: error.why === "missing"
          ? example
          : error.why === "denied"
          ? `let this user read it: ${readableCommand(path, nameUser())}`
          : "name a text file by --config",
      },
    );
  }
}

function checkLogTarget(target: LogTarget, problems: ProblemList): void {
  if (target.kind !== "file" || mayWrite(target.path)) return;
  problems.add(
    "fault",
    ["log", "output"],
    `expected a file that this program may write, found ${quote(target.path)}`,
    `choose a file in ${LOG_FOLDERS.join(", ")}, or write "stderr"`,
  );
}

/** Whether the *program* may write there. What the user of the process may do shows when the file is opened. */
export function mayWrite(path: string): boolean {
  const { state } = Deno.permissions.querySync({ name: "write", path });
  return state === "granted";
}
