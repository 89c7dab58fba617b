/** The unit that the README shows is a part of the one that is shipped. */

import { deepStrictEqual, ok } from "node:assert/strict";

const ROOT = new URL("../../", import.meta.url);

Deno.test("README: each line of the unit is in the one that is shipped, in this order", async () => {
  const [readme, unit] = await Promise.all(
    ["README.md", "packaging/systemd/teleport-discord.service"]
      .map((path) => Deno.readTextFile(new URL(path, ROOT))),
  );
  const shown = /```ini\n([^]*?)\n```/.exec(readme ?? "")?.[1]?.split("\n") ??
    [];
  ok(shown.length > 10);
  const shipped = (unit ?? "").split("\n").filter((line) =>
    shown.includes(line)
  );
  deepStrictEqual(shown, shipped);
});
