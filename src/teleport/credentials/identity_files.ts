/**
 * Reading credentials from files.
 *
 * @module
 */

import { isTooManyFiles, TOO_MANY_FILES } from "../../lib/host/open_files.ts";
import { nameUser } from "../../lib/host/process_user.ts";
import { OperatorError } from "../../lib/operator_error.ts";
import {
  type CredentialsSource,
  issuedAs,
  readableCommand,
  signCommand,
} from "../../ports/admin_hints.ts";
import {
  checkValidity,
  type Credentials,
  parseIdentity,
  parseTlsFiles,
} from "./identity.ts";

/**
 * Loads credentials and checks that they are valid now.
 *
 * @throws {OperatorError} If a file cannot be read or used. A file that is being written can be
 * read half: keep the old credentials then and try again.
 */
export async function loadCredentials(
  source: CredentialsSource,
  now: Date,
): Promise<Credentials> {
  const command = signCommand(issuedAs(source));
  const read = (what: string, path: string) => readText(what, path, command);
  const credentials = source.kind === "identity"
    ? parseIdentity(await read("identity file", source.path), source.path)
    : parseTlsFiles(
      source,
      await Promise.all([
        read("client key file", source.keyPath),
        read("client certificate file", source.certificatePath),
        read("root CA file", source.caPath),
      ]),
    );
  checkValidity(credentials, now);
  return credentials;
}

/** Returns the paths of the files. */
export function pathsOf(source: CredentialsSource): readonly string[] {
  return source.kind === "identity"
    ? [source.path]
    : [source.keyPath, source.certificatePath, source.caPath];
}

/** @param command What makes the file. */
async function readText(
  what: string,
  path: string,
  command: string,
): Promise<string> {
  try {
    return await Deno.readTextFile(path);
  } catch (error) {
    throw new OperatorError(
      `Cannot read the ${what} "${path}": ${describe(error)}`,
      { hint: await hintFor(error, path, command), cause: error },
    );
  }
}

function describe(error: unknown): string {
  if (error instanceof Deno.errors.NotFound) return "no such file";
  if (error instanceof Deno.errors.PermissionDenied) return "permission denied";
  if (error instanceof Deno.errors.NotCapable) return "permission denied";
  if (error instanceof Deno.errors.IsADirectory) return "it is a directory";
  if (isTooManyFiles(error)) return "too many open files";
  return error instanceof Error ? error.message : String(error);
}

async function hintFor(
  error: unknown,
  path: string,
  command: string,
): Promise<string> {
  if (error instanceof Deno.errors.PermissionDenied) {
    const letRead = readableCommand(path, nameUser());
    return `let the user that runs the plugin read it: ${letRead}`;
  }
  if (isTooManyFiles(error)) return TOO_MANY_FILES;
  if (error instanceof Deno.errors.NotCapable) {
    return "start the program with --allow-read";
  }
  return await folderHint(path) ??
    `correct the path, or issue what is missing with ${command}`;
}

/**
 * Returns which file was meant by a folder: tbot is told a folder, and writes the file `identity` there.
 * `undefined` if it is none.
 */
export async function folderHint(path: string): Promise<string | undefined> {
  const inside = `${path.replace(/\/+$/, "")}/identity`;
  if (await isThere(inside)) return `did you mean "${inside}"?`;
  return await isThere(`${path}/.`)
    ? "name the file with the credentials in it, not the folder"
    : undefined;
}

async function isThere(path: string): Promise<boolean> {
  try {
    await Deno.stat(path);
    return true;
  } catch {
    return false;
  }
}
