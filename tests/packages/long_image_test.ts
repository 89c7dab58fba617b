/** What the image consists of, run without an engine: the compiled program, glibc and libgcc, and nothing else. */

import { match, ok, strictEqual } from "node:assert/strict";
import { build } from "../../packaging/build.ts";
import { TARGETS } from "../../packaging/targets.ts";
import { ROOT } from "../../packaging/source.ts";
import { fences, readPage, section } from "../docs/pages.ts";
import { needsRoot } from "./machine.ts";
import { attempt, BASE, check, emptyFolder } from "./tools.ts";

const root = needsRoot("apt-get", "dpkg-deb");
const leftOut = root.leftOut ||
  (BASE === undefined ? " (left out: DENORT_BIN names no base)" : "");

const built = BASE === undefined ? undefined : await build({
  dist: await emptyFolder("image"),
  mode: BASE,
  targets: TARGETS.slice(0, 1),
});

Deno.test({
  name:
    `image: the program runs as user 65532, read-only, with two libraries${leftOut}`,
  ignore: leftOut !== "",
  fn: async () => {
    const [program] = built?.programs ?? [];
    ok(program !== undefined);
    const folder = await Deno.makeTempDir({
      prefix: "teleport-discord-image-",
    });
    await Deno.chmod(folder, 0o755);
    try {
      const image = `${folder}/root`;
      await check([
        "sh",
        "-euc",
        `
        mkdir -p ${folder}/debs ${image}/proc ${image}/usr/local/bin ${image}/etc
        chmod 777 ${folder}/debs
        cd ${folder}/debs
        apt-get download libc6 libgcc-s1 >/dev/null 2>&1
        for each in *.deb; do dpkg-deb --extract "$each" ${image}; done
        install -m 0755 ${program.folder}/bin/teleport-discord ${image}/usr/local/bin/teleport-plugin
      `,
      ]);
      const dockerfile = await readPage("packaging/Dockerfile");
      const [, environment = ""] = /^ENV (\S+)$/m.exec(dockerfile) ?? [];
      const run = (...args: string[]) =>
        attempt([
          ...["unshare", "--fork", "--pid", "--mount", "sh", "-euc"],
          `mount --bind ${image} ${image}
           mount -t proc proc ${image}/proc
           mount -o remount,bind,ro ${image}
           exec env ${environment} chroot --userspec=65532:65532 ${image} /usr/local/bin/teleport-plugin "$@"`,
          ...["sh", ...args],
        ]);
      const version = await run("version");
      match(version.out, /^teleport-discord v/, version.err);
      const start = await run("start");
      strictEqual(start.code, 78, start.err);
      match(
        start.err,
        /^error: Cannot read the configuration "\/etc\/teleport-discord\.toml"/,
      );
      // What HEALTHCHECK of the Dockerfile runs is there.
      const health = await run("healthcheck");
      strictEqual(health.code, 1);
      match(health.err, /^error: Cannot read the configuration/);
      // As docs/install.md mounts it: the user reads all of it, and there is a listener to ask.
      const page = await readPage("docs/install.md");
      const [toml = ""] = fences(section(page, "## Container"), "toml");
      const etc = `${image}/etc/teleport-discord`;
      await Deno.mkdir(etc, { recursive: true });
      await Deno.writeTextFile(`${etc}.toml`, toml);
      await Deno.writeTextFile(`${etc}/token`, "MTIz.abc.def");
      await Deno.copyFile(
        `${ROOT}tests/fixtures/identity/identity-p256`,
        `${etc}/identity`,
      );
      await check(["chmod", "-R", "u=rwX,go=", etc]);
      const unread = await run("start");
      strictEqual(unread.code, 78);
      match(unread.err, /\/etc\/teleport-discord\/token/);
      await check(["chown", "-R", "65532:65532", etc]);
      // The base is too old for gRPC, which is found out once the configuration and the token are read.
      const read = await run("start");
      match(read.err, /^error: Cannot connect with Deno/m, read.err);
      const asked = await run("healthcheck");
      strictEqual(asked.code, 1);
      match(asked.err, /^error: Cannot ask the plugin at 127\.0\.0\.1:8080/);
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  },
});
