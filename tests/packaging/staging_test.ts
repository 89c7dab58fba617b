/** What packages put on a machine. */

import { deepStrictEqual, match, ok, strictEqual } from "node:assert/strict";
import type { Build } from "../../packaging/build.ts";
import type { Program } from "../../packaging/program.ts";
import {
  packagedConfig,
  type PackageKind,
  stage,
} from "../../packaging/staging.ts";
import { TARGETS } from "../../packaging/targets.ts";
import { draftConfig } from "../../src/config/config.ts";
import { ConfigError } from "../../src/config/reading/problem.ts";

const [target] = TARGETS;
ok(target !== undefined);
const program: Program = {
  target,
  folder: "/built",
  deno: "2.9.6",
  files: [{ path: "bin/teleport-discord", mode: 0o755 }],
};
const build: Build = {
  dist: "/dist",
  source: { version: "1.2.3", gitRef: "", epochSec: 1_780_000_000 },
  bundle: { folder: "/bundle", entry: "", files: [], bytes: 0, packages: [] },
  programs: [program],
};

async function list(kind: PackageKind): Promise<string[]> {
  return (await stage(build, program, kind)).map((
    { path, mode, content, group, isConfig },
  ) =>
    [
      mode.toString(8),
      `root:${group ?? "root"}`,
      path + (content === undefined ? "/" : ""),
      ...isConfig === true ? ["(configuration)"] : [],
    ].join(" ")
  );
}

const CONFIG = [
  "640 root:teleport-discord /etc/teleport-discord.toml (configuration)",
  "750 root:teleport-discord /etc/teleport-discord/",
];

const common = (usr: string, zsh: string) => [
  `755 root:root ${usr}/bin/teleport-discord`,
  `644 root:root ${usr}/lib/systemd/system/teleport-discord.service`,
  `644 root:root ${usr}/lib/sysusers.d/teleport-discord.conf`,
  `644 root:root ${usr}/share/man/man8/teleport-discord.8.gz`,
  `644 root:root ${usr}/share/man/man5/teleport-discord.toml.5.gz`,
  `644 root:root ${usr}/share/bash-completion/completions/teleport-discord`,
  `644 root:root ${usr}/share/fish/vendor_completions.d/teleport-discord.fish`,
  `644 root:root ${usr}/share/zsh/${zsh}/_teleport-discord`,
  ...[
    "README.md",
    "examples/teleport-discord.yaml",
    "examples/tbot.yaml",
    "examples/teleport-discord-tbot.service",
    "examples/compose.yaml",
    "monitoring/alerts.yaml",
    "monitoring/dashboard.json",
  ].map((name) => `644 root:root ${usr}/share/doc/teleport-discord/${name}`),
];

Deno.test("a .deb holds these files", async () => {
  deepStrictEqual(await list("deb"), [
    ...CONFIG,
    ...common("/usr", "vendor-completions"),
  ]);
});

Deno.test("an .rpm holds these files", async () => {
  deepStrictEqual(await list("rpm"), [
    ...CONFIG,
    ...common("/usr", "site-functions"),
    "644 root:root /usr/share/licenses/teleport-discord/LICENSE",
    "644 root:root /usr/share/licenses/teleport-discord/LICENCES",
    "644 root:root /usr/share/doc/teleport-discord/CHANGELOG.md",
  ]);
});

Deno.test("a tarball holds these files, for /usr/local", async () => {
  deepStrictEqual(
    await list("tarball"),
    common("/usr/local", "site-functions"),
  );
  const entries = await stage(build, program, "tarball");
  const unit = entries.find(({ path }) => path.endsWith(".service"));
  ok(unit?.content instanceof Uint8Array);
  match(
    new TextDecoder().decode(unit.content),
    /^ExecStart=\/usr\/local\/bin\/teleport-discord start /m,
  );
});

Deno.test("the configuration of the packages lacks channels alone, and holds no secret", () => {
  const config = packagedConfig();
  match(config, /^token = "\/etc\/teleport-discord\/token"$/m);
  match(config, /^identity = "\/var\/lib\/teleport-discord\/identity"$/m);
  strictEqual(config.includes("secret-token"), false);
  const wrong = (text: string) => {
    try {
      return draftConfig(text, "f").finish().problems;
    } catch (error) {
      if (error instanceof ConfigError) return error.problems;
      throw error;
    }
  };
  const keys = wrong(config).map(({ key }) => key);
  deepStrictEqual(keys, [
    'role_to_recipients."*"[0]',
    'role_to_recipients."*"[1]',
  ]);
  const filled = config.replace(/^"\*" = .*$/m, '"*" = "123456789012345678"');
  deepStrictEqual(wrong(filled), []);
});
