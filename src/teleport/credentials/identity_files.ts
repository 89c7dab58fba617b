/**
 * Reading credentials from files.
 *
 * @module
 */

import { OperatorError } from "../../lib/operator_error.ts";
import {
  checkValidity,
  type Credentials,
  type NamedText,
  parseIdentity,
  parseTlsFiles,
} from "./identity.ts";

/** Paths of the files that hold the credentials. */
export type CredentialsSource =
  | { readonly kind: "identity"; readonly path: string }
  | {
    readonly kind: "tls";
    readonly keyPath: string;
    readonly certificatePath: string;
    readonly caPath: string;
  };

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
  const credentials = source.kind === "identity"
    ? await loadIdentity(source.path)
    : await loadTlsFiles(source);
  checkValidity(credentials, now);
  return credentials;
}

/** Returns the paths of the files. */
export function pathsOf(source: CredentialsSource): readonly string[] {
  return source.kind === "identity"
    ? [source.path]
    : [source.keyPath, source.certificatePath, source.caPath];
}

async function loadIdentity(path: string): Promise<Credentials> {
  const { text } = await readNamed("identity file", path);
  return parseIdentity(text, path);
}

async function loadTlsFiles(
  source: CredentialsSource & { readonly kind: "tls" },
): Promise<Credentials> {
  const [key, certificate, caCertificates] = await Promise.all([
    readNamed("client key file", source.keyPath),
    readNamed("client certificate file", source.certificatePath),
    readNamed("root CA file", source.caPath),
  ]);
  return parseTlsFiles({ key, certificate, caCertificates });
}

async function readNamed(what: string, path: string): Promise<NamedText> {
  try {
    return { name: path, text: await Deno.readTextFile(path) };
  } catch (error) {
    throw new OperatorError(
      `Cannot read the ${what} "${path}": ${describe(error)}`,
      { hint: hintFor(error), cause: error },
    );
  }
}

function describe(error: unknown): string {
  if (error instanceof Deno.errors.NotFound) return "no such file";
  if (error instanceof Deno.errors.PermissionDenied) return "permission denied";
  if (error instanceof Deno.errors.NotCapable) return "permission denied";
  if (error instanceof Deno.errors.IsADirectory) return "it is a directory";
  return error instanceof Error ? error.message : String(error);
}

function hintFor(error: unknown): string {
  return error instanceof Deno.errors.PermissionDenied
    ? "make the file readable for the user that runs the plugin"
    : "check the [teleport] section of the configuration";
}
