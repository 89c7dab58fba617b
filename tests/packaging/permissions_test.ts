/** What the shipped program may do: no more than it needs, and nobody can make it do more. */

import { deepStrictEqual, strictEqual } from "node:assert/strict";
import { PERMISSIONS, RUNTIME_FLAGS } from "../../packaging/permissions.ts";
import { ROOT } from "../../packaging/source.ts";
import { run } from "../../programs/command.ts";

Deno.test("the permissions are these", () => {
  deepStrictEqual(PERMISSIONS, [
    "--no-prompt",
    "--allow-net",
    "--allow-read",
    "--allow-env",
    "--allow-write=/var/log/teleport-discord,/var/lib/teleport-discord,/var/lib/teleport,/run/teleport-discord,/run/systemd/notify,/etc/teleport-discord.toml,/etc/teleport-discord.toml.new,/etc/teleport-discord",
    "--deny-run",
    "--deny-ffi",
    "--allow-sys=osUptime,uid,systemMemoryInfo",
  ]);
});

Deno.test("the program can neither run others nor write elsewhere", async () => {
  const out = await run(Deno.execPath(), [
    ...["run", "--quiet", ...RUNTIME_FLAGS, ...PERMISSIONS],
    `${ROOT}tests/packaging/forbidden.mjs`,
  ]);
  const found = JSON.parse(out);
  const wrong = Object.entries(found).filter(([, what]) => what !== "refused");
  deepStrictEqual(wrong, []);
  strictEqual(Object.keys(found).length, 10);
});
