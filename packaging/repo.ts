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
}

/** Makes or extends both repositories. */
export async function createRepo(options: RepoOptions): Promise<void> {
  const { folder, key } = options;
  await Deno.mkdir(folder, { recursive: true });
  if (key !== undefined) {
    const armoured = await run("gpg", ["--armor", "--export", key]);
    await Deno.writeTextFile(`${folder}/${PROGRAM}.asc`, armoured);
  }
  await createApt(options);
  await createRpm(options);
}

/** Source: Debian wiki, "DebianRepository/Format"; manual page sources.list(5). */
async function createApt(
  { folder, dist, url, key, epochSec, validDays }: RepoOptions,
): Promise<void> {
  const apt = `${folder}/apt`;
  await copyPackages(dist, `${apt}/pool`, /\.deb$/);
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
  await publishSuite(staged, `${apt}/dists/stable`);
  await Deno.remove(staged, { recursive: true });
  await Deno.writeTextFile(
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
  );
}

function aptDate(epochSec: number): string {
  return new Date(epochSec * 1000).toUTCString().replace("GMT", "+0000");
}

/**
 * Moves the files of a suite from `staged` to `suite`, so that apt can read it at any moment, and after a stop at
 * any step: lists by their hash first, where those of earlier times stay; what names them last.
 * Source: Debian wiki, "DebianRepository/Format", "Acquire-By-Hash".
 */
export async function publishSuite(
  staged: string,
  suite: string,
  rename: typeof Deno.rename = Deno.rename,
): Promise<void> {
  const release = await Deno.readTextFile(`${staged}/Release`);
  const lists = [
    ...release.matchAll(/^ ([0-9a-f]{64}) +\d+ (main\/(.+)\/[^/\n]+)$/gm),
  ].map(([, hash = "", path = "", folder = ""]) => ({ hash, path, folder }));
  for (const { hash, path, folder } of lists) {
    const byHash = `${suite}/main/${folder}/by-hash/SHA256`;
    await Deno.mkdir(byHash, { recursive: true });
    await Deno.copyFile(`${staged}/${path}`, `${staged}/by-hash`);
    await rename(`${staged}/by-hash`, `${byHash}/${hash}`);
  }
  for (const { path } of lists) {
    await rename(`${staged}/${path}`, `${suite}/${path}`);
  }
  for (const name of ["Release.gpg", "Release", "InRelease"]) {
    try {
      await rename(`${staged}/${name}`, `${suite}/${name}`);
    } catch (error) {
      if (!(error instanceof Deno.errors.NotFound)) throw error;
      // Unsigned now: an earlier signature would hide what is new.
      await Deno.remove(`${suite}/${name}`).catch(() => {});
    }
  }
}

/** Source: manual pages createrepo_c(8) and dnf.conf(5). */
async function createRpm(
  { folder, dist, url, key, epochSec }: RepoOptions,
): Promise<void> {
  for (const { rpm } of TARGETS) {
    const repo = `${folder}/rpm/${rpm}`;
    const added = await copyPackages(
      dist,
      repo,
      new RegExp(`\\.${rpm}\\.rpm$`),
    );
    if (key !== undefined) {
      for (const path of added) {
        await run("rpmsign", [
          ...["--addsign", "--define", "__gpg /usr/bin/gpg"],
          ...["--define", `_gpg_name ${key}`, path],
        ]);
      }
    }
    await run("createrepo_c", [
      ...["--quiet", "--no-database", "--retain-old-md=10"],
      ...["--set-timestamp-to-revision", "--revision", String(epochSec), repo],
    ]);
    if (key !== undefined) {
      await signDetached(`${repo}/repodata/repomd.xml`, key);
    }
  }
  const check = key === undefined ? "0" : "1";
  await Deno.writeTextFile(
    `${folder}/${PROGRAM}.repo`,
    `[${PROGRAM}]
name=${PROGRAM}
baseurl=${url}/rpm/$basearch
enabled=1
gpgcheck=${check}
repo_gpgcheck=${check}
${key === undefined ? "" : `gpgkey=${url}/${PROGRAM}.asc\n`}`,
  );
}

async function copyPackages(
  from: string,
  to: string,
  pattern: RegExp,
): Promise<readonly string[]> {
  await Deno.mkdir(to, { recursive: true });
  const copied: string[] = [];
  for await (const { name } of Deno.readDir(from)) {
    if (!pattern.test(name)) continue;
    await Deno.copyFile(`${from}/${name}`, `${to}/${name}.part`);
    await Deno.rename(`${to}/${name}.part`, `${to}/${name}`);
    copied.push(`${to}/${name}`);
  }
  return copied;
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
