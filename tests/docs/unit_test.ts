/** The unit that docs/operations.md shows is a part of the one that is shipped. */

import { deepStrictEqual, ok } from "node:assert/strict";

const ROOT = new URL("../../", import.meta.url);

Deno.test("docs/operations.md: each line of the unit is in the one that is shipped, in this order", async () => {
  const [page, unit] = await Promise.all(
    ["docs/operations.md", "packaging/systemd/teleport-discord.service"]
      .map((path) => Deno.readTextFile(new URL(path, ROOT))),
  );
  const shown = /```ini\n([^]*?)\n```/.exec(page ?? "")?.[1]?.split("\n") ??
    [];
  ok(shown.length > 10);
  const shipped = (unit ?? "").split("\n").filter((line) =>
    shown.includes(line)
  );
  deepStrictEqual(shown, shipped);
});
