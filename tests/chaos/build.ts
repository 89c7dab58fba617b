/**
 * Builds the service with something broken on purpose.
 *
 * @module
 */

import { readImports, SOURCES } from "../imports.ts";
import type { Build } from "./world.ts";

/** One deliberate breakage: a text of a source file and what replaces it. */
export interface Mutant {
  /** What it does wrong. */
  readonly name: string;
  /** Below `src/`. */
  readonly file: string;
  readonly from: string;
  readonly to: string;
}

/** Where the classes are that the schedules build. */
const SERVICE = "daemon/pipeline.ts";
const REVIEW = "review/click_handler.ts";
const SUBMIT = "review/review_submitter.ts";

const QUOTED_PATH = /"(\.{1,2}\/[^"]+\.ts)"/g;

const imports = await readImports();

/**
 * Copies the broken file and those that load it, and loads the copies. Everything
 * else is imported from where it is, so of each class that the ports throw there is one.
 *
 * @throws {Error} If the place is not there exactly once: then the list of mutants is out of date.
 */
export async function buildMutant(
  { name, file, from, to }: Mutant,
  folder: string,
): Promise<Build> {
  const copied = importersOf(file);
  for (const path of copied) {
    const source = new URL(path, SOURCES);
    let text = (await Deno.readTextFile(source)).replace(
      QUOTED_PATH,
      (quoted, specifier: string) => {
        const { href } = new URL(specifier, source);
        return copied.has(href.slice(SOURCES.href.length))
          ? quoted
          : `"${href}"`;
      },
    );
    if (path === file) {
      if (text.split(from).length !== 2) {
        throw new Error(`Mutant "${name}" does not fit ${file} any more`);
      }
      text = text.replace(from, () => to);
    }
    const target = new URL(path, `file://${folder}/`);
    await Deno.mkdir(new URL(".", target), { recursive: true });
    await Deno.writeTextFile(target, text);
  }
  const load = (path: string) =>
    import(
      copied.has(path)
        ? `file://${folder}/${path}`
        : new URL(path, SOURCES).href
    );
  const { Pipeline }: Pick<Build, "Pipeline"> = await load(SERVICE);
  const { ClickHandler }: Pick<Build, "ClickHandler"> = await load(REVIEW);
  const { ReviewSubmitter }: Pick<Build, "ReviewSubmitter"> = await load(
    SUBMIT,
  );
  return { Pipeline, ClickHandler, ReviewSubmitter };
}

/** Returns the files that load a file, by way of others as well. */
function importersOf(file: string): ReadonlySet<string> {
  const found = new Set([file]);
  for (const target of found) {
    for (const each of imports) {
      if (each.target === target && !each.isTypeOnly) found.add(each.file);
    }
  }
  return found;
}
