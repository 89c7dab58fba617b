/**
 * Where the bot token comes from, now and after a rotation.
 *
 * @module
 */

import { nameUser } from "../lib/host/process_user.ts";
import { OperatorError } from "../lib/operator_error.ts";
import type { Secret } from "../lib/secret.ts";
import { readableCommand } from "../ports/admin_hints.ts";
import type { TokenLocation } from "./config.ts";
import { quote } from "./reading/problem.ts";
import { ReadError, readText } from "./reading/read_text.ts";
import {
  readTokenText,
  type TokenFlaw,
  type TokenReading,
} from "./sections/token_form.ts";

const MAX_TOKEN_BYTES = 2000;

/** Name of the token among the credentials of systemd. */
const CREDENTIAL = "discord-token";

/**
 * Reads the token; where it is in a file, anew each time.
 *
 * @param credentialsFolder Where systemd put the credentials of this service, if it did.
 * @throws {OperatorError} If there is none, or what there is cannot be one.
 */
export async function requireToken(
  location: TokenLocation,
  credentialsFolder: string | undefined,
): Promise<Secret> {
  const { token, flaw } = await readToken(location, credentialsFolder);
  if (token !== undefined) return token;
  const { detail, hint } = flaw;
  throw new OperatorError(`Cannot use the bot token: ${detail}`, { hint });
}

/** Reads the token and says what is wrong with it. */
export async function readToken(
  location: TokenLocation,
  credentialsFolder: string | undefined,
): Promise<TokenReading> {
  if (location.kind === "literal") {
    return { token: location.token, flaw: undefined };
  }
  const path = tokenPath(location, credentialsFolder);
  return path === undefined
    ? { token: undefined, flaw: NO_TOKEN }
    : await readTokenFile(path);
}

/** Returns the path of the file with the token; `undefined` if it is in no file. */
export function tokenPath(
  location: TokenLocation,
  credentialsFolder: string | undefined,
): string | undefined {
  if (location.kind === "file") return location.path;
  return location.kind === "systemd"
    ? credentialsFolder && `${credentialsFolder}/${CREDENTIAL}`
    : undefined;
}

const NO_TOKEN: TokenFlaw = {
  detail: "expected a bot token, found none",
  hint:
    'add token = "/etc/teleport-discord/token" below [discord], and put the token into that file',
};

async function readTokenFile(path: string): Promise<TokenReading> {
  let text: string;
  try {
    text = (await readText(path, MAX_TOKEN_BYTES)).trim();
  } catch (error) {
    if (!(error instanceof ReadError)) throw error;
    return refuse(
      `expected a file with the bot token at ${quote(path)}: ${error.message}`,
      error.why === "denied"
        ? `let the user that runs this program read it: ${
          readableCommand(path, nameUser())
        }`
        : undefined,
    );
  }
  if (text === "") {
    return refuse(
      `expected a bot token in the file ${quote(path)}, found nothing`,
    );
  }
  const reading = readTokenText(text);
  if (reading.flaw === undefined) return reading;
  const detail = `${reading.flaw.detail} (file ${quote(path)})`;
  return { ...reading, flaw: { ...reading.flaw, detail } };
}

function refuse(
  detail: string,
  hint =
    "put the token alone into the file, readable by the user that runs this program",
): TokenReading {
  return { token: undefined, flaw: { detail, hint } };
}
