/**
 * Authorities for the certificate of a web address: those of the system, and a private one.
 *
 * Source: Go's crypto/x509, root_linux.go and root_unix.go: the same files and variables count as for
 * the official plugin.
 *
 * @module
 */

import type { ReadEnv } from "../../lib/net/http_proxy.ts";
import { OperatorError } from "../../lib/operator_error.ts";
import type { WebTrust } from "./upgrade.ts";

/** Where systems keep their authorities; the first that can be read counts. */
const SYSTEM_FILES = [
  "/etc/ssl/certs/ca-certificates.crt",
  "/etc/pki/tls/certs/ca-bundle.crt",
  "/etc/ssl/ca-bundle.pem",
  "/etc/pki/tls/cacert.pem",
  "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem",
  "/etc/ssl/cert.pem",
];

const CERTIFICATE =
  /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g;

/**
 * Returns what reads the authorities; it does so for each connection, so that a changed file counts.
 *
 * Where no file of the system can be read, the authorities of the runtime count.
 *
 * @param webCaPath File of the private authority.
 */
export function createWebTrust(
  webCaPath: string | undefined,
  env: ReadEnv,
): WebTrust {
  return async () => {
    const [system, own] = await Promise.all([
      readSystem(env),
      webCaPath === undefined ? undefined : readOwn(webCaPath),
    ]);
    // Beside a private authority, those of the runtime can no longer be asked for.
    return own === undefined && system.length === 0
      ? undefined
      : [...system, ...own ?? []];
  };
}

async function readOwn(path: string): Promise<string[]> {
  let text: string;
  try {
    text = await Deno.readTextFile(path);
  } catch (error) {
    throw new OperatorError(
      `Cannot read the file "${path}" of web_ca: ${describe(error)}`,
      { hint: "make it a file that the user of this program may read" },
    );
  }
  const found = text.match(CERTIFICATE);
  if (found !== null) return found;
  throw new OperatorError(
    `Cannot use the file "${path}" of web_ca: it holds no PEM certificate`,
    { hint: "put the certificate of the authority there, as PEM" },
  );
}

async function readSystem(env: ReadEnv): Promise<string[]> {
  const [file, folders] = [env("SSL_CERT_FILE"), env("SSL_CERT_DIR")];
  const found = await readFirst(file ? [file] : SYSTEM_FILES);
  for (const folder of folders?.split(":") ?? []) {
    if (folder !== "") found.push(...await readFolder(folder));
  }
  return found;
}

async function readFirst(paths: readonly string[]): Promise<string[]> {
  for (const path of paths) {
    const found = await readCertificates(path);
    if (found.length > 0) return found;
  }
  return [];
}

async function readFolder(folder: string): Promise<string[]> {
  try {
    const entries = await Array.fromAsync(Deno.readDir(folder));
    const read = entries.filter(({ isDirectory }) => !isDirectory)
      .map(({ name }) => readCertificates(`${folder}/${name}`));
    return (await Promise.all(read)).flat();
  } catch {
    return [];
  }
}

/** Of the system, what cannot be read is as good as not there. */
async function readCertificates(path: string): Promise<string[]> {
  try {
    return (await Deno.readTextFile(path)).match(CERTIFICATE) ?? [];
  } catch {
    return [];
  }
}

function describe(error: unknown): string {
  if (error instanceof Deno.errors.NotFound) return "no such file";
  return error instanceof Error ? error.message : String(error);
}
