/**
 * Everything that a package puts on a machine, and where.
 *
 * @module
 */

import { gzipSync } from "node:zlib";
import exampleConfig from "../src/cli/example.toml" with { type: "text" };
import {
  PACKAGE_IDENTITY_PATH,
  PACKAGE_TOKEN_PATH,
} from "../src/config/default_path.ts";
import type { Build } from "./build.ts";
import { formatBash, formatFish, formatZsh } from "./completions.ts";
import { formatConfigPage, formatProgramPage, readSources } from "./man.ts";
import { PROGRAM, type Program } from "./program.ts";
import { ROOT } from "./source.ts";

/** One file or folder of a package. */
export interface Entry {
  /** Where it belongs. */
  readonly path: string;
  /** Its content, or the file that has it; a folder has none. */
  readonly content?: Uint8Array<ArrayBuffer> | { readonly file: string };
  readonly mode: number;
  /** Who owns it; root if not given. The group is what matters: it may read what others must not. */
  readonly group?: typeof PROGRAM;
  /** Whether an admin changes it, so that an upgrade has to leave it alone. */
  readonly isConfig?: boolean;
}

/** Kinds of packages that differ in where some things belong. */
export type PackageKind = "deb" | "rpm" | "tarball";

/** Returns what a package consists of, apart from what its format asks for. */
export async function stage(
  { dist, source }: Build,
  program: Program,
  kind: PackageKind,
): Promise<readonly Entry[]> {
  const usr = kind === "tarball" ? "/usr/local" : "/usr";
  const sources = await readSources(ROOT);
  const pages = {
    "man8/teleport-discord.8": formatProgramPage(sources, source),
    "man5/teleport-discord.toml.5": formatConfigPage(sources, source),
  };
  const zsh = kind === "deb" ? "vendor-completions" : "site-functions";
  const completions = {
    [`bash-completion/completions/${PROGRAM}`]: formatBash(),
    [`fish/vendor_completions.d/${PROGRAM}.fish`]: formatFish(),
    [`zsh/${zsh}/_${PROGRAM}`]: formatZsh(),
  };
  const unit = await Deno.readTextFile(`${SYSTEMD}teleport-discord.service`);
  const sysusers = await Deno.readTextFile(`${SYSTEMD}sysusers.conf`);
  const config: readonly Entry[] = [
    {
      path: "/etc/teleport-discord.toml",
      content: text(packagedConfig()),
      mode: 0o640,
      group: PROGRAM,
      isConfig: true,
    },
    { path: "/etc/teleport-discord", mode: 0o750, group: PROGRAM },
  ];
  return [
    ...kind === "tarball" ? [] : config,
    ...program.files.map(({ path, mode }) => ({
      path: `${usr}/${path}`,
      content: { file: `${program.folder}/${path}` },
      mode,
    })),
    ...Object.entries({
      [`${usr}/lib/systemd/system/${PROGRAM}.service`]: text(
        unit.replaceAll("/usr/bin/", `${usr}/bin/`),
      ),
      [`${usr}/lib/sysusers.d/${PROGRAM}.conf`]: text(sysusers),
      ...mapped(pages, (name) => `${usr}/share/man/${name}.gz`, gzip),
      ...mapped(completions, (name) => `${usr}/share/${name}`, text),
    }).map(([path, content]) => ({ path, content, mode: 0o644 })),
    ...Object.entries(DOCUMENTATION).map(([name, source]) => ({
      path: `${usr}/share/doc/${PROGRAM}/${name}`,
      content: { file: `${ROOT}${source}` },
      mode: 0o644,
    })),
    ...kind === "rpm"
      ? [
        {
          path: `/usr/share/licenses/${PROGRAM}/LICENSE`,
          content: { file: `${ROOT}LICENSE` },
          mode: 0o644,
        },
        {
          path: `/usr/share/licenses/${PROGRAM}/LICENCES`,
          content: { file: `${dist}/LICENCES` },
          mode: 0o644,
        },
        {
          path: `/usr/share/doc/${PROGRAM}/CHANGELOG.md`,
          content: { file: `${ROOT}CHANGELOG.md` },
          mode: 0o644,
        },
      ]
      : [],
  ];
}

const SYSTEMD = `${ROOT}packaging/systemd/`;

/** What stands below `share/doc`, and the file that it comes from. */
export const DOCUMENTATION = {
  "README.md": "README.md",
  "examples/teleport-discord.yaml": "src/cli/init/teleport-discord.yaml",
  "examples/tbot.yaml": "packaging/examples/tbot.yaml",
  "examples/teleport-discord-tbot.service":
    "packaging/examples/teleport-discord-tbot.service",
  "examples/compose.yaml": "packaging/examples/compose.yaml",
  "monitoring/alerts.yaml": "packaging/monitoring/alerts.yaml",
  "monitoring/dashboard.json": "packaging/monitoring/dashboard.json",
} as const;

/** Returns the example that `configure` prints, with the files that a package has a place for. */
export function packagedConfig(): string {
  const changes: readonly (readonly [string | RegExp, string])[] = [
    [/^# token = .*\n/m, ""],
    ["such as\ntoken =", "such as the one\n# that belongs here:\ntoken ="],
    ['token = "secret-token"', `token = "${PACKAGE_TOKEN_PATH}"`],
    [/^identity = .*$/m, `identity = "${PACKAGE_IDENTITY_PATH}"`],
    [/--out=\S+/, `--out=${PACKAGE_IDENTITY_PATH}`],
    [
      "# Save it as /etc/teleport-discord.toml; fill in the token and the channel IDs.\n",
      "# Fill in the channel IDs, and put the token and the identity into their files.\n",
    ],
  ];
  return changes.reduce((config, [from, to]) => {
    const changed = config.replace(from, to);
    if (changed === config) {
      throw new Error(`the example does not have ${from}`);
    }
    return changed;
  }, exampleConfig);
}

/** Writes entries below a folder, with their modes; whose they are is up to the package. */
export async function writeEntries(
  folder: string,
  entries: readonly Entry[],
): Promise<void> {
  for (const { path, content, mode } of entries) {
    const target = `${folder}${path}`;
    if (content === undefined) {
      await Deno.mkdir(target, { recursive: true });
    } else {
      await Deno.mkdir(target.replace(/\/[^/]*$/, ""), { recursive: true });
      if (content instanceof Uint8Array) await Deno.writeFile(target, content);
      else await Deno.copyFile(content.file, target);
    }
    await Deno.chmod(target, mode);
  }
}

/** Encodes a text. */
export function text(content: string): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(content);
}

/** Packs a text, without a time. */
export function gzip(content: string): Uint8Array<ArrayBuffer> {
  return new Uint8Array(gzipSync(content, { level: 9 }));
}

function mapped<T>(
  record: Readonly<Record<string, string>>,
  rename: (name: string) => string,
  change: (content: string) => T,
): Readonly<Record<string, T>> {
  return Object.fromEntries(
    Object.entries(record).map((
      [name, content],
    ) => [rename(name), change(content)]),
  );
}
