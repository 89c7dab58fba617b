/**
 * The imports of the sources, for tests that look at how the code hangs together.
 *
 * @module
 */

export const SOURCES = new URL("../src/", import.meta.url);

/** One import of one source file. */
export interface Import {
  /** Path below `src/`. */
  readonly file: string;
  /** Path below `src/` of a file of ours, `deno.json`, or the specifier of a package. */
  readonly target: string;
  readonly isOurs: boolean;
  readonly isTypeOnly: boolean;
  /** Whether it is an `import()`, which loads nothing until it is reached. */
  readonly isLazy: boolean;
}

/** Returns every import of every file below `src/`. */
export async function readImports(): Promise<readonly Import[]> {
  const files = await listSources(SOURCES);
  const all = await Promise.all(files.map(async (url) => {
    const file = below(url.href);
    return parseImports(await Deno.readTextFile(url)).map(
      ({ specifier, isTypeOnly, isLazy }) => {
        const target = specifier.startsWith(".")
          ? below(new URL(specifier, url).href)
          : specifier;
        const isOurs = specifier.startsWith(".") &&
          target !== "deno.json";
        return { file, target, isOurs, isTypeOnly, isLazy };
      },
    );
  }));
  return all.flat();
}

/** Returns the files below a folder, in folders below it as well. */
export async function listSources(folder: URL): Promise<readonly URL[]> {
  const found: URL[] = [];
  for await (const entry of Deno.readDir(folder)) {
    if (entry.isDirectory) {
      found.push(...await listSources(new URL(`${entry.name}/`, folder)));
    } else if (entry.name.endsWith(".ts")) {
      found.push(new URL(entry.name, folder));
    }
  }
  return found;
}

function below(href: string): string {
  return href.startsWith(SOURCES.href)
    ? href.slice(SOURCES.href.length)
    : new URL(href).pathname.replace(/.*\//, "");
}

interface ImportLine {
  readonly specifier: string;
  readonly isTypeOnly: boolean;
  readonly isLazy: boolean;
}

/** Reads the imports and the exports from elsewhere in a source text. */
export function parseImports(source: string): readonly ImportLine[] {
  const code = source.replace(/\/\*[^]*?\*\/|^\s*\/\/.*$/gm, "");
  const statement =
    /^\s*(?:import|export)\s(?<clause>[^"';=()]*?)from\s*"(?<from>[^"]+)"|^\s*import\s*"(?<alone>[^"]+)"|\bimport\(\s*"(?<lazy>[^"]+)"/gm;
  return [...code.matchAll(statement)].map(({ groups = {} }) => ({
    specifier: groups.from ?? groups.alone ?? groups.lazy ?? "",
    isTypeOnly: isTypeOnly(groups.clause),
    isLazy: groups.lazy !== undefined,
  }));
}

/** Whether a clause such as `{ type A, type B }` or `type { A }` brings no values. */
function isTypeOnly(clause: string | undefined): boolean {
  if (clause === undefined) return false;
  if (/^type\b/.test(clause)) return true;
  const names = /^\{(?<names>[^}]*)\}\s*$/.exec(clause)?.groups?.names ?? "";
  const list = names.split(",").map((name) => name.trim()).filter(Boolean);
  return list.length > 0 && list.every((name) => name.startsWith("type "));
}
