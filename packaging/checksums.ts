/**
 * The list of checksums of a release, and who vouches for it.
 *
 * @module
 */

import { createHash } from "node:crypto";
import { run } from "../programs/command.ts";

/**
 * Writes `SHA256SUMS` beside files, and `SHA256SUMS.asc` if there is a key.
 *
 * @param key What GnuPG knows the signing key by.
 */
export async function writeChecksums(
  folder: string,
  paths: readonly string[],
  key: string | undefined,
): Promise<void> {
  const lines = await Promise.all(
    paths.toSorted().map(async (path) => {
      const sum = createHash("sha256").update(await Deno.readFile(path));
      return `${sum.digest("hex")}  ${path.replace(/^.*\//, "")}\n`;
    }),
  );
  const list = `${folder}/SHA256SUMS`;
  await Deno.writeTextFile(list, lines.join(""));
  await Deno.remove(`${list}.asc`).catch(() => {});
  if (key !== undefined) await signDetached(list, key);
}

/** Writes an armoured signature beside a file. */
export async function signDetached(path: string, key: string): Promise<void> {
  await run("gpg", [
    ...["--batch", "--yes", "--local-user", key],
    ...["--armor", "--detach-sign", "--output", `${path}.asc`, path],
  ]);
}
