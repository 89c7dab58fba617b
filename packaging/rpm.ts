/**
 * The package for Fedora, RHEL and what descends from them.
 *
 * @module
 */

import { type Build, dateAll } from "./build.ts";
import { run } from "../programs/command.ts";
import { HOMEPAGE, MAINTAINER, packageVersion, type Packing } from "./deb.ts";
import { PROGRAM, type Program } from "./program.ts";
import { ROOT, type Source } from "./source.ts";
import { type Entry, stage, writeEntries } from "./staging.ts";

/** Makes the package and returns its path. */
export async function createRpm(
  build: Build,
  program: Program,
  packing: Packing,
): Promise<string> {
  const { dist, source } = build;
  const state: Entry = {
    path: "/var/lib/teleport-discord",
    mode: 0o750,
    group: PROGRAM,
  };
  const staged = await stage(build, program, "rpm");
  const entries = [...staged, ...ownFolders(staged), state];
  const work = await Deno.makeTempDir({ dir: dist, prefix: "rpm-" });
  try {
    const root = `${work}/root`;
    await writeEntries(root, entries);
    await dateAll(root, source.epochSec);
    const spec = `${work}/${PROGRAM}.spec`;
    await Deno.writeTextFile(spec, await formatSpec(build, root, entries));
    const { rpm } = program.target;
    const payload = packing === "tight" ? "w6.xzdio" : "w1.zstdio";
    await run("rpmbuild", [
      ...["-bb", "--quiet", `--target=${rpm}-linux`],
      ...["--define", `_topdir ${work}/top`],
      ...["--define", `_rpmdir ${work}/out`],
      ...["--define", `_binary_payload ${payload}`],
      // Debian's own rpmbuild keeps it elsewhere.
      ...["--define", "_prefix /usr"],
      spec,
    ], { env: { SOURCE_DATE_EPOCH: String(source.epochSec) } });
    const name = `${PROGRAM}-${packageVersion(source.version)}-1.${rpm}.rpm`;
    await Deno.rename(`${work}/out/${rpm}/${name}`, `${dist}/${name}`);
    return `${dist}/${name}`;
  } finally {
    await Deno.remove(work, { recursive: true });
  }
}

/** Returns the folders that hold files of this package alone; without them a removal leaves them behind. */
function ownFolders(staged: readonly Entry[]): readonly Entry[] {
  const folders = staged.flatMap(({ path }) =>
    new RegExp(`^/usr/.*/${PROGRAM}(?=/)`).exec(path)?.[0] ?? []
  );
  return [...new Set(folders)].map((path) => ({ path, mode: 0o755 }));
}

async function formatSpec(
  { source, bundle }: Build,
  root: string,
  entries: readonly Entry[],
): Promise<string> {
  const template = await Deno.readTextFile(
    `${ROOT}packaging/rpm/package.spec`,
  );
  const parts = bundle.packages.map(({ licence }) => licence);
  const licences = ["Apache-2.0", "MIT", ...parts]
    .flatMap((licence) => licence.split(" AND "));
  const values: Readonly<Record<string, string>> = {
    version: packageVersion(source.version),
    licence: [...new Set(licences)].join(" AND "),
    homepage: HOMEPAGE,
    maintainer: MAINTAINER,
    root,
    files: formatFiles(entries),
    date: formatDate(source),
  };
  return template.replace(
    /(?<!%)\{(\w+)\}/g,
    (whole, name: string) => values[name] ?? whole,
  );
}

function formatFiles(entries: readonly Entry[]): string {
  return entries.map(({ path, content, mode, group, isConfig }) => {
    const owner = path.startsWith("/var/") ? group : "root";
    const words = [
      `%attr(${mode.toString(8).padStart(4, "0")}, ${owner}, ${
        group ?? "root"
      })`,
    ];
    if (content === undefined) words.push("%dir");
    if (isConfig === true) words.push("%config(noreplace)");
    if (path.includes("/licenses/")) words.push("%license");
    if (/\/(?:doc|man)\//.test(path)) words.push("%doc");
    return [...words, path].join(" ");
  }).join("\n");
}

function formatDate({ epochSec }: Source): string {
  const [day, date, month, year] = new Date(epochSec * 1000).toUTCString()
    .replace(",", "").split(" ");
  return [day, month, date, year].join(" ");
}
