/**
 * Real clients, apt and dnf, read repositories while they are updated: after each step that they can see, and
 * with the whole update between two of their own requests. None ever fails.
 */

import { deepStrictEqual, strictEqual } from "node:assert/strict";
import { createRepo } from "../../packaging/repo.ts";
import { needs } from "../left_out.ts";
import { attempt, check, emptyFolder } from "./tools.ts";

const KEY = "packages@example.com";
const NAME = "teleport-discord";

const { ignore, leftOut } = needs(
  "apt-get",
  "apt-ftparchive",
  "createrepo_c",
  "dnf",
  "dpkg-deb",
  "gpg",
  "rpmbuild",
  "rpmsign",
);

/** Makes a .deb and an .rpm that hold nothing. */
async function makePackages(folder: string, version: string): Promise<void> {
  const root = `${folder}/root`;
  await Deno.mkdir(`${root}/DEBIAN`, { recursive: true });
  await Deno.writeTextFile(
    `${root}/DEBIAN/control`,
    `Package: ${NAME}
Version: ${version}
Architecture: amd64
Maintainer: nobody <nobody@example.com>
Description: stands for the plugin
`,
  );
  await check(["dpkg-deb", "--build", root, folder]);
  const spec = `${folder}/stand-in.spec`;
  await Deno.writeTextFile(
    spec,
    `Name: ${NAME}
Version: ${version}
Release: 1
Summary: Stands for the plugin
License: MIT
%description
Stands for the plugin.
%files
`,
  );
  await check([
    ...["rpmbuild", "-bb", "--quiet", "--target", "x86_64"],
    ...["--define", `_topdir ${folder}/top`],
    ...["--define", `_rpmdir ${folder}/made`, spec],
  ]);
  const rpm = `${NAME}-${version}-1.x86_64.rpm`;
  await Deno.rename(`${folder}/made/x86_64/${rpm}`, `${folder}/${rpm}`);
}

/** A web server for a folder, which lets something happen after it has answered. */
function serve(
  folder: string,
  onAnswered: (path: string) => Promise<void>,
): Deno.HttpServer<Deno.NetAddr> {
  return Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen: () => {} },
    async (request) => {
      const path = decodeURIComponent(new URL(request.url).pathname);
      const body = await Deno.readFile(`${folder}${path}`)
        .catch(() => undefined);
      await onAnswered(path);
      return body === undefined
        ? new Response("", { status: 404 })
        : new Response(body);
    },
  );
}

/** A client that keeps what it has read, in a folder of its own. */
type Client = () => Promise<string>;

/** Returns an apt that says which version it would install. */
async function apt(folder: string, served: string): Promise<Client> {
  for (const each of ["lists/partial", "cache/archives/partial", "etc"]) {
    await Deno.mkdir(`${folder}/${each}`, { recursive: true });
  }
  await Deno.writeTextFile(`${folder}/status`, "");
  const sources = await Deno.readTextFile(`${served}/${NAME}.sources`);
  await Deno.writeTextFile(
    `${folder}/etc/${NAME}.sources`,
    sources.replace(/^Signed-By: .*$/m, `Signed-By: ${served}/${NAME}.asc`),
  );
  await Deno.writeTextFile(
    `${folder}/apt.conf`,
    `APT::Architecture "amd64";
APT::Architectures { "amd64"; };
APT::Sandbox::User "";
APT::Update::Error-Mode "any";
Acquire::Languages "none";
Acquire::http::Proxy "DIRECT";
Dir::State "${folder}";
Dir::State::status "${folder}/status";
Dir::Cache "${folder}/cache";
Dir::Etc::sourcelist "/dev/null";
Dir::Etc::sourceparts "${folder}/etc";
Dir::Etc::parts "/dev/null";
`,
  );
  const env = { APT_CONFIG: `${folder}/apt.conf` };
  return async () => {
    const { code, out, err } = await attempt(["apt-get", "update"], env);
    strictEqual(code, 0, out + err);
    strictEqual(err.match(/^[EW]: .*$/m)?.[0], undefined, out);
    const policy = await check(["apt-cache", "policy", NAME], env);
    return /Candidate: (\S+)/.exec(policy)?.[1] ?? "";
  };
}

/** Returns a dnf that says which version it would install. */
async function dnf(folder: string, served: string): Promise<Client> {
  await Deno.mkdir(folder, { recursive: true });
  const repo = await Deno.readTextFile(`${served}/${NAME}.repo`);
  await Deno.writeTextFile(
    `${folder}/${NAME}.repo`,
    repo.replace("$basearch", "x86_64"),
  );
  const options = [
    ...["--assumeyes", "--quiet", "--releasever=9", "--noplugins"],
    ...["--setopt=proxy=", "--setopt=retries=1", `--setopt=reposdir=${folder}`],
    ...[`--setopt=cachedir=${folder}/cache`, `--installroot=${folder}/root`],
  ];
  return async () => {
    const { code, out, err } = await attempt([
      ...["dnf", ...options, "--refresh", "repoquery", "--latest-limit=1"],
      ...["--queryformat=version %{version}", NAME],
    ]);
    strictEqual(code, 0, out + err);
    return /^version (\S+)$/m.exec(out)?.[1] ?? out + err;
  };
}

Deno.test({
  name: `no client fails while a repository is updated${leftOut}`,
  ignore,
  fn: async (t) => {
    const work = await emptyFolder("repo-update");
    const keys = await Deno.makeTempDir({ prefix: "teleport-discord-keys-" });
    Deno.env.set("GNUPGHOME", keys);
    try {
      await check([
        ...["gpg", "--batch", "--quiet", "--passphrase", ""],
        ...["--quick-generate-key", KEY, "rsa3072", "sign", "never"],
      ]);
      const served = `${work}/served`;
      let onAnswered = async (_path: string) => {};
      await using server = serve(served, (path) => onAnswered(path));
      let revision = Math.floor(Date.now() / 1000) - 3600;
      const update = async (
        version: number,
        onStep: (path: string) => Promise<void> = async () => {},
      ) => {
        const dist = `${work}/dist-${version}`;
        await makePackages(dist, `${version}`);
        await createRepo({
          folder: served,
          dist,
          url: `http://127.0.0.1:${server.addr.port}`,
          key: KEY,
          epochSec: ++revision,
          validDays: 180,
          rename: async (from, to) => {
            await Deno.rename(from, to);
            await onStep(to);
          },
        });
      };
      await update(1);
      let version = 1;
      const kinds = [
        {
          name: "apt",
          start: apt,
          folder: `${served}/apt/`,
          // What names the lists by their hash, and how often it is read.
          lastRead: /\/InRelease$/,
          reads: 1,
        },
        {
          name: "dnf",
          start: dnf,
          folder: `${served}/rpm/`,
          lastRead: /\/x86_64\/.*\/repomd\.xml\.asc$/,
          // Once to see whether there is news.
          reads: 2,
        },
      ];
      for (const { name, start, folder, lastRead, reads } of kinds) {
        const known = await start(`${work}/${name}`, served);
        const read = async () => Number(await known());

        await t.step(`${name} reads it after each step`, async () => {
          strictEqual(await read(), version);
          const seen: number[] = [];
          await update(++version, async (path) => {
            if (!path.startsWith(folder)) return;
            const fresh = await start(`${work}/${name}-${seen.length}`, served);
            seen.push(await read());
            strictEqual(Number(await fresh()), seen.at(-1));
          });
          deepStrictEqual([...new Set(seen)], [version - 1, version]);
          deepStrictEqual(seen, seen.toSorted());
        });

        await t.step(
          `${name} reads it with an update between two requests`,
          async () => {
            await update(++version);
            let answered = 0;
            onAnswered = async (path) => {
              if (!lastRead.test(path) || ++answered !== reads) return;
              await update(++version);
            };
            const first = await read();
            deepStrictEqual([answered, first], [reads, version - 1]);
            strictEqual(await read(), version);
          },
        );
      }
    } finally {
      Deno.env.delete("GNUPGHOME");
      await attempt(["gpgconf", "--homedir", keys, "--kill", "all"]);
      await Deno.remove(keys, { recursive: true });
    }
    await Deno.remove(work, { recursive: true });
  },
});
