/** The container image, as far as it can be judged without an engine. */

import { deepStrictEqual, match, ok, strictEqual } from "node:assert/strict";
import { validate } from "dockerfile-utils";
import { parse } from "yaml";
import manifest from "../../deno.json" with { type: "json" };
import { ROOT } from "../../packaging/source.ts";
import { packagedConfig } from "../../packaging/staging.ts";
import { TARGETS } from "../../packaging/targets.ts";
import { DEFAULT_CONFIG_PATH } from "../../src/config/default_path.ts";
import { commandsOf, runInstead } from "./pages.ts";
import { emptyFolder } from "./tools.ts";

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

Deno.test("image: docs/install.md runs the one of this version, and mounts what it reads", async () => {
  const folder = await emptyFolder("container");
  const out = await runInstead(
    folder,
    await commandsOf("install.md", "Container"),
    {
      docker: `printf '%s\\n' "$@"`,
    },
  );
  const words = out.trimEnd().split("\n");
  const workflow = await Deno.readTextFile(
    `${ROOT}.github/workflows/release.yml`,
  );
  const { IMAGE } = parse(workflow).jobs.image.env;
  strictEqual(words.at(-1), `${IMAGE}:${manifest.version}`);
  const mounts = words.filter((_, i) => words[i - 1] === "--volume")
    .map((mount) => {
      const [from = "", to, how] = mount.split(":");
      deepStrictEqual([to, how], [from, "ro"]);
      return from;
    });
  const read = [...packagedConfig().matchAll(/^(?:token|identity) = "(.*)"$/gm)]
    .map(([, path = ""]) => path);
  strictEqual(read.length, 2);
  for (const path of [DEFAULT_CONFIG_PATH, ...read]) {
    ok(mounts.some((mount) => `${path}/`.startsWith(`${mount}/`)), path);
  }
});
