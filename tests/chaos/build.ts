/**
 * Builds the service with something broken on purpose.
 *
 * @module
 */

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

/** The folders that the service consists of; what lies beside or below them is imported from where it is. */
const FOLDERS = ["service", "domain", "lib"];

/** An import of something that is not copied, and with it the classes that the ports throw: there must be one of each. */
const NOT_COPIED = /"(\.\.\/(?:teleport|discord|domain\/\w+)|\.\/\w+)\/[^"]+"/g;

const SOURCE = new URL("../../src/", import.meta.url);

/**
 * Copies the sources into a folder, breaks one place and loads them.
 *
 * @throws {Error} If the place is not there exactly once: then the list of mutants is out of date.
 */
export async function buildMutant(
  { name, file, from, to }: Mutant,
  folder: string,
): Promise<Build> {
  for (const part of FOLDERS) {
    await Deno.mkdir(`${folder}/${part}`, { recursive: true });
    for await (const entry of Deno.readDir(new URL(`${part}/`, SOURCE))) {
      if (!entry.isFile) continue;
      const path = `${part}/${entry.name}`;
      const source = new URL(path, SOURCE);
      let text = (await Deno.readTextFile(source)).replace(
        NOT_COPIED,
        (quoted) => `"${new URL(quoted.slice(1, -1), source)}"`,
      );
      if (path === file) {
        if (text.split(from).length !== 2) {
          throw new Error(`Mutant "${name}" does not fit ${file} any more`);
        }
        text = text.replace(from, () => to);
      }
      await Deno.writeTextFile(`${folder}/${path}`, text);
    }
  }
  const { Service }: Pick<Build, "Service"> = await import(
    `file://${folder}/service/service.ts`
  );
  const { Review }: Pick<Build, "Review"> = await import(
    `file://${folder}/service/review.ts`
  );
  return { Service, Review };
}
