/**
 * `deno task repo FOLDER`: a repository for apt and one for dnf, of the packages in `dist/`, as files that
 * any web server can serve.
 *
 * @module
 */

import { parseArgs } from "node:util";
import { requirePrograms, run } from "../programs/command.ts";
import { signDetached } from "./checksums.ts";
import { PROGRAM } from "./program.ts";
import {
  addPackage,
  publishMetadata,
  publishSuite,
  type Rename,
  replaceFile,
  sha256Of,
} from "./publish.ts";
import { ROOT } from "./source.ts";
import { TARGETS } from "./targets.ts";
import { runTask } from "./task.ts";

const USAGE =
  `Usage: deno task repo FOLDER --url=URL [--key=KEY] [--dist=FOLDER]
       [--valid-days=DAYS]

  FOLDER  where to put the repository; packages of earlier versions in it stay
  --url   where FOLDER will be served, for the files that admins fetch
  --key   what GnuPG knows the signing key by; without one nothing is signed
  --valid-days  after how many days apt refuses its lists: 180 unless said
`;

/** What to make a repository of. */
export interface RepoOptions {
  readonly folder: string;
  readonly dist: string;
  readonly url: string;
  readonly key: string | undefined;
  /** Seconds since 1970 that its lists are dated with. */
  readonly epochSec: number;
  /** Days from `epochSec` after which apt refuses the lists. */
  readonly validDays: number;
  /** Each step that clients can see; {@linkcode Deno.rename} if left out. */
  readonly rename?: Rename;
}

/** Makes or extends both repositories. */
export async function createRepo(options: RepoOptions): Promise<void> {
  const { folder, key, rename = Deno.rename } = options;
  await Deno.mkdir(folder, { recursive: true });
  if (key !== undefined) {
    const armoured = await run("gpg", ["--armor", "--export", key]);
    await replaceFile(`${folder}/${PROGRAM}.asc`, armoured, rename);
  }
  await createApt({ ...options, rename });
  await createRpm({ ...options, rename });
}

/** Source: Debian wiki, "DebianRepository/Format"; manual page sources.list(5). */
async function createApt(
  { folder, dist, url, key, epochSec, validDays, rename }: Required<
    RepoOptions
  >,
): Promise<void> {
  const apt = `${folder}/apt`;
  const pool = `${apt}/pool`;
  for (const name of await packagesIn(dist, /\.deb$/)) {
    const copy = await copyInto(pool, `${dist}/${name}`);
    await addPackage(copy, `${pool}/${name}`, sha256Of, rename);
  }
  const staged = `${apt}/dists/stable.new`;
  await Deno.remove(staged, { recursive: true }).catch(() => {});
  const ftparchive = (...args: string[]) =>
    run("apt-ftparchive", args, { cwd: apt });
  for (const { deb } of TARGETS) {
    const binary = `${staged}/main/binary-${deb}`;
    await Deno.mkdir(binary, { recursive: true });
    const packages = await ftparchive("--arch", deb, "packages", "pool");
    await Deno.writeTextFile(`${binary}/Packages`, packages);
    await run("gzip", ["-9nkf", `${binary}/Packages`]);
  }
  const fields = {
    Origin: PROGRAM,
    Label: PROGRAM,
    Suite: "stable",
    Codename: "stable",
    Architectures: TARGETS.map(({ deb }) => deb).join(" "),
    Components: "main",
  };
  const release = await ftparchive(
    ...Object.entries(fields).flatMap((
      [name, value],
    ) => ["-o", `APT::FTPArchive::Release::${name}=${value}`]),
    // apt asks for a list by the strongest hash that Release has.
    ...["MD5", "SHA1", "SHA512"].flatMap((hash) => [
      "-o",
      `APT::FTPArchive::Release::${hash}=false`,
    ]),
    "release",
    "dists/stable.new",
  );
  // It dates what it writes with the present.
  const dated = release.replace(
    /^Date: .*$/m,
    `Date: ${aptDate(epochSec)}
Valid-Until: ${aptDate(epochSec + validDays * 24 * 60 * 60)}
Acquire-By-Hash: yes`,
  );
  await Deno.writeTextFile(`${staged}/Release`, dated);
  if (key !== undefined) {
    const sign = ["--batch", "--yes", "--local-user", key];
    await run("gpg", [
      ...[...sign, "--clearsign", "--output", `${staged}/InRelease`],
      `${staged}/Release`,
    ]);
    await run("gpg", [
      ...[...sign, "--armor", "--detach-sign"],
      ...["--output", `${staged}/Release.gpg`, `${staged}/Release`],
    ]);
  }
  await publishSuite(staged, `${apt}/dists/stable`, rename);
  await Deno.remove(staged, { recursive: true });
  await replaceFile(
    `${folder}/${PROGRAM}.sources`,
    `Types: deb
URIs: ${url}/apt
Suites: stable
Components: main
${
      key === undefined
        ? "Trusted: yes"
        : `Signed-By: /etc/apt/keyrings/${PROGRAM}.asc`
    }
`,
    rename,
  );
}

function aptDate(epochSec: number): string {
  return new Date(epochSec * 1000).toUTCString().replace("GMT", "+0000");
}

/** Source: manual pages createrepo_c(8) and dnf.conf(5). */
async function createRpm(
  { folder, dist, url, key, epochSec, rename }: Required<RepoOptions>,
): Promise<void> {
  for (const { rpm } of TARGETS) {
    const repo = `${folder}/rpm/${rpm}`;
    for (const name of await packagesIn(dist, new RegExp(`\\.${rpm}\\.rpm$`))) {
      const copy = await copyInto(repo, `${dist}/${name}`);
      if (key !== undefined) {
        await run("rpmsign", [
          ...["--addsign", "--define", "__gpg /usr/bin/gpg"],
          ...["--define", `_gpg_name ${key}`, copy],
        ]);
      }
      await addPackage(copy, `${repo}/${name}`, rpmContent, rename);
    }
    const staged = `${repo}/repodata-${crypto.randomUUID()}`;
    await Deno.mkdir(staged, { recursive: true });
    await run("createrepo_c", [
      ...["--quiet", "--no-database", "--outputdir", staged],
      ...["--set-timestamp-to-revision", "--revision", String(epochSec), repo],
    ]);
    const metadata = `${staged}-metadata`;
    await Deno.rename(`${staged}/repodata`, metadata);
    await Deno.remove(staged);
    if (key !== undefined) await signDetached(`${metadata}/repomd.xml`, key);
    await publishMetadata(repo, metadata, rename);
  }
  const check = key === undefined ? "0" : "1";
  await replaceFile(
    `${folder}/${PROGRAM}.repo`,
    `[${PROGRAM}]
name=${PROGRAM}
baseurl=${url}/rpm/$basearch
enabled=1
gpgcheck=${check}
repo_gpgcheck=${check}
${key === undefined ? "" : `gpgkey=${url}/${PROGRAM}.asc\n`}`,
    rename,
  );
}

/** Returns what identifies an RPM but for its signature, which has a time of its own. */
async function rpmContent(path: string): Promise<string> {
  return await run("rpm", [
    "-qp",
    "--nosignature",
    "--qf",
    "%{SHA256HEADER}",
    path,
  ]);
}

async function packagesIn(
  folder: string,
  pattern: RegExp,
): Promise<readonly string[]> {
  const names = await Array.fromAsync(Deno.readDir(folder), ({ name }) => name);
  return names.filter((name) => pattern.test(name)).toSorted();
}

/** Copies a package beside where it is to be; clients know nothing of the copy. */
async function copyInto(folder: string, path: string): Promise<string> {
  await Deno.mkdir(folder, { recursive: true });
  const copy = `${folder}/.part`;
  await Deno.copyFile(path, copy);
  return copy;
}

if (import.meta.main) {
  const {
    values: { url, key, dist, "valid-days": days },
    positionals: [folder, ...more],
  } = parseArgs({
    options: {
      url: { type: "string" },
      key: { type: "string" },
      dist: { type: "string", default: `${ROOT}dist` },
      "valid-days": { type: "string", default: "180" },
    },
    allowPositionals: true,
  });
  const say = (text: string) =>
    Deno.stderr.write(new TextEncoder().encode(text));
  const validDays = Number(days);
  if (
    folder === undefined || more.length > 0 || url === undefined ||
    !Number.isInteger(validDays) || validDays < 1
  ) {
    await say(USAGE);
    Deno.exit(64);
  }
  if (key === undefined) {
    await say("warning: nothing is signed: no --key was given\n");
  }
  await runTask(async () => {
    requirePrograms("apt-ftparchive", "createrepo_c", "gzip");
    if (key !== undefined) requirePrograms("gpg", "rpmsign");
    // Not when the source was committed: an old tag would be out of date at once.
    const epochSec = Math.floor(Date.now() / 1000);
    await createRepo({ folder, dist, url, key, epochSec, validDays });
  });
}
