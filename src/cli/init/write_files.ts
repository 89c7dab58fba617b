/**
 * Writes the files: all of them, or none.
 *
 * @module
 */

import { dirname } from "node:path";
import { NEW_SUFFIX, SERVICE_USER } from "../../config/default_path.ts";
import { mayWrite } from "../../config/load.ts";
import { describeError } from "../../lib/log/log_format.ts";
import { OperatorError } from "../../lib/operator_error.ts";
import type { NewFile } from "./install_lines.ts";
import type { Layout, Owner } from "./layout.ts";

/** IDs of an owner and of a group. */
interface OwnerIds {
  readonly uid: number;
  readonly gid: number;
}

/**
 * Returns why the files of a layout cannot be written, as a phrase; `undefined` if nothing is in the way.
 *
 * @param uid User ID of this process; `undefined` if it is not known.
 */
export async function findHindrance(
  layout: Layout,
  uid: number | undefined,
): Promise<string | undefined> {
  for (const { path } of [layout.config, layout.token]) {
    const mayBoth = mayWrite(path) && mayWrite(`${path}${NEW_SUFFIX}`);
    if (!mayBoth) return `this program may not write ${path}`;
  }
  const { owner } = layout.config;
  if (owner === undefined) return await findClosed(layout.config.path);
  if (uid !== 0) return `only root may write ${layout.config.path}`;
  return await findIds(owner) === undefined
    ? `there is no group ${SERVICE_USER} on this machine, which the packages create`
    : undefined;
}

/** Returns which files are there already. */
export async function findExisting(
  files: readonly { readonly path: string }[],
): Promise<string[]> {
  const found: string[] = [];
  for (const { path } of files) {
    // What cannot be looked at may be there.
    const isThere = await Deno.lstat(path).then(
      () => true,
      (error) => !(error instanceof Deno.errors.NotFound),
    );
    if (isThere) found.push(path);
  }
  return found;
}

/**
 * Writes each file under another name, and renames them once all are complete. If that fails, what was there
 * before is still there.
 *
 * @throws {OperatorError} If a file cannot be written.
 */
export async function writeFiles(files: readonly NewFile[]): Promise<void> {
  const written: string[] = [];
  try {
    for (const file of files) {
      const path = `${file.place.path}${NEW_SUFFIX}`;
      await removeIfThere(path);
      written.push(path);
      await writeNew(path, file);
    }
    for (const { place: { path } } of files) {
      await Deno.rename(`${path}${NEW_SUFFIX}`, path);
    }
  } catch (error) {
    await Promise.all(written.map(removeIfThere));
    const names = files.map(({ place }) => place.path).join(", ");
    throw new OperatorError(`Cannot write ${names}: ${describeError(error)}`, {
      cause: error,
    });
  }
}

async function writeNew(path: string, { place, content }: NewFile) {
  const bytes = "copyOf" in content
    ? await Deno.readFile(content.copyOf)
    : new TextEncoder().encode(
      "text" in content ? content.text : content.secret,
    );
  const ids = place.owner && await findIds(place.owner);
  if (ids !== undefined) await makeFolder(dirname(path), ids);
  // Nobody else reads it before it has its mode and its owner.
  await Deno.writeFile(path, bytes, { createNew: true, mode: 0o600 });
  if (ids !== undefined) await Deno.chown(path, ids.uid, ids.gid);
  await Deno.chmod(path, place.mode);
}

/** The packages bring the folder; who has removed it gets it back as it was. */
async function makeFolder(path: string, { uid, gid }: OwnerIds) {
  try {
    await Deno.mkdir(path, { mode: 0o750 });
  } catch (error) {
    // For the folder of another program there is no permission; then it is there.
    if (error instanceof Deno.errors.AlreadyExists) return;
    if (error instanceof Deno.errors.NotCapable) return;
    throw error;
  }
  await Deno.chown(path, uid, gid);
}

async function removeIfThere(path: string): Promise<void> {
  try {
    await Deno.remove(path);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
}

/** Returns why no file can be made in the folder of a path, by making one for a moment. */
async function findClosed(path: string): Promise<string | undefined> {
  const folder = dirname(path);
  const trial = `${path}${NEW_SUFFIX}`;
  try {
    await removeIfThere(trial);
    await Deno.writeFile(trial, new Uint8Array(), { createNew: true });
    await Deno.remove(trial);
    return undefined;
  } catch (error) {
    return error instanceof Deno.errors.NotFound
      ? `there is no folder ${folder}`
      : `this user may not write in ${folder}`;
  }
}

/** Returns the IDs of an owner and of its group; `undefined` if this machine does not know them. */
async function findIds(owner: Owner): Promise<OwnerIds | undefined> {
  const uid = owner === "root" ? 0 : await findId("/etc/passwd", owner);
  const gid = await findId("/etc/group", SERVICE_USER);
  return uid === undefined || gid === undefined ? undefined : { uid, gid };
}

/** Reads an ID from `/etc/passwd` or `/etc/group`: the third field, behind name and password. */
async function findId(file: string, name: string): Promise<number | undefined> {
  const text = await Deno.readTextFile(file);
  const line = text.split("\n").find((each) => each.startsWith(`${name}:`));
  const id = line?.split(":")[2];
  return id === undefined ? undefined : Number(id);
}
