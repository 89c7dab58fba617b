/**
 * What a text looks like that was to be TOML, where somebody wrote another format.
 *
 * @module
 */

import type { Problem } from "./problem.ts";

const EXAMPLE = "`teleport-discord configure` prints an example";

/** Recognises another format by its first telling line; `undefined` if nothing tells. */
export function recognizeFormat(
  text: string,
): Pick<Problem, "line" | "detail" | "hint"> | undefined {
  const lines = text.split("\n");
  const index = lines.findIndex((line) => /\S/.test(line.replace(/#.*/, "")));
  const first = lines[index]?.trim() ?? "";
  const line = index + 1;
  if (/^-----BEGIN /.test(first)) {
    return {
      line,
      detail: "expected TOML, found a key or a certificate",
      hint:
        "name the configuration by --config, and this file by identity in it",
    };
  }
  if (first.startsWith("{")) {
    const hint = `write sections and keys: ${EXAMPLE}`;
    return { line, detail: "expected TOML, found JSON", hint };
  }
  return first === "---" || isYaml(lines)
    ? { line, detail: "expected TOML, found YAML", hint: yamlHint(first) }
    : undefined;
}

/** Whether some lines are keys of YAML, and none is a section or a key of TOML. */
function isYaml(lines: readonly string[]): boolean {
  return lines.some((line) => /^\s*["']?[\w*.-]+["']?:(?:\s|$)/.test(line)) &&
    !lines.some((line) => /^\s*(?:\[\w+\]|["']?[\w*.-]+["']? *=)/.test(line));
}

function yamlHint(first: string): string {
  const section = /^(\w+):$/.exec(first)?.[1];
  const how = section === undefined
    ? "write sections as [teleport] and keys as key = value"
    : `write [${section}] for "${section}:", and key = value below it`;
  return `${how}: ${EXAMPLE}`;
}
