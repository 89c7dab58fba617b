/** What a release says of itself. */

import { deepStrictEqual, rejects } from "node:assert/strict";
import type { Build } from "../../packaging/build.ts";
import { requireTag } from "../../packaging/release.ts";
import { formatSbom } from "../../packaging/sbom.ts";

const source = { version: "1.2.3", gitRef: "v1.2.3", epochSec: 1_780_000_000 };

Deno.test("formatSbom() lists the runtime and each package", () => {
  const packages = [{
    name: "@a/b",
    version: "4.5.6",
    licence: "Apache-2.0 AND MIT",
    text: "",
    sha512: "AAE=",
  }];
  const bundle = { folder: "", entry: "", files: [], bytes: 0, packages };
  const build: Build = { dist: "", source, bundle, programs: [] };
  const bom = JSON.parse(formatSbom(build));
  deepStrictEqual([bom.bomFormat, bom.specVersion], ["CycloneDX", "1.6"]);
  deepStrictEqual(bom.metadata.timestamp, "2026-05-28T20:26:40.000Z");
  deepStrictEqual(bom.components, [{
    "bom-ref": "pkg:npm/%40a/b@4.5.6",
    type: "library",
    name: "@a/b",
    version: "4.5.6",
    purl: "pkg:npm/%40a/b@4.5.6",
    licenses: [{ expression: "Apache-2.0 AND MIT" }],
    hashes: [{ alg: "SHA-512", content: "0001" }],
  }]);
});

Deno.test("requireTag() refuses what is no release", async () => {
  for (const gitRef of ["", "v1.2.3-4-gabcdef", "v1.2.3-dirty", "v1.2.4"]) {
    await rejects(
      requireTag({ ...source, gitRef }),
      /^Error: Cannot release 1\.2\.3: the sources are/,
    );
  }
  await rejects(requireTag(source), /CHANGELOG\.md does not say/);
});
