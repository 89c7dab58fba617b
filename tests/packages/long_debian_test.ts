/**
 * The .deb on a Debian: installed as docs/install.md says, run under its unit against a real Teleport, upgraded,
 * removed, purged; and put in the place of the official plugin.
 */

import {
  deepStrictEqual,
  match,
  notStrictEqual,
  ok,
  strictEqual,
} from "node:assert/strict";
import { build } from "../../packaging/build.ts";
import { createDeb } from "../../packaging/deb.ts";
import { createTarball } from "../../packaging/tarball.ts";
import { TARGETS } from "../../packaging/targets.ts";
import { CHANNEL } from "../e2e/world.ts";
import { Stage } from "../cluster/plugin_stage.ts";
import { needsTeleport } from "../left_out.ts";
import { Machine, needsRoot } from "./machine.ts";
import { commandsOf } from "./pages.ts";
import { requireTeleport } from "../../programs/teleport.ts";
import { check, emptyFolder } from "./tools.ts";

const possible = needsRoot("dpkg-deb");
const teleport = needsTeleport("teleport", "tctl", "teleport-discord");
const leftOut = possible.leftOut || teleport.leftOut;
const ignore = leftOut !== "";

// What speaks gRPC: the compiled form has too old a base where Deno's own cannot be had.
const built = ignore ? undefined : await build({
  dist: await emptyFolder("debian"),
  mode: { kind: "runtime" },
  targets: TARGETS.slice(0, 1),
});

/** Makes the package as another version. */
async function debOf(version: string): Promise<string> {
  const [program] = built?.programs ?? [];
  ok(built !== undefined && program !== undefined);
  return await createDeb(
    { ...built, source: { ...built.source, version } },
    program,
    "quick",
  );
}

const ACTIVE = "systemctl is-active teleport-discord || true";
const MAIN_PID = "systemctl show --property=MainPID --value teleport-discord";

Deno.test({
  name: `Debian: a life of the package, against a real Teleport${leftOut}`,
  ignore,
  fn: async (t) => {
    await using stage = await Stage.start();
    await using machine = await Machine.start();
    const identity = await stage.cluster.sign("discord-plugin");
    const alice = await stage.act("alice");
    const announced = async (text = "PENDING") => {
      const id = await alice.createRequest({
        user: "alice",
        roles: ["dev"],
        reason: "a trial",
      });
      await stage.shows(id, text);
    };
    const put = (from: string, to: string) =>
      Deno.copyFile(from, `${machine.root}${to}`);
    const first = await debOf("0.0.1");
    await put(first, "/root/teleport-discord_0.0.1-1_amd64.deb");
    await put(identity, "/root/identity");
    await Deno.writeTextFile(
      `${machine.root}/root/token`,
      `${stage.discord.token}\n`,
    );

    await t.step("installs, and starts nothing", async () => {
      await machine.run(await commandsOf("install.md", "Debian, Ubuntu"));
      strictEqual(await machine.run(ACTIVE), "inactive\n");
      match(
        await machine.run("systemctl is-enabled teleport-discord || true"),
        /^disabled\n$/,
      );
      strictEqual(
        await machine.run(
          "cd / && stat --format='%A %U:%G %n' etc/teleport-discord.toml etc/teleport-discord var/lib/teleport-discord",
        ),
        "-rw-r----- root:teleport-discord etc/teleport-discord.toml\n" +
          "drwxr-x--- root:teleport-discord etc/teleport-discord\n" +
          "drwxr-x--- teleport-discord:teleport-discord var/lib/teleport-discord\n",
      );
      strictEqual(await machine.run("dpkg --verify teleport-discord"), "");
      match(
        await machine.run("teleport-discord version"),
        /^teleport-discord v/,
      );
      match(
        await machine.run(
          "man -w 8 teleport-discord; man -w 5 teleport-discord.toml",
        ),
        /man8.*\n.*man5/,
      );
    });

    await t.step(
      "says what is missing, once, if it is started as it is",
      async () => {
        await machine.attempt("systemctl start teleport-discord");
        const shown = await machine.run(
          "systemctl show --property=Result,ExecMainStatus,NRestarts teleport-discord",
        );
        deepStrictEqual(shown.trim().split("\n").toSorted(), [
          "ExecMainStatus=78",
          "NRestarts=0",
          "Result=exit-code",
        ]);
        match(
          await machine.run("journalctl --unit teleport-discord --output cat"),
          /expected a channel ID/,
        );
        await machine.run("systemctl reset-failed teleport-discord");
      },
    );

    await t.step(
      "is set up as docs/install.md says, and announces",
      async () => {
        const config = `${machine.root}/etc/teleport-discord.toml`;
        const filled = (await Deno.readTextFile(config))
          .replace(/^"\*" = .*$/m, `"*" = "${CHANNEL}"`)
          .replace(/^# addr = .*$/m, `addr = "${stage.cluster.authAddress}"`)
          .replace(
            /^\[discord\]$/m,
            `[discord]\napiurl = "${stage.discord.url}"`,
          );
        await Deno.writeTextFile(config, filled);
        const out = await machine.run(
          await commandsOf("install.md", "Set up the service"),
        );
        match(out, /Active: active \(running\)/);
        await announced();
      },
    );

    await t.step(
      "is set up anew by init, as root, and goes on with that",
      async () => {
        const out = await machine.run([
          "chmod 0600 identity token",
          `teleport-discord init --identity=identity --addr=${stage.cluster.authAddress} ` +
          `--token-file=token --channel=${CHANNEL} --apiurl=${stage.discord.url} --overwrite`,
          "systemctl restart teleport-discord",
          "sudo -u teleport-discord teleport-discord check",
          "stat --format='%A %U:%G %n' /etc/teleport-discord.toml /etc/teleport-discord/* /var/lib/teleport-discord/identity",
        ].join("\n"));
        match(out, /test message to \d+: posted and removed/);
        ok(
          out.endsWith(
            "-rw-r----- root:teleport-discord /etc/teleport-discord.toml\n" +
              "-rw-r----- root:teleport-discord /etc/teleport-discord/token\n" +
              "-rw-r----- teleport-discord:teleport-discord /var/lib/teleport-discord/identity\n",
          ),
          out,
        );
        await announced();
      },
    );

    await t.step("runs as its own user in a sandbox", async () => {
      const status = await machine.run(`cat /proc/$(${MAIN_PID})/status`);
      match(status, /^NoNewPrivs:\t1$/m);
      match(status, /^CapEff:\t0+$/m);
      match(status, /^Seccomp:\t2$/m);
      const uid = (await machine.run("id -u teleport-discord")).trim();
      match(
        status,
        new RegExp(`^Uid:\\t${uid}\\t${uid}\\t${uid}\\t${uid}$`, "m"),
      );
      match(
        await machine.run(
          "systemctl show --property=Type,WatchdogUSec,StatusText teleport-discord",
        ),
        /Type=notify\nWatchdogUSec=1min\nStatusText=\S/,
      );
    });

    await t.step("reloads", async () => {
      const pid = await machine.run(MAIN_PID);
      await machine.run("systemctl reload teleport-discord");
      await announced();
      deepStrictEqual(
        [await machine.run(MAIN_PID), await machine.run(ACTIVE)],
        [pid, "active\n"],
      );
    });

    await t.step(
      "an upgrade restarts what runs and keeps what was changed",
      async () => {
        const [pid, before] = [
          await machine.run(MAIN_PID),
          await machine.run("cat /etc/teleport-discord.toml"),
        ];
        await put(
          await debOf("0.0.2"),
          "/root/teleport-discord_0.0.2-1_amd64.deb",
        );
        await machine.run("rm teleport-discord_0.0.1-1_amd64.deb");
        await machine.run(await commandsOf("install.md", "Debian, Ubuntu"));
        notStrictEqual(await machine.run(MAIN_PID), pid);
        strictEqual(await machine.run(ACTIVE), "active\n");
        strictEqual(
          await machine.run("cat /etc/teleport-discord.toml"),
          before,
        );
        await announced();
      },
    );

    await t.step("an upgrade leaves alone what does not run", async () => {
      await machine.run("systemctl stop teleport-discord");
      strictEqual(await machine.run(ACTIVE), "inactive\n");
      await machine.run(
        "apt-get install --reinstall ./teleport-discord_0.0.2-1_amd64.deb",
      );
      strictEqual(await machine.run(ACTIVE), "inactive\n");
      await machine.run("systemctl start teleport-discord");
    });

    await t.step(
      "a removal stops it, and a purge leaves data alone",
      async () => {
        await machine.run("apt-get remove -y teleport-discord");
        match(await machine.run(ACTIVE), /^(?:inactive|failed)\n$/);
        ok(
          await machine.run("test -e /etc/teleport-discord.toml; echo kept") ===
            "kept\n",
        );
        await machine.run("apt-get purge -y teleport-discord");
        const left = await machine.run(
          "find / -xdev -name '*teleport-discord*' -not -path '/root/*' -not -path '/var/cache/*' -not -path '/var/log/journal/*' | sort",
        );
        strictEqual(left, "/var/lib/teleport-discord\n");
        strictEqual(
          await machine.run("ls /var/lib/teleport-discord"),
          "identity\n",
        );
      },
    );

    await t.step("takes the place of the official plugin", async () => {
      await machine.run("mkdir -p /var/lib/teleport/plugins/discord");
      await put(identity, "/var/lib/teleport/plugins/discord/auth_id");
      await machine.run("chmod -R go= /var/lib/teleport/plugins/discord");
      await put(
        requireTeleport("teleport-discord"),
        "/usr/local/bin/teleport-discord",
      );
      await Deno.writeTextFile(
        `${machine.root}/etc/systemd/system/teleport-discord.service`,
        "[Service]\nExecStart=/usr/local/bin/teleport-discord start\n[Install]\nWantedBy=multi-user.target\n",
      );
      await Deno.writeTextFile(
        `${machine.root}/etc/teleport-discord.toml`,
        `[teleport]
addr = "${stage.cluster.authAddress}"
identity = "/var/lib/teleport/plugins/discord/auth_id"
[discord]
token = "${stage.discord.token}"
apiurl = "${stage.discord.url}"
[role_to_recipients]
"*" = "${CHANNEL}"
[log]
output = "stderr"
severity = "INFO"
`,
      );
      await machine.run(
        "systemctl daemon-reload; systemctl enable --now teleport-discord",
      );
      await machine.run(
        await commandsOf("migration.md", "Migrate from the official plugin"),
      );
      match(
        await machine.run(
          "systemctl show --property=ExecStart teleport-discord",
        ),
        /\/usr\/bin\/teleport-discord start/,
      );
      strictEqual(await machine.run(ACTIVE), "active\n");
      await announced();
    });
  },
});

Deno.test({
  name:
    `Debian: the tarball, installed and started as docs/install.md says${leftOut}`,
  ignore,
  fn: async () => {
    const [program] = built?.programs ?? [];
    ok(built !== undefined && program !== undefined);
    await using machine = await Machine.start();
    const path = await createTarball(built, program, "quick");
    await check(["cp", path, `${machine.root}/root/`]);
    await machine.run(
      await commandsOf("install.md", "Another Linux with systemd"),
    );
    match(
      await machine.run("cd /tmp && teleport-discord version"),
      /^teleport-discord v/,
    );
    strictEqual(await machine.run(ACTIVE), "inactive\n");
    await machine.attempt("systemctl start teleport-discord");
    match(
      await machine.run("journalctl --unit teleport-discord --output cat"),
      /expected a channel ID/,
    );
    // Again, as to upgrade.
    await machine.run(
      await commandsOf("install.md", "Another Linux with systemd"),
    );
  },
});
