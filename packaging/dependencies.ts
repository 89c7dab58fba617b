/**
 * What a bundle owes to others: the npm packages in it, and under which terms.
 *
 * @module
 */

/** An npm package of which something is in the bundle. */
export interface BundledPackage {
  readonly name: string;
  readonly version: string;
  /** SPDX expression. */
  readonly licence: string;
  /** Text of the licence, with the copyright notices. */
  readonly text: string;
  /** SHA-512 of its archive, as the lock file has it, in base64. */
  readonly sha512: string;
}

const LOCK = new URL("../deno.lock", import.meta.url);

const LICENCE_FILE = /^(?:licen[cs]e|copying|notice|copyrightnotice)/i;

/** A comment that a file begins with and that speaks of copyright. */
const NOTICE = /^(?:"use strict";\s*)?(?<notice>(?:\/\/.*\n)+|\/\*[^]*?\*\/)/;

/**
 * Returns the packages that files below a `node_modules` belong to, by name.
 *
 * @param paths Files of the bundle; those of our own are skipped.
 * @throws {Error} If a package does not say under which terms it may be passed on.
 */
export async function packagesIn(
  paths: readonly string[],
): Promise<readonly BundledPackage[]> {
  const byFolder = Map.groupBy(paths, packageFolder);
  const packages = await Promise.all(
    [...byFolder].flatMap(([folder, files]) =>
      folder === undefined ? [] : [readPackage(folder, files)]
    ),
  );
  return packages.toSorted((a, b) => a.name < b.name ? -1 : 1);
}

function packageFolder(path: string): string | undefined {
  return /^.*\/node_modules\/(?:@[^/]+\/)?[^/]+/.exec(path)?.[0];
}

async function readPackage(
  folder: string,
  files: readonly string[],
): Promise<BundledPackage> {
  const { name, version, license } = JSON.parse(
    await Deno.readTextFile(`${folder}/package.json`),
  );
  const texts = await licenceFiles(folder);
  const text = (texts.length > 0 ? texts : await notices(files)).join("\n\n");
  const { integrity } = (await lockedPackages())[`${name}@${version}`] ?? {};
  if (typeof license !== "string" || text === "" || integrity === undefined) {
    throw new Error(
      `Cannot ship ${name}@${version}: no licence, no text of it, or not locked`,
    );
  }
  const sha512 = integrity.replace("sha512-", "");
  return {
    name,
    version,
    licence: license.replace(/^\((.*)\)$/, "$1"),
    text,
    sha512,
  };
}

async function lockedPackages(): Promise<
  Readonly<Record<string, { readonly integrity: string }>>
> {
  return JSON.parse(await Deno.readTextFile(LOCK)).npm;
}

async function licenceFiles(folder: string): Promise<string[]> {
  const names: string[] = [];
  for await (const { name, isFile } of Deno.readDir(folder)) {
    if (isFile && LICENCE_FILE.test(name)) names.push(name);
  }
  return await Promise.all(
    names.toSorted().map(async (name) =>
      (await Deno.readTextFile(`${folder}/${name}`)).trim()
    ),
  );
}

/** Returns the different notices at the head of files, for a package that has no file of its own for them. */
async function notices(files: readonly string[]): Promise<string[]> {
  const heads = await Promise.all(
    files.map(async (file) =>
      NOTICE.exec(await Deno.readTextFile(file))?.groups?.notice ?? ""
    ),
  );
  const found = heads.filter((head) => /copyright/i.test(head))
    .map((head) => head.replace(/^ ?(?:\/\/|\/\*+|\*+\/|\*)? ?/gm, "").trim());
  return [...new Set(found)].toSorted();
}

/** Returns one text with the licences of everything in the bundle, and of the runtime around it. */
export function formatLicences(
  packages: readonly BundledPackage[],
  runtime: string,
): string {
  const parts = packages.map(({ name, version, licence, text }) => ({
    title: `${name} ${version} (${licence})`,
    text,
  }));
  const rule = "-".repeat(76);
  return [
    "teleport-discord contains parts of the packages below, and runs in Deno. Their terms:\n",
    ...[...parts, { title: "Deno (MIT)", text: runtime }].map((
      { title, text },
    ) =>
      `${rule}\n${title}\n${rule}\n\n${
        text.trim().replace(/[ \t\r]+$/gm, "")
      }\n`
    ),
  ].join("\n");
}
