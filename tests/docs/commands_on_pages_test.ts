/**
 * Every block of commands on every page is run by a shell, with a recorder in the place of each program; what it
 * would have run is then judged.
 */

import { ok } from "node:assert/strict";
import manifest from "../../deno.json" with { type: "json" };
import { DOCUMENTATION } from "../../packaging/staging.ts";
import { attempt } from "../../programs/command.ts";
import { requireTeleport } from "../../programs/teleport.ts";
import { howToMakeIdentity } from "../../src/cli/init/teleport_user.ts";
import { type Command, COMMANDS, HELP_FLAG } from "../../src/cli/help.ts";
import { needsTeleport } from "../left_out.ts";
import { fences, PAGES, readPage } from "./pages.ts";

/** Programs that are not replaced, as they do no harm. */
const REAL = ["cat", "mkdir"];

/** What is judged of the arguments of each program that a page may run. */
const JUDGES: Readonly<Record<string, (args: readonly string[]) => void>> = {
  "teleport-discord": judgeOwn,
  deno: (args) => {
    if (args[0] === "task") return judgeTask(args[1]);
    const main = args.findIndex((arg) => arg.endsWith("/main.ts"));
    ok(args[0] === "run" && main > 0);
    judgeOwn(args.slice(main + 1));
  },
  npx: (args) => {
    ok(args[0] === "-y" && /^deno@\d/.test(args[1] ?? ""));
    ok(args[2] === "task");
    judgeTask(args[3] === "--quiet" ? args[4] : args[3]);
  },
  docker: (args) => {
    ok(["run", "kill"].includes(args[0] ?? ""));
    judgeAfter(args, "/usr/local/bin/teleport-plugin");
  },
  kubectl: (args) => judgeAfter(args, "/usr/local/bin/teleport-plugin"),
  // chart_test.ts renders what is installed.
  helm: (args) => ok(args[0] === "install"),
  systemctl: (args) => {
    const verbs = ["enable", "disable", "status", "reload"];
    ok(verbs.includes(args[0] ?? ""));
    const units = ["teleport-discord", "teleport-discord-tbot"];
    ok(units.includes(args.at(-1) ?? ""));
  },
  journalctl: (args) => ok(args[0] === "-u" && args[1] === "teleport-discord"),
  tctl: (args) => ok(TELEPORT.some((known) => startsWith(args, known))),
  tsh: (args) => ok(TELEPORT.some((known) => startsWith(args, known))),
  cp: judgePaths,
  install: judgePaths,
  rm: judgePaths,
  chgrp: judgePaths,
  chmod: judgePaths,
  chown: judgePaths,
  apt: (args) => ok(args[0] === "install" && /\.deb$/.test(args.at(-1) ?? "")),
  dnf: (args) => ok(args[0] === "install" && /\.rpm$/.test(args.at(-1) ?? "")),
  git: (args) => ok(args[0] === "clone"),
  "sha256sum": (args) => ok(args.at(-1) === "SHA256SUMS"),
  tar: (args) => ok(/\.tar\.gz$/.test(args.at(-1) ?? "")),
  "teleport-discord/install": (args) => ok(args.length === 0),
};

/** Commands of Teleport's own tools that pages run; the last test asks the tools for each. */
const TELEPORT = [
  ["create"],
  ["edit"],
  ["auth", "sign"],
  ["bots", "add"],
  ["bots", "update"],
  ["users", "update"],
  ["requests", "approve"],
  ["status"],
  ["request", "create"],
  ["request", "review"],
  ["login"],
  ["logout"],
] as const;

function startsWith(args: readonly string[], words: readonly string[]) {
  return words.every((word, i) => args[i] === word);
}

function judgeTask(task = ""): void {
  ok(Object.hasOwn(manifest.tasks, task), `no task ${task}`);
}

/** Arguments of this program: the command and each flag are known. */
function judgeOwn(args: readonly string[]): void {
  const command = (COMMANDS as readonly Command[])
    .find(({ name }) => name === args[0]);
  ok(command !== undefined, `no command ${args[0]}`);
  for (const arg of args.slice(1).filter((each) => each.startsWith("-"))) {
    const [name] = arg.split("=");
    const known = [...command.flags, HELP_FLAG]
      .some((flag) => name === `--${flag.name}` || name === `-${flag.short}`);
    ok(known, `${args[0]} has no flag ${arg}`);
  }
}

function judgeAfter(args: readonly string[], program: string): void {
  const at = args.indexOf(program);
  if (at >= 0) judgeOwn(args.slice(at + 1));
}

/** What a page takes from the documentation of the package is in the package. */
function judgePaths(args: readonly string[]): void {
  for (const arg of args) {
    const [, name] = /^\/usr\/share\/doc\/teleport-discord\/(.+)$/.exec(arg) ??
      [];
    if (name !== undefined) ok(Object.hasOwn(DOCUMENTATION, name), arg);
  }
}

/** Runs commands in an empty folder, and returns what they would have run: the program, then its arguments. */
async function record(commands: string): Promise<readonly string[][]> {
  const folder = await Deno.makeTempDir();
  try {
    const bin = `${folder}/bin`;
    await Deno.mkdir(`${folder}/work/teleport-discord`, { recursive: true });
    await Deno.mkdir(bin);
    const log = `${folder}/log`;
    await Deno.writeTextFile(log, "");
    const recorder = (name: string) =>
      `#!/bin/sh\nfor each in ${name} "$@"; do printf '%s\\0' "$each"; done >>${log}\nprintf '\\n' >>${log}\n`;
    const programs = Object.keys(JUDGES);
    for (const name of programs) {
      const path = name.includes("/")
        ? `${folder}/work/${name}`
        : `${bin}/${name}`;
      await Deno.writeTextFile(path, recorder(name));
      await Deno.chmod(path, 0o755);
    }
    const sudo = '#!/bin/sh\n[ "$1" != -u ] || shift 2\nexec "$@"\n';
    await Deno.writeTextFile(`${bin}/sudo`, sudo);
    await Deno.chmod(`${bin}/sudo`, 0o755);
    for (const name of REAL) {
      await Deno.symlink(`/bin/${name}`, `${bin}/${name}`);
    }
    const { code, err } = await attempt("/bin/sh", ["-euc", commands], {
      cwd: `${folder}/work`,
      env: { PATH: bin },
    });
    ok(code === 0 && err === "", `${commands}\n${err}`);
    return (await Deno.readTextFile(log)).split("\n").slice(0, -1)
      .map((line) => line.split("\0").slice(0, -1));
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

Deno.test("no page edits a user with tctl, which only the host of the Auth Service may", async () => {
  // Source: docs/design/teleport-behaviour.md 5.4.
  const texts = await Promise.all(
    PAGES.filter((path) => !path.startsWith("docs/design/")).map(readPage),
  );
  for (const text of [howToMakeIdentity(), ...texts]) {
    ok(!/tctl edit users?\b/.test(text));
  }
});

const ofTeleport = new Map<string, string[]>();

for (const path of PAGES) {
  const blocks = fences(await readPage(path), "sh");
  if (blocks.length === 0) continue;
  Deno.test(`${path}: its commands are such as there are`, async () => {
    for (const block of blocks) {
      for (const [program = "", ...args] of await record(block)) {
        const judge = JUDGES[program];
        ok(judge !== undefined, program);
        try {
          judge(args);
        } catch (cause) {
          throw new Error(`${program} ${args.join(" ")}`, { cause });
        }
        if (["tctl", "tsh"].includes(program)) {
          ofTeleport.set(JSON.stringify([program, ...args]), args);
        }
      }
    }
  });
}

const { ignore, leftOut } = needsTeleport("tctl", "tsh");
Deno.test({
  name: `Teleport's own tools know each flag that pages give them${leftOut}`,
  ignore,
  fn: async () => {
    ok(ofTeleport.size > 8);
    for (const [key, args] of ofTeleport) {
      const [program = ""] = JSON.parse(key);
      const words = TELEPORT.find((known) => startsWith(args, known)) ?? [];
      const { out, err } = await attempt(
        requireTeleport(program === "tsh" ? "tsh" : "tctl"),
        [...words, "--help"],
      );
      const help = `${out}${err}`.replaceAll("[no-]", "");
      for (const arg of args.filter((each) => each.startsWith("--"))) {
        const [flag = ""] = arg.split("=");
        ok(help.includes(flag), `${program} ${args.join(" ")}`);
      }
    }
  },
});
