/**
 * Looks at what the check starts from: the configuration and the files that it names.
 *
 * @module
 */

import { isUsable, judgeConfiguration } from "../../check/configuration.ts";
import { judgeCredentials } from "../../check/credentials.ts";
import { type FileFacts, judgeFile, judgeUser } from "../../check/files.ts";
import type { Finding } from "../../check/finding.ts";
import type { DraftValues, TokenLocation } from "../../config/config.ts";
import { openDraft } from "../../config/load.ts";
import { ConfigError, type Problem } from "../../config/problem.ts";
import { findReadFault } from "../../config/read_text.ts";
import { readToken, tokenPath } from "../../config/token_source.ts";
import { describeError } from "../../lib/log_format.ts";
import { OperatorError } from "../../lib/operator_error.ts";
import type { Secret } from "../../lib/secret.ts";
import {
  type CredentialsSource,
  loadCredentials,
} from "../../teleport/identity_files.ts";
import type { Credentials } from "../../teleport/identity.ts";
import type { Surroundings } from "./surroundings.ts";

/** Something that later checks need, or why it is not there, as a phrase. */
export type Needed<T> =
  | { readonly value: T }
  | { readonly missing: string };

/** What was found, and what the checks of both sides start from. */
export interface SetUp {
  readonly configuration: readonly Finding[];
  readonly files: readonly Finding[];
  /** What could be read of the configuration. */
  readonly values: DraftValues | undefined;
  readonly credentials: Needed<Credentials>;
  readonly credentialsFindings: readonly Finding[];
  readonly token: Needed<Secret>;
  readonly tokenFindings: readonly Finding[];
}

/** Looks at a configuration and its files. */
export async function examineSetUp(
  configPath: string,
  surroundings: Surroundings,
): Promise<SetUp> {
  const { values, problems } = await readDraft(configPath);
  const configuration = judgeConfiguration(
    configPath,
    problems,
    values?.routing,
  );
  if (values === undefined) {
    const missing = "the configuration cannot be read";
    return {
      configuration,
      files: [],
      values,
      credentials: { missing },
      credentialsFindings: [],
      token: { missing },
      tokenFindings: [],
    };
  }
  const files = await Promise.all(
    filesOf(configPath, values, surroundings).map(judgeFileAt),
  );
  const unreadable = new Set(
    files.filter(({ fault }) => fault !== undefined).map(({ path }) => path),
  );
  const given = { values, problems, unreadable, surroundings };
  const [credentials, token] = await Promise.all([
    examineCredentials(given),
    examineToken(given),
  ]);
  return {
    configuration,
    files: [
      ...judgeUser(surroundings.uid),
      ...files.map(({ finding }) => finding),
    ],
    values,
    credentials: credentials.needed,
    credentialsFindings: credentials.findings,
    token: token.needed,
    tokenFindings: token.findings,
  };
}

interface Given {
  readonly values: DraftValues;
  readonly problems: readonly Problem[];
  /** Paths of files that cannot be used. */
  readonly unreadable: ReadonlySet<string>;
  readonly surroundings: Surroundings;
}

interface Examined<T> {
  readonly needed: Needed<T>;
  readonly findings: readonly Finding[];
}

async function readDraft(
  path: string,
): Promise<{ values?: DraftValues; problems: readonly Problem[] }> {
  try {
    const { values, findings } = await openDraft(path);
    return { values, problems: findings.problems };
  } catch (error) {
    if (error instanceof ConfigError) return { problems: error.problems };
    if (!(error instanceof OperatorError)) throw error;
    const problem: Problem = {
      severity: "fault",
      file: path,
      line: undefined,
      key: undefined,
      detail: error.message,
      hint: error.hint,
    };
    return { problems: [problem] };
  }
}

/** A file to look at. */
interface NamedFile {
  readonly path: string;
  readonly what: string;
  readonly isSecret: boolean;
  readonly isWritten?: boolean;
}

function filesOf(
  configPath: string,
  { teleport, discord, log }: DraftValues,
  { env }: Surroundings,
): NamedFile[] {
  const token = discord.token;
  const path = tokenPath(token, env("CREDENTIALS_DIRECTORY"));
  return [
    {
      path: configPath,
      what: "configuration file",
      isSecret: token.kind === "literal" && token.token.reveal() !== "",
    },
    ...path === undefined ? [] : [{ path, what: "token file", isSecret: true }],
    ...credentialFiles(teleport.credentials),
    ...teleport.webCaPath === undefined
      ? []
      : [{ path: teleport.webCaPath, what: "web_ca file", isSecret: false }],
    ...log.output.kind === "file"
      ? [{
        path: log.output.path,
        what: "log file",
        isSecret: false,
        isWritten: true,
      }]
      : [],
  ];
}

function credentialFiles(source: CredentialsSource | undefined): NamedFile[] {
  switch (source?.kind) {
    case undefined:
      return [];
    case "identity":
      return [{ path: source.path, what: "identity file", isSecret: true }];
    case "tls":
      return [
        { path: source.keyPath, what: "client_key file", isSecret: true },
        {
          path: source.certificatePath,
          what: "client_crt file",
          isSecret: false,
        },
        { path: source.caPath, what: "root_cas file", isSecret: false },
      ];
  }
}

async function judgeFileAt(
  { path, what, isSecret, isWritten = false }: NamedFile,
): Promise<{ path: string; fault: string | undefined; finding: Finding }> {
  const fault = await (isWritten ? findWriteFault(path) : findReadFault(path));
  const remedy = isWritten
    ? "let the user that runs the plugin write to it"
    : "make it a file that the user that runs the plugin may read";
  const mode = await readMode(path);
  const facts: FileFacts = { path, what, isSecret, fault, mode, remedy };
  return { path, fault, finding: judgeFile(facts) };
}

async function readMode(path: string): Promise<number | undefined> {
  try {
    const { mode } = await Deno.stat(path);
    return mode === null ? undefined : mode & 0o7777;
  } catch {
    return undefined;
  }
}

/** A log file that is not there yet is not made: it would belong to whoever runs the check. */
async function findWriteFault(path: string): Promise<string | undefined> {
  try {
    using _ = await Deno.open(path, { append: true });
    return undefined;
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) {
      return "this user may not write to it";
    }
  }
  const folder = path.replace(/\/[^/]*$/, "") || "/";
  const fault = await findFolderFault(folder);
  return fault && `its folder ${folder}: ${fault}`;
}

async function findFolderFault(path: string): Promise<string | undefined> {
  try {
    const { isDirectory } = await Deno.stat(path);
    return isDirectory ? undefined : "it is not a folder";
  } catch {
    return "it is not there";
  }
}

async function examineCredentials(
  { values, problems, unreadable, surroundings }: Given,
): Promise<Examined<Credentials>> {
  const source = values.teleport.credentials;
  if (source === undefined || !isUsable("teleport", problems)) {
    return lack("[teleport] in the configuration has to be corrected first");
  }
  if (credentialFiles(source).some(({ path }) => unreadable.has(path))) {
    return lack("the files with the credentials cannot be used");
  }
  const now = new Date(surroundings.clock.now());
  try {
    const value = await loadCredentials(source, now);
    return { needed: { value }, findings: [judgeCredentials(value, now)] };
  } catch (error) {
    if (!(error instanceof OperatorError)) throw error;
    const finding: Finding = {
      id: "teleport.credentials",
      subject: "credentials",
      status: "failed",
      detail: describeError(error),
      remedy: error.hint,
    };
    return {
      needed: { missing: "the credentials cannot be used" },
      findings: [finding],
    };
  }
}

async function examineToken(
  { values, problems, unreadable, surroundings }: Given,
): Promise<Examined<Secret>> {
  if (!isUsable("discord", problems)) {
    return lack("[discord] in the configuration has to be corrected first");
  }
  const location: TokenLocation = values.discord.token;
  const credentialsFolder = surroundings.env("CREDENTIALS_DIRECTORY");
  const path = tokenPath(location, credentialsFolder);
  if (path !== undefined && unreadable.has(path)) {
    return lack("the file with the token cannot be used");
  }
  const { token, flaw } = await readToken(location, credentialsFolder);
  const findings = flaw === undefined ? [] : [
    {
      id: "discord.token",
      subject: "bot token",
      status: token === undefined ? "failed" : "warning",
      detail: flaw.detail,
      remedy: flaw.hint,
    } as const,
  ];
  return {
    needed: token === undefined
      ? { missing: "the bot token cannot be used" }
      : { value: token },
    findings,
  };
}

function lack(missing: string): Examined<never> {
  return { needed: { missing }, findings: [] };
}
