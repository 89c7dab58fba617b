/** Everything that a release consists of, and the repositories of it. */

import { deepStrictEqual, match, ok } from "node:assert/strict";
import { build } from "../../packaging/build.ts";
import { createRelease } from "../../packaging/release.ts";
import { createRepo } from "../../packaging/repo.ts";
import { TARGETS } from "../../packaging/targets.ts";
import { ROOT } from "../../packaging/source.ts";
import { fetchHelm } from "./helm.ts";
import { commandsOf } from "./pages.ts";
import { needs } from "../left_out.ts";
import { check, emptyFolder } from "./tools.ts";

const possible = needs("dpkg-deb", "rpmbuild", "npm", "unzip");

const dist = await emptyFolder("release");
const built = await build({
  dist,
  mode: { kind: "runtime" },
  targets: TARGETS,
});

Deno.test({
  name: `a release for both machines${possible.leftOut}`,
  ignore: possible.ignore,
  fn: async (t) => {
    const { version } = built.source;
    const paths = await createRelease(built, "quick", undefined);

    await t.step(
      "has these files, and no signature without a key",
      async () => {
        deepStrictEqual(
          paths.map((path) =>
            path.replace(`${dist}/`, "").replaceAll(version, "VERSION")
          ),
          [
            "teleport-discord_VERSION-1_amd64.deb",
            "teleport-discord-VERSION-1.x86_64.rpm",
            "teleport-discord-vVERSION-linux-amd64.tar.gz",
            "teleport-discord_VERSION-1_arm64.deb",
            "teleport-discord-VERSION-1.aarch64.rpm",
            "teleport-discord-vVERSION-linux-arm64.tar.gz",
            "teleport-plugin-discord-VERSION.tgz",
            "teleport-discord.cdx.json",
            "SHA256SUMS",
          ],
        );
        ok(
          !await Deno.stat(`${dist}/SHA256SUMS.asc`).then(
            () => true,
            () => false,
          ),
        );
      },
    );
    await t.step("can be verified as docs/install.md says", async () => {
      const out = await check([
        "sh",
        "-c",
        `cd ${dist} && ${await commandsOf("install.md", "Verify a download")}`,
      ]);
      deepStrictEqual(out.match(/: OK$/gm)?.length, paths.length - 1);
    });
    await t.step("names the machine in each package", async () => {
      const [deb, rpm] = [paths[3] ?? "", paths[4] ?? ""];
      match(
        await check(["dpkg-deb", "--field", deb, "Architecture"]),
        /^arm64$/m,
      );
      match(
        await check(["rpm", "-qp", "--queryformat", "%{ARCH}", rpm]),
        /^aarch64$/,
      );
    });
    await t.step("has a chart that Helm can read", async () => {
      for (const helm of (await fetchHelm()).values()) {
        const packed = `${dist}/teleport-plugin-discord-${version}.tgz`;
        const chart = await check([helm, "show", "chart", packed]);
        ok(chart.includes(`\nversion: ${version}\n`));
        // What is a link in the sources is a file in it.
        const rendered = await check([
          ...[helm, "template", "x", packed],
          ...["--values", `${ROOT}tests/packages/chart/official-example.yaml`],
          ...["--set", "prometheusRule.enabled=true,dashboard.enabled=true"],
        ]);
        match(rendered, /alert: TeleportDiscordDown$/m);
        match(rendered, /"uid": "teleport-discord"/);
      }
    });

    const { ignore, leftOut } = needs("apt-ftparchive", "createrepo_c");
    await t.step({
      name: `makes repositories${leftOut}`,
      ignore,
      fn: async () => {
        const folder = await emptyFolder("repo");
        await createRepo({
          folder,
          dist,
          url: "https://example.com",
          key: undefined,
          epochSec: built.source.epochSec,
          validDays: 180,
        });
        for (const { deb, rpm } of TARGETS) {
          const packages = await Deno.readTextFile(
            `${folder}/apt/dists/stable/main/binary-${deb}/Packages`,
          );
          deepStrictEqual(packages.match(/^Package: .*$/gm), [
            "Package: teleport-discord",
          ]);
          ok(
            packages.includes(
              `Filename: pool/teleport-discord_${version}-1_${deb}.deb\n`,
            ),
          );
          match(
            await Deno.readTextFile(`${folder}/rpm/${rpm}/repodata/repomd.xml`),
            /<data type="primary">/,
          );
        }
        const release = await Deno.readTextFile(
          `${folder}/apt/dists/stable/Release`,
        );
        match(release, /^Acquire-By-Hash: yes$/m);
        match(release, /^Valid-Until: .* \+0000$/m);
        match(
          release,
          /^ [0-9a-f]{64} +\d+ main\/binary-arm64\/Packages\.gz$/m,
        );
        await Deno.remove(folder, { recursive: true });
      },
    });
    await Deno.remove(dist, { recursive: true });
  },
});
