/**
 * What the program contains, for programs that look for known weaknesses.
 *
 * @module
 */

import type { Build } from "./build.ts";
import { HOMEPAGE } from "./deb.ts";
import { PROGRAM } from "./program.ts";

/**
 * Returns a bill of materials in CycloneDX 1.6.
 *
 * Source: CycloneDX specification, "JSON Reference v1.6".
 */
export function formatSbom({ source, bundle, programs }: Build): string {
  const purl = (name: string, version: string) =>
    `pkg:npm/${name.replace("@", "%40")}@${version}`;
  const runtimes = [...new Set(programs.map(({ deno }) => deno))].toSorted();
  const bom = {
    bomFormat: "CycloneDX",
    specVersion: "1.6",
    version: 1,
    metadata: {
      timestamp: new Date(source.epochSec * 1000).toISOString(),
      component: {
        "bom-ref": PROGRAM,
        type: "application",
        name: PROGRAM,
        version: source.version,
        licenses: [{ license: { id: "Apache-2.0" } }],
        externalReferences: [{ type: "vcs", url: HOMEPAGE }],
      },
    },
    components: [
      ...runtimes.map((version) => ({
        "bom-ref": `deno@${version}`,
        type: "platform",
        name: "deno",
        version,
        purl: `pkg:github/denoland/deno@v${version}`,
        licenses: [{ license: { id: "MIT" } }],
      })),
      ...bundle.packages.map(({ name, version, licence, sha512 }) => ({
        "bom-ref": purl(name, version),
        type: "library",
        name,
        version,
        purl: purl(name, version),
        licenses: [
          licence.includes(" ")
            ? { expression: licence }
            : { license: { id: licence } },
        ],
        hashes: [{
          alg: "SHA-512",
          content: Uint8Array.fromBase64(sha512).toHex(),
        }],
      })),
    ],
  };
  return `${JSON.stringify(bom, undefined, 2)}\n`;
}
