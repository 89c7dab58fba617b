/**
 * Looks at the files that a configuration names.
 *
 * @module
 */

import { dirname } from "node:path";
import type { DraftValues } from "../../config/config.ts";
import { mayWrite } from "../../config/load.ts";
import { findReadFault } from "../../config/reading/read_text.ts";
import {
  type CredentialsSource,
  issuedAs,
  readableCommand,
  signCommand,
} from "../../ports/admin_hints.ts";
import { folderHint } from "../../teleport/credentials/identity_files.ts";
import { type FileFacts, judgeFile } from "../judge/judge_files.ts";
import type { Finding } from "../report/finding.ts";
import type { CheckHost } from "./check_host.ts";

const OPEN_FOLDER =
  "let the user that runs the plugin enter that folder, or move the file and write its new path into the configuration";

/** A file to look at. */
interface NamedFile extends Pick<FileFacts, "what" | "isSecret"> {
  /** `undefined` if the configuration names none. */
  readonly path: string | undefined;
  /** What to do if it is not there, or cannot be written to. */
  readonly source: string;
  /** What to do if it is a folder; `undefined` if nothing is known. */
  readonly inFolder?: (path: string) => Promise<string | undefined>;
  /** Whether it is written, not read. */
  readonly isWritten?: boolean;
}

/** What was found of a file. */
export interface ExaminedFile {
  readonly path: string;
  /** Why it cannot be used. */
  readonly fault: string | undefined;
  readonly finding: Finding;
}

/** Looks at the configuration file and every file that it names. */
export async function examineFiles(
  configPath: string,
  values: DraftValues,
  host: CheckHost,
): Promise<readonly ExaminedFile[]> {
  const files = filesOf(configPath, values);
  const examined = files.map(async ({ path, ...file }) =>
    path === undefined ? [] : [await examineFile(path, file, host)]
  );
  return (await Promise.all(examined)).flat();
}

function filesOf(
  configPath: string,
  { discord: { token }, teleport, log }: DraftValues,
): NamedFile[] {
  return [
    {
      path: configPath,
      what: "configuration file",
      isSecret: token.kind === "literal" && token.token.reveal() !== "",
      source: "check --config",
    },
    {
      path: token.kind === "file" ? token.path : undefined,
      what: "token file",
      isSecret: true,
      source: "put the token of the bot alone into it",
    },
    ...credentialFiles(teleport.credentials),
    {
      path: teleport.webCaPath,
      what: "web_ca file",
      isSecret: false,
      source: "put the certificate of the authority into it, or remove web_ca",
    },
    {
      // Where the program may not write at all, the configuration has to change, as is said there.
      path: log.output.kind === "file" && mayWrite(log.output.path)
        ? log.output.path
        : undefined,
      what: "log file",
      isSecret: false,
      source:
        "let the user that runs the plugin write to the file and its folder",
      isWritten: true,
    },
  ];
}

function credentialFiles(source: CredentialsSource | undefined): NamedFile[] {
  if (source === undefined) return [];
  const command = signCommand(issuedAs(source));
  if (source.kind === "identity") {
    return [{
      path: source.path,
      what: "identity file",
      isSecret: true,
      source: `issue it with ${command}, or let tbot write it`,
      inFolder: folderHint,
    }];
  }
  return Object.entries({
    client_key: source.keyPath,
    client_crt: source.certificatePath,
    root_cas: source.caPath,
  }).map(([key, path]) => ({
    path,
    what: `${key} file`,
    isSecret: key === "client_key",
    source: `issue the three files with ${command}`,
  }));
}

async function examineFile(
  path: string,
  file: Omit<NamedFile, "path">,
  { uid, env }: CheckHost,
): Promise<ExaminedFile> {
  const { isWritten, source, inFolder } = file;
  const [ownFault, state, closed] = await Promise.all([
    isWritten ? findWriteFault(path) : findReadFault(path),
    // What cannot be looked at may be there; then the fault says so.
    Deno.stat(path).catch(() => undefined),
    findClosedFolder(path),
  ]);
  const fault = closed === undefined
    ? ownFault
    : `this user may not enter the folder ${closed}`;
  const remedy = async () => {
    if (closed !== undefined) return OPEN_FOLDER;
    if (isWritten || state === undefined) return source;
    if (state.isDirectory) return await inFolder?.(path) ?? "name a file";
    return `let the user that runs the plugin read it: ${
      readableCommand(path, env("USER") || uid?.toString())
    }`;
  };
  const mode = state?.mode ?? undefined;
  const finding = judgeFile({
    ...file,
    path,
    fault,
    mode: mode && mode & 0o7777,
    // Root reads everything, and is not who runs the plugin. Only from the sources it is not known who runs this.
    isOwn: uid === undefined || (uid !== 0 && state?.uid === uid),
    remedy: fault === undefined ? "" : await remedy(),
  });
  return { path, fault, finding };
}

/**
 * Returns the folder on the way to a file that this user may not enter; `undefined` if there is none.
 *
 * @param stat Looks at a file or folder, for tests.
 */
export async function findClosedFolder(
  path: string,
  stat: (path: string) => Promise<unknown> = Deno.stat,
): Promise<string | undefined> {
  try {
    await stat(path);
    return undefined;
  } catch (error) {
    const folder = dirname(path);
    if (!(error instanceof Deno.errors.PermissionDenied) || folder === path) {
      return undefined;
    }
    // Where the folder itself can be looked at, it is the one that is closed.
    return await findClosedFolder(folder, stat) ?? folder;
  }
}

/**
 * A log file that is not there yet is not made, as it would belong to whoever runs the check: another
 * file, for a moment, shows whether its folder lets this user.
 *
 * @param tryFolder Makes and removes that file, for tests.
 */
export async function findWriteFault(
  path: string,
  tryFolder: (folder: string) => Promise<void> = makeAndRemove,
): Promise<string | undefined> {
  try {
    using _ = await Deno.open(path, { append: true });
    return undefined;
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) {
      return "this user may not write to it";
    }
  }
  const folder = dirname(path);
  try {
    await tryFolder(folder);
    return undefined;
  } catch (error) {
    // Deno can be told to let the program write this one file.
    if (error instanceof Deno.errors.NotCapable) return undefined;
    return error instanceof Deno.errors.NotFound
      ? `there is no folder ${folder}`
      : `this user may not make files in ${folder}`;
  }
}

async function makeAndRemove(folder: string): Promise<void> {
  const prefix = ".teleport-discord-check-";
  await Deno.remove(await Deno.makeTempFile({ dir: folder, prefix }));
}
