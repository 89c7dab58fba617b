/**
 * The commands on the pages, to be run as a reader would.
 *
 * @module
 */

import { fences, readPage, section } from "../docs/pages.ts";
import { check } from "./tools.ts";

/**
 * Returns the one block of commands below a heading.
 *
 * @param page Name of the page, below docs/.
 */
export async function commandsOf(
  page: string,
  heading: string,
): Promise<string> {
  const text = await readPage(`docs/${page}`);
  const level = text.includes(`\n## ${heading}\n`) ? "##" : "#";
  const blocks = fences(section(text, `${level} ${heading}`), "sh");
  const [block] = blocks;
  if (block === undefined || blocks.length > 1) {
    throw new Error(
      `${page}: expected one block of commands below "${heading}", found ${blocks.length}`,
    );
  }
  return block;
}

/**
 * Runs commands in a folder, some of them with something else in their place; returns what they printed.
 *
 * @param instead Shell scripts by name of the program that they stand for.
 */
export async function runInstead(
  folder: string,
  commands: string,
  instead: Readonly<Record<string, string>>,
): Promise<string> {
  const bin = `${folder}/bin`;
  await Deno.mkdir(bin, { recursive: true });
  for (const [name, script] of Object.entries(instead)) {
    await Deno.writeTextFile(`${bin}/${name}`, `#!/bin/sh\n${script}\n`);
    await Deno.chmod(`${bin}/${name}`, 0o755);
  }
  const PATH = `${bin}:${Deno.env.get("PATH")}`;
  return await check(["sh", "-euc", `cd ${folder} && ${commands}`], { PATH });
}
