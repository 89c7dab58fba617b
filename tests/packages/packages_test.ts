/** The packages: what their formats say of them, and that they hold what was built. */

import { deepStrictEqual, match, ok, strictEqual } from "node:assert/strict";
import { type Build, build } from "../../packaging/build.ts";
import { createDeb } from "../../packaging/deb.ts";
import { createRpm } from "../../packaging/rpm.ts";
import { type Entry, stage } from "../../packaging/staging.ts";
import { createTarball } from "../../packaging/tarball.ts";
import { TARGETS } from "../../packaging/targets.ts";
import { needs } from "../left_out.ts";
import { BASE, check, emptyFolder } from "./tools.ts";

const built: Build = await build({
  dist: await emptyFolder("packages"),
  mode: BASE ?? { kind: "runtime" },
  targets: TARGETS.slice(0, 1),
});
const [program] = built.programs;
ok(program !== undefined);

const lines = (text: string) => text.split("\n").filter(Boolean);

/** Returns the folders that hold files of the package alone. */
function foldersOf(staged: readonly Entry[]): readonly string[] {
  const folders = staged
    .map(({ path }) => path.slice(0, path.lastIndexOf("/")))
    .filter((folder) => /^\/usr\/.*\/teleport-discord$/.test(folder));
  return [...new Set(folders)];
}

/** What each package adds to what is staged. */
const DOCUMENTS = [
  "/usr/share/doc/teleport-discord/changelog.Debian.gz",
  "/usr/share/doc/teleport-discord/changelog.gz",
  "/usr/share/doc/teleport-discord/copyright",
  "/usr/share/doc/teleport-discord/third-party.txt.gz",
  "/usr/share/lintian/overrides/teleport-discord",
];

const debian = needs("dpkg-deb");
Deno.test({
  name: `the .deb${debian.leftOut}`,
  ignore: debian.ignore,
  fn: async (t) => {
    const path = await createDeb(built, program, "quick");
    const field = async (name: string) =>
      (await check(["dpkg-deb", "--field", path, name])).trim();

    await t.step("has these files, all of root", async () => {
      const contents = lines(await check(["dpkg-deb", "--contents", path]));
      const files = contents.filter((line) => !line.startsWith("d"));
      deepStrictEqual(
        contents.filter((line) => !line.includes(" root/root ")),
        [],
      );
      const staged = await stage(built, program, "deb");
      deepStrictEqual(
        files.map((line) => `/${line.split(" ./")[1]}`).toSorted(),
        [
          ...staged.filter(({ content }) => content !== undefined).map((
            { path },
          ) => path),
          ...DOCUMENTS,
        ].toSorted(),
      );
    });
    await t.step("says what it is and needs", async () => {
      strictEqual(await field("Architecture"), "amd64");
      strictEqual(await field("Version"), `${built.source.version}-1`);
      strictEqual(
        await field("Depends"),
        "libc6 (>= 2.28), libgcc-s1, systemd | systemd-standalone-sysusers | systemd-sysusers",
      );
    });
    await t.step("asks before it replaces the configuration", async () => {
      strictEqual(
        await check(["dpkg-deb", "--info", path, "conffiles"]),
        "/etc/teleport-discord.toml\n",
      );
    });
    await t.step(
      "holds the program as it was built, and right sums",
      async () => {
        const root = await emptyFolder("deb-root");
        await check(["dpkg-deb", "--raw-extract", path, root]);
        for (const { path } of program.files) {
          await check([
            "cmp",
            `${program.folder}/${path}`,
            `${root}/usr/${path}`,
          ]);
        }
        await check([
          "sh",
          "-c",
          `cd ${root} && md5sum --check --quiet DEBIAN/md5sums`,
        ]);
        for (const script of ["postinst", "prerm", "postrm"]) {
          await check(["sh", "-n", `${root}/DEBIAN/${script}`]);
        }
        await Deno.remove(root, { recursive: true });
      },
    );
  },
});

const red = needs("rpmbuild", "rpm");
Deno.test({
  name: `the .rpm${red.leftOut}`,
  ignore: red.ignore,
  fn: async (t) => {
    const path = await createRpm(built, program, "quick");
    const query = async (...args: string[]) =>
      lines(await check(["rpm", "-qp", ...args, path]));

    await t.step("has these files", async () => {
      const staged = await stage(built, program, "rpm");
      deepStrictEqual(
        (await query("--list")).toSorted(),
        [
          ...staged.map(({ path }) => path),
          ...foldersOf(staged),
          "/var/lib/teleport-discord",
        ]
          .toSorted(),
      );
    });
    await t.step("says whose they are", async () => {
      const owners = await query(
        "--queryformat",
        "[%{FILEMODES:octal} %{FILEUSERNAME} %{FILEGROUPNAME} %{FILENAMES}\\n]",
      );
      deepStrictEqual(owners.filter((line) => !line.includes(" root root ")), [
        "40750 root teleport-discord /etc/teleport-discord",
        "100640 root teleport-discord /etc/teleport-discord.toml",
        "40750 teleport-discord teleport-discord /var/lib/teleport-discord",
      ]);
    });
    await t.step("keeps the configuration", async () => {
      deepStrictEqual(await query("--configfiles"), [
        "/etc/teleport-discord.toml",
      ]);
    });
    await t.step("says what it needs", async () => {
      const needed = (await query("--requires")).filter((each) =>
        !/^(?:rpmlib|config)\(/.test(each)
      );
      deepStrictEqual(needed.toSorted(), [
        "/bin/sh",
        "/bin/sh",
        "/bin/sh",
        "/bin/sh",
        "glibc >= 2.28",
        "libgcc",
        "shadow-utils",
        "systemd",
      ]);
      const scripts = (await query("--scripts")).join("\n");
      for (
        const script of [
          "preinstall",
          "postinstall",
          "preuninstall",
          "postuninstall",
        ]
      ) {
        ok(scripts.includes(`${script} scriptlet`), script);
      }
      match(
        (await query("--queryformat", "%{LICENSE}")).join(),
        /^Apache-2\.0 AND MIT/,
      );
    });
    await t.step("holds the program as it was built", async () => {
      const root = await emptyFolder("rpm-root");
      await check([
        "sh",
        "-c",
        `cd ${root} && rpm2cpio ${path} | cpio --quiet -id`,
      ]);
      for (const { path } of program.files) {
        await check([
          "cmp",
          `${program.folder}/${path}`,
          `${root}/usr/${path}`,
        ]);
      }
      await Deno.remove(root, { recursive: true });
    });
  },
});

Deno.test("the tarball installs, and upgrades, below a folder", async () => {
  const path = await createTarball(built, program, "quick");
  const folder = await emptyFolder("tarball");
  await check(["tar", "xzf", path, "-C", folder]);
  const top = `${folder}/teleport-discord`;
  strictEqual(
    await Deno.readTextFile(`${top}/VERSION`),
    `v${built.source.version}\n`,
  );
  const isRoot = Deno.uid() === 0;
  for (let i = 0; i < (isRoot ? 2 : 0); i++) {
    await check([`${top}/install`, `${folder}/usr`]);
  }
  const installed = isRoot ? `${folder}/usr` : `${top}/root`;
  for (const { path, mode } of program.files) {
    await check(["cmp", `${program.folder}/${path}`, `${installed}/${path}`]);
    strictEqual(
      (await Deno.stat(`${installed}/${path}`)).mode ?? 0 & 0o777,
      0o100000 | mode,
    );
  }
  match(
    await check([`${installed}/bin/teleport-discord`, "version"]),
    /^teleport-discord v/,
  );
  const left = lines(await check(["find", folder, "-name", "*.new"]));
  deepStrictEqual(left, []);
  await Deno.remove(folder, { recursive: true });
});
