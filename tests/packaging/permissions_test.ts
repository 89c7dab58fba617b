/** What the shipped program may do: no more than it needs, and nobody can make it do more. */

import { deepStrictEqual, strictEqual } from "node:assert/strict";
import { PERMISSIONS, RUNTIME_FLAGS } from "../../packaging/permissions.ts";

Deno.test("the permissions are these", () => {
  deepStrictEqual(PERMISSIONS, [
    "--no-prompt",
    "--allow-net",
    "--allow-read",
    "--allow-env",
    "--allow-write=/var/log/teleport-discord,/var/lib/teleport-discord,/var/lib/teleport,/run/teleport-discord,/run/systemd/notify",
    "--deny-run",
    "--deny-ffi",
    "--allow-sys=osUptime,uid",
  ]);
});

/** Tries what it should not be able to do, and prints what came of it. */
const PROBE = `
const attempts = {
  run: () => new Deno.Command("/bin/true").output(),
  "run itself": () => new Deno.Command(Deno.execPath()).output(),
  write: () => Deno.writeTextFile("/tmp/teleport-discord-probe", ""),
  "write beside": () => Deno.mkdir("/var/lib/teleport-discord-2"),
  "write above": () => Deno.writeTextFile("/var/lib/teleport-discord/../x", ""),
  remove: () => Deno.remove("/etc/teleport-discord.toml"),
  ffi: () => Deno.dlopen("libc.so.6", {}),
  sys: () => Deno.hostname(),
  import: () => import("https://" + "deno.land/x"),
  "ask for more": async () => {
    const { state } = await Deno.permissions.request({ name: "run" });
    if (state === "denied") throw new Error("Requires run access");
  },
};
const found = {};
for (const [name, attempt] of Object.entries(attempts)) {
  try {
    await attempt();
    found[name] = "done";
  } catch (error) {
    found[name] = /^Requires \\w+ access|--no-remote/.test(error.message) ? "refused" : error.name;
  }
}
console.log(JSON.stringify(found));
`;

Deno.test("the program can neither run others nor write elsewhere", async () => {
  const path = await Deno.makeTempFile({ suffix: ".mjs" });
  try {
    await Deno.writeTextFile(path, PROBE);
    const { stdout, stderr } = await new Deno.Command(Deno.execPath(), {
      args: ["run", "--quiet", ...RUNTIME_FLAGS, ...PERMISSIONS, path],
      stdin: "null",
    }).output();
    strictEqual(new TextDecoder().decode(stderr), "");
    const found = JSON.parse(new TextDecoder().decode(stdout));
    const wrong = Object.entries(found)
      .filter(([, what]) => what !== "refused");
    deepStrictEqual(wrong, []);
    strictEqual(Object.keys(found).length, 10);
  } finally {
    await Deno.remove(path);
  }
});
