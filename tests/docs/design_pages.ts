/** The pages of docs/design/, as tests look at them. */

export const ROOT = new URL("../../", import.meta.url);

/** Text by name, without `.md`. */
export const PAGES: ReadonlyMap<string, string> = await readPages();

/** Returns the paths of all files below a folder, from the root of the repository. */
export async function listFiles(folder: string): Promise<readonly string[]> {
  const found: string[] = [];
  for await (const entry of Deno.readDir(new URL(`${folder}/`, ROOT))) {
    const path = `${folder}/${entry.name}`;
    if (entry.isDirectory) found.push(...await listFiles(path));
    else if (entry.isFile) found.push(path);
  }
  return found.toSorted();
}

/** Returns the numbers of a page's sections, such as `2` and `2.1`, in their order. */
export function sectionsOf(page: string): readonly string[] {
  return headingsOf(page).map((heading) =>
    /^#+ (\d+(?:\.\d+)*) /.exec(heading)?.[1]
  ).filter((number) => number !== undefined);
}

/** Returns the headings of a page with their marks, but not what looks like one in a block of code. */
export function headingsOf(page: string): readonly string[] {
  const prose = page.replace(/^```[^]*?^```$/gm, "");
  return prose.split("\n").filter((line) => /^#+ /.test(line));
}

async function readPages(): Promise<ReadonlyMap<string, string>> {
  const paths = (await listFiles("docs/design")).filter((path) =>
    path.endsWith(".md")
  );
  const pages = await Promise.all(
    paths.map(async (path) =>
      [
        path.slice("docs/design/".length, -".md".length),
        await Deno.readTextFile(new URL(path, ROOT)),
      ] as const
    ),
  );
  return new Map(pages);
}
