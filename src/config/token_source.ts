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
import { readTokenText, type TokenReading } from "./sections/token_form.ts";

const MAX_TOKEN_BYTES = 2000;

/**
 * Returns the token that was read.
 *
 * @throws {OperatorError} If there is none, or what there is cannot be one.
 */
export function requireToken({ token, flaw }: TokenReading): Secret {
  if (token !== undefined) return token;
  const { detail, hint } = flaw;
  throw new OperatorError(`Cannot use the bot token: ${detail}`, { hint });
}

/** Reads the token, where it is in a file anew each time, and says what is wrong with it. */
export async function readToken(
  location: TokenLocation,
): Promise<TokenReading> {
  switch (location.kind) {
    case "literal":
      return { token: location.token, flaw: undefined };
    case "file":
      return await readTokenFile(location.path);
    case "none":
      return refuse(
        "expected a bot token, found none",
        'add token = "/etc/teleport-discord/token" below [discord], and put the token into that file',
      );
  }
}

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
