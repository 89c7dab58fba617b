/** The unit: how much of the machine it can reach, and whether systemd understands it. */

import { deepStrictEqual, match } from "node:assert/strict";
import { ROOT } from "../../packaging/source.ts";
import { needs } from "../left_out.ts";
import { attempt, check, emptyFolder } from "./tools.ts";

const UNIT = `${ROOT}packaging/systemd/teleport-discord.service`;

const possible = needs("systemd-analyze");
Deno.test({
  name: `the unit exposes 1.5 of 10 at most${possible.leftOut}`,
  ignore: possible.ignore,
  fn: async () => {
    const out = await check([
      "systemd-analyze",
      "security",
      "--offline=yes",
      "--threshold=15",
      "--no-pager",
      UNIT,
    ]);
    match(
      out,
      /Overall exposure level for teleport-discord\.service: \d\.\d OK/,
    );
  },
});

Deno.test({
  name: `systemd finds nothing wrong with the unit${possible.leftOut}`,
  ignore: possible.ignore,
  fn: async () => {
    const path = `${await emptyFolder("unit")}/teleport-discord.service`;
    // The program that it names has to exist.
    const text = (await Deno.readTextFile(UNIT)).replace(
      "/usr/bin/teleport-discord",
      "/bin/true",
    );
    await Deno.writeTextFile(path, text);
    // It ends with 0 even if it finds something.
    const outcome = await attempt([
      "systemd-analyze",
      "verify",
      "--man=no",
      path,
    ]);
    deepStrictEqual(outcome, { code: 0, out: "", err: "" });
  },
});
