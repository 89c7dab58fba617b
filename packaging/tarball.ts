/**
 * The archive for every other Linux, with a script that installs it.
 *
 * @module
 */

import { type Build, dateAll } from "./build.ts";
import { run } from "../programs/command.ts";
import type { Packing } from "./deb.ts";
import { PROGRAM, type Program } from "./program.ts";
import { ROOT } from "./source.ts";
import {
  type Entry,
  packagedConfig,
  stage,
  text,
  writeEntries,
} from "./staging.ts";

/** Makes the archive and returns its path. */
export async function createTarball(
  build: Build,
  program: Program,
  packing: Packing,
): Promise<string> {
  const { dist, source } = build;
  const name =
    `${PROGRAM}-v${source.version}-linux-${program.target.deb}.tar.gz`;
  const work = await Deno.makeTempDir({ dir: dist, prefix: "tar-" });
  try {
    const top = `/${PROGRAM}`;
    const staged = await stage(build, program, "tarball");
    await writeEntries(
      work,
      [
        ...staged.map((entry) => ({
          ...entry,
          path: entry.path.replace(/^\/usr\/local/, `${top}/root`),
        })),
        ...["README.md", "CHANGELOG.md", "LICENSE"].map((file) => ({
          path: `${top}/${file}`,
          content: { file: `${ROOT}${file}` },
          mode: 0o644,
        })),
        {
          path: `${top}/LICENCES`,
          content: { file: `${dist}/LICENCES` },
          mode: 0o644,
        },
        {
          path: `${top}/teleport-discord.toml`,
          content: text(packagedConfig()),
          mode: 0o644,
        },
        {
          path: `${top}/VERSION`,
          content: text(`v${source.version}\n`),
          mode: 0o644,
        },
        {
          path: `${top}/install`,
          content: { file: `${ROOT}packaging/tarball/install` },
          mode: 0o755,
        },
      ] satisfies Entry[],
    );
    await dateAll(work, source.epochSec);
    const packed = `${work}/${name}`;
    await run("tar", [
      ...["--create", "--sort=name", "--owner=0", "--group=0"],
      ...["--numeric-owner", "--format=gnu", `--mtime=@${source.epochSec}`],
      `--use-compress-program=gzip -n ${packing === "tight" ? "-9" : "-1"}`,
      ...["--directory", work, "--file", packed, PROGRAM],
    ]);
    await Deno.rename(packed, `${dist}/${name}`);
    return `${dist}/${name}`;
  } finally {
    await Deno.remove(work, { recursive: true });
  }
}
