/**
 * The pages that people read, and what tests take out of them.
 *
 * @module
 */

import { ok } from "node:assert/strict";

/** Folder of the repository. */
export const ROOT = new URL("../../", import.meta.url);

/** Every page, by its path in the repository. */
export const PAGES: readonly string[] = [
  "README.md",
  "CONTRIBUTING.md",
  "SECURITY.md",
  ...await pagesBelow("docs"),
];

async function pagesBelow(folder: string): Promise<string[]> {
  const paths: string[] = [];
  for await (
    const { name, isDirectory } of Deno.readDir(new URL(folder, ROOT))
  ) {
    const path = `${folder}/${name}`;
    if (isDirectory) paths.push(...await pagesBelow(path));
    else if (name.endsWith(".md")) paths.push(path);
  }
  return paths.toSorted();
}

/** Returns the text of a page. */
export async function readPage(path: string): Promise<string> {
  return await Deno.readTextFile(new URL(path, ROOT));
}

/** Returns the text below a heading, up to the next heading of the same level or a higher one. */
export function section(page: string, heading: string): string {
  const level = /^#+/.exec(heading)?.[0].length ?? 0;
  const lines = page.split("\n");
  const start = lines.indexOf(heading);
  ok(start >= 0, `the page has no heading "${heading}"`);
  const rest = lines.slice(start + 1);
  let fenced = false;
  const end = rest.findIndex((line) => {
    if (/^ *```/.test(line)) fenced = !fenced;
    const marks = fenced ? undefined : /^(#+) /.exec(line)?.[1]?.length;
    return marks !== undefined && marks <= level;
  });
  return (end < 0 ? rest : rest.slice(0, end)).join("\n");
}

/** Returns the fenced blocks of a language, without their indent. */
export function fences(text: string, language: string): string[] {
  return allFences(text).filter((fence) => fence.language === language)
    .map((fence) => fence.text);
}

/** One fenced block of a page. */
export interface Fence {
  readonly language: string;
  readonly text: string;
}

/** Returns all fenced blocks, in their order. */
export function allFences(page: string): Fence[] {
  const pattern = /^( *)```(\w*)\n(?:([^]*?)\n)?\1```$/gm;
  return [...page.matchAll(pattern)]
    .map(([, indent = "", language = "", text = ""]) => ({
      language,
      text: text.split("\n").map((line) => line.slice(indent.length))
        .join("\n"),
    }));
}

/** Returns the rows of all tables, without their heads. */
export function tableRows(text: string): string[][] {
  return text.split("\n")
    .filter((line, i, lines) =>
      line.startsWith("| ") && !/^\| -/.test(line) &&
      !/^\| -/.test(lines[i + 1] ?? "")
    )
    .map((line) =>
      line.split(/(?<!\\)\|/).slice(1, -1).map((cell) => cell.trim())
    );
}

/** Returns a page without its fenced blocks. */
export function proseOf(page: string): string {
  return page.replace(/^ *```[^]*?^ *```$/gm, "");
}

/** Returns what stands in marks of code in the prose of a page. */
export function codesIn(text: string): string[] {
  return [...proseOf(text).matchAll(/`([^`]+)`/g)]
    .map(([, code = ""]) => code);
}
