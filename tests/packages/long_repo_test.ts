/**
 * Signed repositories, served on loopback: apt installs from one, dnf from the other, and neither takes what was
 * tampered with.
 */

import { match, ok, strictEqual } from "node:assert/strict";
import { build } from "../../packaging/build.ts";
import { createDeb } from "../../packaging/deb.ts";
import { createRepo } from "../../packaging/repo.ts";
import { createRpm } from "../../packaging/rpm.ts";
import { TARGETS } from "../../packaging/targets.ts";
import { Machine, needsRoot, unpackRoot } from "./machine.ts";
import { commandsOf, runInstead } from "./pages.ts";
import { needs } from "../left_out.ts";
import { attempt, check, emptyFolder } from "./tools.ts";

const root = needsRoot("dpkg-deb", "rpmbuild");
const tools = needs(
  "apt-ftparchive",
  "createrepo_c",
  "gpg",
  "dnf",
  "rpmsign",
);
const leftOut = root.leftOut || tools.leftOut;

const built = leftOut !== "" ? undefined : await build({
  dist: await emptyFolder("repository"),
  mode: { kind: "runtime" },
  targets: TARGETS.slice(0, 1),
});

/** A web server for a folder. */
function serve(folder: string): Deno.HttpServer<Deno.NetAddr> {
  return Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen: () => {} },
    async (request) => {
      const path = decodeURIComponent(new URL(request.url).pathname);
      const file = await Deno.open(`${folder}${path}`).catch(() => undefined);
      return file === undefined
        ? new Response("", { status: 404 })
        : new Response(file.readable);
    },
  );
}

/** A package that stands for what a real Fedora has of itself. */
async function standIn(folder: string): Promise<string> {
  const spec = `${folder}/stand-in.spec`;
  await Deno.writeTextFile(
    spec,
    `Name: stand-in
Version: 1
Release: 1
Summary: Stands for the system
License: MIT
BuildArch: noarch
Provides: glibc = 2.34
Provides: libgcc
Provides: systemd
Provides: shadow-utils
Provides: ca-certificates
Provides: /bin/sh
%description
Stands for the system.
%files
`,
  );
  await check([
    "rpmbuild",
    "-bb",
    "--quiet",
    "--define",
    `_topdir ${folder}/top`,
    "--define",
    `_rpmdir ${folder}`,
    spec,
  ]);
  return `${folder}/noarch/stand-in-1-1.noarch.rpm`;
}

Deno.test({
  name: `apt and dnf install from signed repositories${leftOut}`,
  ignore: leftOut !== "",
  fn: async (t) => {
    const [program] = built?.programs ?? [];
    ok(built !== undefined && program !== undefined);
    await createDeb(built, program, "quick");
    await createRpm(built, program, "quick");
    const folder = await emptyFolder("served");
    const keys = await Deno.makeTempDir({ prefix: "teleport-discord-keys-" });
    Deno.env.set("GNUPGHOME", keys);
    await check([
      "gpg",
      "--batch",
      "--quiet",
      "--passphrase",
      "",
      "--quick-generate-key",
      "packages@example.com",
      "rsa3072",
      "sign",
      "never",
    ]);
    await using server = serve(folder);
    const url = `http://127.0.0.1:${server.addr.port}`;
    const epochSec = Math.floor(Date.now() / 1000);
    await createRepo({
      folder,
      dist: built.dist,
      url,
      key: "packages@example.com",
      epochSec,
      validDays: 180,
    });

    await t.step(
      "apt installs, and refuses a list that was changed",
      async () => {
        await using machine = await Machine.start();
        await machine.run(
          `rm -rf /etc/apt/sources.list /etc/apt/sources.list.d/*; mkdir -p /etc/apt/keyrings`,
        );
        await Deno.copyFile(
          `${folder}/teleport-discord.asc`,
          `${machine.root}/etc/apt/keyrings/teleport-discord.asc`,
        );
        await Deno.copyFile(
          `${folder}/teleport-discord.sources`,
          `${machine.root}/etc/apt/sources.list.d/teleport-discord.sources`,
        );
        await machine.run(
          "chmod 644 /etc/apt/keyrings/* /etc/apt/sources.list.d/*; apt-get update; apt-get install -y teleport-discord",
        );
        match(
          await machine.run("teleport-discord version"),
          /^teleport-discord v/,
        );
        const list = `${folder}/apt/dists/stable/InRelease`;
        const signed = await Deno.readTextFile(list);
        await Deno.writeTextFile(
          list,
          signed.replace("Label: teleport-discord", "Label: something-else"),
        );
        const { err } = await machine.attempt(
          "rm -rf /var/lib/apt/lists/*; apt-get update",
        );
        match(err, /BADSIG|signature|not signed/i);
        await Deno.writeTextFile(list, signed);
      },
    );

    await t.step(
      "dnf installs into a root of its own, upgrades and removes",
      async () => {
        const root = await Deno.makeTempDir({
          prefix: "teleport-discord-root-",
        });
        await Deno.chmod(root, 0o755);
        // A shell and useradd, for the scripts.
        await unpackRoot(root);
        const work = await emptyFolder("dnf");
        await Deno.copyFile(
          `${folder}/teleport-discord.repo`,
          `${work}/teleport-discord.repo`,
        );
        const dnf = (...args: string[]) =>
          attempt([
            ...[
              "dnf",
              "--assumeyes",
              "--installroot",
              root,
              "--releasever",
              "9",
            ],
            ...[`--setopt=reposdir=${work}`, `--setopt=cachedir=${work}/cache`],
            ...["--setopt=install_weak_deps=False", ...args],
          ]);
        const inside = (script: string) =>
          check(["chroot", root, "sh", "-c", script]);
        try {
          await check(["mount", "-t", "proc", "proc", `${root}/proc`]);
          await check(["rpm", "--root", root, "--initdb"]);
          await check(["rpm", "--root", root, "-i", await standIn(work)]);
          const { code, out, err } = await dnf("install", "teleport-discord");
          strictEqual(code, 0, out + err);
          match(
            await inside("teleport-discord version"),
            /^teleport-discord v/,
          );
          strictEqual(
            await inside(
              "cd / && stat --format='%A %U:%G %n' etc/teleport-discord.toml etc/teleport-discord var/lib/teleport-discord",
            ),
            "-rw-r----- root:teleport-discord etc/teleport-discord.toml\n" +
              "drwxr-x--- root:teleport-discord etc/teleport-discord\n" +
              "drwxr-x--- teleport-discord:teleport-discord var/lib/teleport-discord\n",
          );
          strictEqual(
            await check(["rpm", "--root", root, "-V", "teleport-discord"]),
            "",
          );

          // What was changed stays when it is upgraded, and the new example is put beside it.
          await inside("echo '# changed' >> /etc/teleport-discord.toml");
          const newer = {
            ...built,
            source: { ...built.source, version: "99.0.0" },
          };
          const file = await createRpm(newer, program, "quick");
          await check(["cp", file, work]);
          await runInstead(
            work,
            await commandsOf("install.md", "Fedora, RHEL"),
            {
              sudo: 'exec "$@"',
              dnf: `exec /usr/bin/dnf --assumeyes --installroot ${root} \\
  --releasever 9 --setopt=reposdir=/none --setopt=cachedir=${work}/cache "$@"`,
            },
          );
          match(
            await inside("tail -n 1 /etc/teleport-discord.toml"),
            /^# changed$/m,
          );
          match(
            await check(["rpm", "--root", root, "-q", "teleport-discord"]),
            /-99\.0\.0-1/,
          );

          const removed = await dnf("remove", "teleport-discord");
          strictEqual(removed.code, 0, removed.out + removed.err);
          strictEqual(
            await inside("find / -xdev -name '*teleport-discord*' | sort"),
            "/etc/teleport-discord.toml.rpmsave\n",
          );
        } finally {
          await attempt(["umount", `${root}/proc`]);
          await Deno.remove(root, { recursive: true });
        }
      },
    );

    Deno.env.delete("GNUPGHOME");
    await attempt(["gpgconf", "--homedir", keys, "--kill", "all"]);
    await Deno.remove(keys, { recursive: true });
  },
});
