/** What the linters of both distributions say; what is left out, and why, is in packaging/. */

import { match, ok, strictEqual } from "node:assert/strict";
import { build } from "../../packaging/build.ts";
import { createDeb } from "../../packaging/deb.ts";
import { createRpm } from "../../packaging/rpm.ts";
import { ROOT } from "../../packaging/source.ts";
import { TARGETS } from "../../packaging/targets.ts";
import { needs } from "../left_out.ts";
import { attempt, BASE, emptyFolder } from "./tools.ts";

const built = await build({
  dist: await emptyFolder("lint"),
  mode: BASE ?? { kind: "runtime" },
  targets: TARGETS.slice(0, 1),
});
const [program] = built.programs;
ok(program !== undefined);

const debian = needs("lintian", "dpkg-deb");
Deno.test({
  name: `lintian is content${debian.leftOut}`,
  ignore: debian.ignore,
  fn: async () => {
    const path = await createDeb(built, program, "quick");
    const { code, out } = await attempt([
      ...["lintian", "--display-experimental", "--pedantic", "--allow-root"],
      ...["--fail-on", "error,warning", path],
    ]);
    strictEqual(out, "");
    strictEqual(code, 0);
  },
});

const red = needs("rpmlint", "rpmbuild");
Deno.test({
  name: `rpmlint is content${red.leftOut}`,
  ignore: red.ignore,
  fn: async () => {
    const path = await createRpm(built, program, "quick");
    const { code, out } = await attempt([
      ...["rpmlint", "--config", `${ROOT}packaging/rpm/rpmlint.toml`, path],
    ]);
    match(out, / 0 errors, 0 warnings/);
    strictEqual(code, 0, out);
  },
});
