/**
 * The commands that write what this process may not write itself.
 *
 * @module
 */

import { SERVICE_USER } from "../../config/default_path.ts";
import { quoteWord } from "../../ports/admin_hints.ts";
import type { Place } from "./layout.ts";

/** What a file is made of. */
export interface NewFile {
  readonly place: Place;
  /** What it holds, or a copy of which file it is. Of a secret that was typed the person types it again. */
  readonly content:
    | { readonly text: string }
    | { readonly copyOf: string }
    | { readonly secret: string; readonly isIn?: string | undefined };
}

/** Returns a command for each file, to be pasted into a shell; none shows a secret. */
export function formatInstallLines(files: readonly NewFile[]): string {
  return files.map(({ place: { owner, mode, path }, content }) => {
    const octal = mode.toString(8).padStart(4, "0");
    const install = owner === undefined
      ? `install -m ${octal}`
      : `sudo install -o ${owner} -g ${SERVICE_USER} -m ${octal}`;
    const typed = `${install} /dev/stdin ${quoteWord(path)}`;
    if ("text" in content) return `${typed} <<'EOF'\n${content.text}EOF\n`;
    const source = "copyOf" in content ? content.copyOf : content.isIn;
    return source === undefined
      ? `# Paste the token, then press Enter and Ctrl-D:\n${typed}\n`
      : `${install} ${quoteWord(source)} ${quoteWord(path)}\n`;
  }).join("\n");
}
