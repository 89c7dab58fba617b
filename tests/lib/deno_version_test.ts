import { doesNotThrow, throws } from "node:assert/strict";
import { requireDeno } from "../../src/lib/deno_version.ts";

const pure = { permissions: "none" } as const;

for (const version of ["2.9.5", "2.9.6", "2.10.0", "3.0.0", "2.9.6+abc123"]) {
  Deno.test(`requireDeno("${version}") is content`, pure, () => {
    doesNotThrow(() => requireDeno(version));
  });
}

for (
  const version of ["2.9.4", "2.9.1", "2.7.11", "1.46.3", "2.9", "2.9.0-rc.1"]
) {
  Deno.test(`requireDeno("${version}") asks for a newer one`, pure, () => {
    throws(() => requireDeno(version), {
      name: "OperatorError",
      message:
        `Cannot connect with Deno ${version}: Deno 2.9.5 or newer is needed`,
    });
  });
}

Deno.test("requireDeno() is content with the Deno of the tests", pure, () => {
  doesNotThrow(() => requireDeno());
});
