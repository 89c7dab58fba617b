/**
 * The Helm chart as one file.
 *
 * @module
 */

import type { Build } from "./build.ts";
import { run } from "../programs/command.ts";
import { ROOT } from "./source.ts";

const NAME = "teleport-plugin-discord";

/** Packs the chart, as `helm package` does, but with the same bytes each time; returns its path. */
export async function packChart({ dist, source }: Build): Promise<string> {
  const path = `${dist}/${NAME}-${source.version}.tgz`;
  await run("tar", [
    ...[
      "--create",
      "--sort=name",
      "--owner=0",
      "--group=0",
      "--mode=go=rX,u+w",
    ],
    ...["--numeric-owner", "--format=gnu", `--mtime=@${source.epochSec}`],
    "--use-compress-program=gzip -n -9",
    ...[
      "--dereference",
      "--exclude=ci",
      "--directory",
      `${ROOT}packaging/chart`,
    ],
    ...["--file", path, NAME],
  ]);
  return path;
}
