/** The container image, as far as it can be judged without an engine. */

import { deepStrictEqual, match, ok } from "node:assert/strict";
import { validate } from "dockerfile-utils";
import { ROOT } from "../../packaging/source.ts";
import { TARGETS } from "../../packaging/targets.ts";

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
