/**
 * The commands that write what this process may not write itself.
 *
 * @module
 */

import { quoteWord } from "../../ports/admin_hints.ts";
import type { Place } from "./layout.ts";

/** What a file is made of. */
export interface NewFile {
  readonly place: Place;
  /** What it holds; of a secret that was typed this is not shown, and the person types it again. */
  readonly content:
    | { readonly text: string }
    | { readonly copyOf: string }
    | { readonly secret: string };
}

/** Returns a command for each file, to be pasted into a shell. */
export function formatInstallLines(files: readonly NewFile[]): string {
  return files.map(({ place, content }) => {
    const { owner, mode, path } = place;
    const octal = mode.toString(8).padStart(4, "0");
    const install = owner === undefined
      ? `install -m ${octal}`
      : `sudo install -o ${owner.user} -g ${owner.group} -m ${octal}`;
    if ("copyOf" in content) {
      return `${install} ${quoteWord(content.copyOf)} ${quoteWord(path)}\n`;
    }
    return "text" in content
      ? `${install} /dev/stdin ${quoteWord(path)} <<'EOF'\n${content.text}EOF\n`
      : `# Paste the token, then press Enter and Ctrl-D:\n${install} /dev/stdin ${
        quoteWord(path)
      }\n`;
  }).join("\n");
}
