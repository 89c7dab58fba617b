/**
 * The commands of the README, to be run as a reader would.
 *
 * @module
 */

import { parseMarkdown, sectionOf } from "../../packaging/markdown.ts";
import { ROOT } from "../../packaging/source.ts";
import { check } from "./tools.ts";

const README = parseMarkdown(await Deno.readTextFile(`${ROOT}README.md`));

/** Returns the block of commands below a heading. */
export function commandsOf(heading: string): string {
  const blocks = sectionOf(README, heading)
    .flatMap((block) => block.kind === "code" ? [block.text] : []);
  const [block] = blocks;
  if (block === undefined || blocks.length > 1) {
    throw new Error(
      `README: expected one block below "${heading}", found ${blocks.length}`,
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
