/**
 * The package for Debian, Ubuntu and what descends from them.
 *
 * @module
 */

import { type Build, dateAll } from "./build.ts";
import { run } from "../programs/command.ts";
import type { BundledPackage } from "./dependencies.ts";
import { PROGRAM, type Program } from "./program.ts";
import { ROOT, type Source } from "./source.ts";
import { type Entry, gzip, stage, text, writeEntries } from "./staging.ts";

/** How tightly to pack: tightly to ship it, quickly to test it. */
export type Packing = "tight" | "quick";

/** Who answers for the packages. */
export const MAINTAINER =
  "teleport-discord maintainers <maintainers@teleport-discord.invalid>";

/** Where the project is found. */
export const HOMEPAGE = "https://github.com/teleport-discord/teleport-discord";

/** Returns the version in Debian's order: what comes before a release is less than it. */
export function packageVersion(version: string): string {
  return version.replace("-", "~");
}

/** Under which terms its parts are. */
const THIRD_PARTY = `/usr/share/doc/${PROGRAM}/third-party.txt.gz`;

/** Makes the package and returns its path. */
export async function createDeb(
  build: Build,
  program: Program,
  packing: Packing,
): Promise<string> {
  const { dist, source } = build;
  const version = `${packageVersion(source.version)}-1`;
  const entries = [
    ...await stage(build, program, "deb"),
    ...await documents(build, version),
  ];
  const root = await Deno.makeTempDir({ dir: dist, prefix: "deb-" });
  try {
    await Deno.chmod(root, 0o755);
    await writeEntries(root, entries);
    await writeEntries(root, await control(entries, program, version));
    await dateAll(root, source.epochSec);
    const path = `${dist}/${PROGRAM}_${version}_${program.target.deb}.deb`;
    const pack = packing === "tight"
      ? ["-Zxz", "--threads-max=1"]
      : ["-Zgzip", "-z1"];
    await run("dpkg-deb", [
      ...["--root-owner-group", ...pack, "--build", root, path],
    ], { env: { SOURCE_DATE_EPOCH: String(source.epochSec) } });
    return path;
  } finally {
    await Deno.remove(root, { recursive: true });
  }
}

async function documents(
  { source, bundle, dist }: Build,
  version: string,
): Promise<readonly Entry[]> {
  const doc = `/usr/share/doc/${PROGRAM}`;
  const changes = await Deno.readTextFile(`${ROOT}CHANGELOG.md`);
  const licences = await Deno.readTextFile(`${dist}/LICENCES`);
  const overrides = await Deno.readFile(
    `${ROOT}packaging/debian/lintian-overrides`,
  );
  const contents = {
    [`${doc}/copyright`]: text(formatCopyright(bundle.packages)),
    [THIRD_PARTY]: gzip(licences),
    [`${doc}/changelog.gz`]: gzip(changes),
    [`${doc}/changelog.Debian.gz`]: gzip(formatChangelog(version, source)),
    [`/usr/share/lintian/overrides/${PROGRAM}`]: overrides,
  };
  return Object.entries(contents)
    .map(([path, content]) => ({ path, content, mode: 0o644 }));
}

async function control(
  entries: readonly Entry[],
  program: Program,
  version: string,
): Promise<readonly Entry[]> {
  const sizes = await Promise.all(entries.map(async ({ content }) => {
    if (content === undefined) return 1024;
    if (content instanceof Uint8Array) return content.length;
    return (await Deno.stat(content.file)).size;
  }));
  const kib = sizes.reduce((sum, size) => sum + Math.ceil(size / 1024), 0);
  const conffiles = entries.filter(({ isConfig }) => isConfig === true)
    .map(({ path }) => `${path}\n`).join("");
  const script = (name: string): Entry => ({
    path: `/DEBIAN/${name}`,
    content: { file: `${ROOT}packaging/debian/${name}` },
    mode: 0o755,
  });
  return [
    {
      path: "/DEBIAN/control",
      content: text(formatControl(version, program, kib)),
      mode: 0o644,
    },
    { path: "/DEBIAN/conffiles", content: text(conffiles), mode: 0o644 },
    {
      path: "/DEBIAN/md5sums",
      content: text(await md5sums(entries)),
      mode: 0o644,
    },
    ...["postinst", "prerm", "postrm"].map(script),
  ];
}

async function md5sums(entries: readonly Entry[]): Promise<string> {
  const { createHash } = await import("node:crypto");
  let lines = "";
  for (const { path, content, isConfig } of entries) {
    if (content === undefined || isConfig === true) continue;
    const bytes = content instanceof Uint8Array
      ? content
      : await Deno.readFile(content.file);
    lines += `${createHash("md5").update(bytes).digest("hex")}  ${
      path.slice(1)
    }\n`;
  }
  return lines;
}

function formatControl(version: string, program: Program, kib: number): string {
  return `Package: ${PROGRAM}
Version: ${version}
Architecture: ${program.target.deb}
Maintainer: ${MAINTAINER}
Installed-Size: ${kib}
Depends: libc6 (>= 2.28), libgcc-s1, systemd | systemd-standalone-sysusers | systemd-sysusers
Recommends: ca-certificates
Section: net
Priority: optional
Homepage: ${HOMEPAGE}
Description: shows Teleport access requests in Discord
 Posts each access request of a Teleport cluster to the Discord channels that
 its roles are routed to, and keeps the message up to date until the request
 is resolved. It reads the configuration of Teleport's own plugin for Discord
 and takes over its open messages.
`;
}

function formatChangelog(version: string, { epochSec }: Source): string {
  const date = new Date(epochSec * 1000).toUTCString().replace("GMT", "+0000");
  return `${PROGRAM} (${version}) stable; urgency=medium

  * See changelog.gz, or the releases of the project.

 -- ${MAINTAINER}  ${date}
`;
}

/** Returns the machine-readable form; the texts that Debian does not have are in a file beside it. */
function formatCopyright(packages: readonly BundledPackage[]): string {
  const parts = packages.map(({ name, version, licence }) =>
    ` ${name} ${version} (${licence})`
  );
  return `Format: https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/
Upstream-Name: ${PROGRAM}
Source: ${HOMEPAGE}
Comment: The program runs in Deno (MIT) and contains parts of these npm packages,
 whose terms are in ${THIRD_PARTY.split("/").at(-1)}:
${parts.join("\n")}

Files: *
Copyright: 2026 the teleport-discord contributors
License: Apache-2.0
 On Debian systems the text of the Apache License 2.0 is in
 /usr/share/common-licenses/Apache-2.0.
`;
}
