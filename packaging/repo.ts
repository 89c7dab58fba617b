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
import { readSource, ROOT } from "./source.ts";
import { TARGETS } from "./targets.ts";
import { runTask } from "./task.ts";

const USAGE =
  `Usage: deno task repo FOLDER --url=URL [--key=KEY] [--dist=FOLDER]

  FOLDER  where to put the repository; packages of earlier versions in it stay
  --url   where FOLDER will be served, for the files that admins fetch
  --key   what GnuPG knows the signing key by; without one nothing is signed
`;

/** What to make a repository of. */
export interface RepoOptions {
  readonly folder: string;
  readonly dist: string;
  readonly url: string;
  readonly key: string | undefined;
  /** Seconds since 1970 that its lists are dated with. */
  readonly epochSec: number;
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
  { folder, dist, url, key, epochSec }: RepoOptions,
): Promise<void> {
  const apt = `${folder}/apt`;
  await copyPackages(dist, `${apt}/pool`, /\.deb$/);
  const suite = `${apt}/dists/stable`;
  const ftparchive = (...args: string[]) =>
    run("apt-ftparchive", args, { cwd: apt });
  for (const { deb } of TARGETS) {
    const binary = `${suite}/main/binary-${deb}`;
    await Deno.mkdir(binary, { recursive: true });
    const packages = await ftparchive("--arch", deb, "packages", "pool");
    await Deno.writeTextFile(`${binary}/Packages`, packages);
    await run("gzip", ["-9nkf", `${binary}/Packages`]);
  }
  for (const name of ["Release", "Release.gpg", "InRelease"]) {
    await Deno.remove(`${suite}/${name}`).catch(() => {});
  }
  const fields = {
    Origin: PROGRAM,
    Label: PROGRAM,
    Suite: "stable",
    Codename: "stable",
    Architectures: TARGETS.map(({ deb }) => deb).join(" "),
    Components: "main",
    Date: new Date(epochSec * 1000).toUTCString().replace("GMT", "+0000"),
  };
  const release = await ftparchive(
    ...Object.entries(fields).flatMap((
      [name, value],
    ) => ["-o", `APT::FTPArchive::Release::${name}=${value}`]),
    "release",
    "dists/stable",
  );
  // It dates what it writes with the present.
  const dated = release.replace(/^Date: .*$/m, `Date: ${fields.Date}`);
  await Deno.writeTextFile(`${suite}/Release`, dated);
  if (key !== undefined) {
    const sign = ["--batch", "--yes", "--local-user", key];
    await run("gpg", [
      ...[...sign, "--clearsign", "--output", `${suite}/InRelease`],
      `${suite}/Release`,
    ]);
    await run("gpg", [
      ...[...sign, "--armor", "--detach-sign"],
      ...["--output", `${suite}/Release.gpg`, `${suite}/Release`],
    ]);
  }
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
      ...["--quiet", "--simple-md-filenames", "--no-database"],
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
    await Deno.copyFile(`${from}/${name}`, `${to}/${name}`);
    copied.push(`${to}/${name}`);
  }
  return copied;
}

if (import.meta.main) {
  const { values: { url, key, dist }, positionals: [folder, ...more] } =
    parseArgs({
      options: {
        url: { type: "string" },
        key: { type: "string" },
        dist: { type: "string", default: `${ROOT}dist` },
      },
      allowPositionals: true,
    });
  const say = (text: string) =>
    Deno.stderr.write(new TextEncoder().encode(text));
  if (folder === undefined || more.length > 0 || url === undefined) {
    await say(USAGE);
    Deno.exit(64);
  }
  if (key === undefined) {
    await say("warning: nothing is signed: no --key was given\n");
  }
  await runTask(async () => {
    requirePrograms("apt-ftparchive", "createrepo_c", "gzip");
    if (key !== undefined) requirePrograms("gpg", "rpmsign");
    const { epochSec } = await readSource();
    await createRepo({ folder, dist, url, key, epochSec });
  });
}
