/** The container image, as far as it can be judged without an engine. */

import { deepStrictEqual, match, ok, strictEqual } from "node:assert/strict";
import { validate } from "dockerfile-utils";
import { parse } from "yaml";
import manifest from "../../deno.json" with { type: "json" };
import { ROOT } from "../../packaging/source.ts";
import { TARGETS } from "../../packaging/targets.ts";
import { DEFAULT_CONFIG_PATH } from "../../src/config/default_path.ts";
import { World } from "../e2e/world.ts";
import { fences, readPage, section } from "../docs/pages.ts";
import { commandsOf, runInstead } from "./pages.ts";
import { emptyFolder } from "./tools.ts";
import { parseConfig } from "../fakes/config.ts";

const DOCKERFILE = await Deno.readTextFile(`${ROOT}packaging/Dockerfile`);

Deno.test("image: the Dockerfile is well formed", () => {
  deepStrictEqual(validate(DOCKERFILE), []);
});

Deno.test("image: it is nobody's, asks after itself, and starts the plugin", () => {
  match(DOCKERFILE, /^FROM gcr\.io\/distroless\/cc-debian\d+:nonroot$/m);
  match(DOCKERFILE, /^USER 65532:65532$/m);
  match(
    DOCKERFILE,
    /^HEALTHCHECK [^]*"\/usr\/local\/bin\/teleport-plugin", "healthcheck"\]$/m,
  );
  match(
    DOCKERFILE,
    /^ENTRYPOINT \["\/usr\/local\/bin\/teleport-plugin"\]\nCMD \["start"\]$/m,
  );
});

Deno.test("image: its health check has somebody to ask, whatever the configuration leaves out", async () => {
  const [, name = "", listen = ""] = /^ENV (\w+)=(127\.0\.0\.1:\d+)$/m
    .exec(DOCKERFILE) ?? [];
  await using world = await World.create();
  const env = { [name]: listen.replace(/\d+$/, `${freePort()}`) };
  const args = ["healthcheck", "-c", world.path("config.toml")];
  const before = world.start({ env, args });
  strictEqual(await before.exitCode, 1);
  const plugin = await world.start({ env }).ready();
  await plugin.waitForLine("offering health and metrics");
  const asked = world.start({ env, args });
  strictEqual(await asked.exitCode, 0, asked.output);
  // Elsewhere, nobody listens and nothing passes.
  const alone = world.start({ args });
  strictEqual(await alone.exitCode, 1);
  match(alone.output, /http\.listen is not set/);
  const misspelt = world.start({ env: { [name]: "8080" }, args });
  strictEqual(await misspelt.exitCode, 1);
  match(
    misspelt.output,
    new RegExp(`Cannot use ${name}: expected "host:port"`),
  );
});

function freePort(): number {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  return listener.addr.port;
}

Deno.test("image: it copies what a build makes, and .dockerignore lets that through", async () => {
  const sources = [...DOCKERFILE.matchAll(/^COPY (?:--\S+ )*(.+) \S+$/gm)]
    .flatMap(([, sources = ""]) => sources.split(" "));
  deepStrictEqual(sources, [
    "dist/linux-${TARGETARCH}/bin/teleport-discord",
    "LICENSE",
    "dist/LICENCES",
  ]);
  const ignored = await Deno.readTextFile(`${ROOT}.dockerignore`);
  for (const source of sources) {
    ok(ignored.includes(`!${source.replace("${TARGETARCH}", "*")}\n`), source);
  }
  // What Docker calls the machines is what the folders are named by.
  deepStrictEqual(TARGETS.map(({ deb }) => deb), ["amd64", "arm64"]);
});

Deno.test("image: docs/install.md runs the one of this version, and mounts what its configuration reads", async () => {
  const folder = await emptyFolder("container");
  const given = ["teleport-discord.toml", "token", "identity"];
  for (const name of given) await Deno.writeTextFile(`${folder}/${name}`, "");
  const commands = await commandsOf("install.md", "Container");
  const out = await runInstead(folder, commands, {
    docker: `printf '%s\\n' "$@"`,
    // Only root may give files away; what is given to whom is looked at.
    sudo: `printf 'sudo %s\\n' "$*"`,
  });
  const words = out.trimEnd().split("\n");
  strictEqual(words[0], "sudo chown -R 65532:65532 secrets");
  const workflow = await Deno.readTextFile(
    `${ROOT}.github/workflows/release.yml`,
  );
  const { IMAGE } = parse(workflow).jobs.image.env;
  strictEqual(words.at(-1), `${IMAGE}:${manifest.version}`);
  const mounts = new Map(
    words.filter((_, i) => words[i - 1] === "--volume").map((mount) => {
      const [from = "", to = "", how] = mount.split(":");
      strictEqual(how, "ro");
      return [to, from];
    }),
  );
  const page = await readPage("docs/install.md");
  const [toml = ""] = fences(section(page, "## Container"), "toml");
  const { teleport, discord, http } = parseConfig(toml, "install.md");
  ok(teleport.credentials.kind === "identity");
  ok(discord.token.kind === "file");
  strictEqual(http.listen, undefined, "the image's own default is enough");
  for (
    const path of [
      DEFAULT_CONFIG_PATH,
      teleport.credentials.path,
      discord.token.path,
    ]
  ) {
    const mounted = [...mounts].find(([to]) => `${path}/`.startsWith(`${to}/`));
    ok(mounted !== undefined, path);
    const [to, from] = mounted;
    ok((await Deno.stat(path.replace(to, from))).isFile, path);
  }
});

Deno.test("image: the compose file is what docs/install.md runs", async () => {
  const { services } = parse(
    await Deno.readTextFile(`${ROOT}packaging/examples/compose.yaml`),
  );
  const service = services["teleport-discord"];
  const commands = await commandsOf("install.md", "Container");
  ok(commands.endsWith(` ${service.image}`));
  strictEqual(service.read_only, commands.includes("--read-only"));
  ok(commands.includes(`--restart ${service.restart} `));
  for (const volume of service.volumes) {
    ok(
      commands.includes(`--volume "${volume.replace("./", "$PWD/")}"`),
      volume,
    );
  }
});
