/**
 * `deno task release`: everything that a release consists of, from the tag that is checked out.
 *
 * @module
 */

import { requirePrograms } from "../programs/command.ts";
import { type Build, build, parseBuildArgs, USAGE } from "./build.ts";
import { packChart } from "./chart.ts";
import { writeChecksums } from "./checksums.ts";
import type { Packing } from "./deb.ts";
import { createPackages, PACKERS } from "./packages.ts";
import { PROGRAM } from "./program.ts";
import { readSource, ROOT, type Source } from "./source.ts";
import { formatSbom } from "./sbom.ts";
import { runTask } from "./task.ts";

/** Makes the packages, the chart, the bill of materials and their checksums; returns their paths. */
export async function createRelease(
  build: Build,
  packing: Packing,
  key: string | undefined,
): Promise<readonly string[]> {
  const sbom = `${build.dist}/${PROGRAM}.cdx.json`;
  await Deno.writeTextFile(sbom, formatSbom(build));
  const paths = [
    ...await createPackages(build, packing),
    await packChart(build),
    sbom,
  ];
  await writeChecksums(build.dist, paths, key);
  return [...paths, `${build.dist}/SHA256SUMS`];
}

/**
 * Refuses sources that are no release.
 *
 * @throws {Error} If the version has no tag here, files were changed, or the changelog does not know it.
 */
export async function requireTag({ version, gitRef }: Source): Promise<void> {
  if (gitRef !== `v${version}`) {
    throw new Error(
      `Cannot release ${version}: the sources are "${gitRef}", not the tag "v${version}"`,
    );
  }
  const changes = await Deno.readTextFile(`${ROOT}CHANGELOG.md`);
  if (!changes.includes(`\n## [${version}]`)) {
    throw new Error(
      `Cannot release ${version}: CHANGELOG.md does not say what is in it`,
    );
  }
}

if (import.meta.main) {
  const options = parseBuildArgs(Deno.args);
  if (options === undefined) {
    await Deno.stderr.write(
      new TextEncoder().encode(USAGE.replaceAll("task build", "task release")),
    );
    Deno.exit(64);
  }
  await runTask(async () => {
    const key = Deno.env.get("SIGNING_KEY") || undefined;
    requirePrograms("git", ...PACKERS, ...key === undefined ? [] : ["gpg"]);
    await requireTag(await readSource());
    const paths = await createRelease(await build(options), "tight", key);
    await Deno.stdout.write(new TextEncoder().encode(`${paths.join("\n")}\n`));
  });
}
