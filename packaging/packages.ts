/**
 * `deno task packages`: builds, and packs what it built for each way to install it.
 *
 * @module
 */

import { requirePrograms } from "../programs/command.ts";
import { type Build, build, parseBuildArgs, USAGE } from "./build.ts";
import { createDeb, type Packing } from "./deb.ts";
import { createRpm } from "./rpm.ts";
import { createTarball } from "./tarball.ts";
import { runTask } from "./task.ts";

/** Programs that pack what was built. */
export const PACKERS = ["dpkg-deb", "rpmbuild", "tar", "gzip"] as const;

/** Makes every package of every program; returns their paths. */
export async function createPackages(
  build: Build,
  packing: Packing,
): Promise<readonly string[]> {
  const paths: string[] = [];
  for (const program of build.programs) {
    for (const create of [createDeb, createRpm, createTarball]) {
      paths.push(await create(build, program, packing));
    }
  }
  return paths;
}

if (import.meta.main) {
  const isQuick = Deno.args.includes("--quick");
  const options = parseBuildArgs(
    Deno.args.filter((each) => each !== "--quick"),
  );
  if (options === undefined) {
    await Deno.stderr.write(new TextEncoder().encode(USAGE));
    Deno.exit(64);
  }
  await runTask(async () => {
    requirePrograms(...PACKERS);
    const paths = await createPackages(
      await build(options),
      isQuick ? "quick" : "tight",
    );
    await Deno.stdout.write(new TextEncoder().encode(`${paths.join("\n")}\n`));
  });
}
