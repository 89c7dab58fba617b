/** What a person at the keyboard may do, between stand-ins of both services, in this process. */

import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import { systemCheckHost } from "../../../src/check/collect/check_host.ts";
import { init } from "../../../src/cli/init/init.ts";
import { CHANNEL, SetUpWorld } from "../../check/check_world.ts";

/** How long one answer may be tried in this test. */
const LIMIT_MS = 4000;

Deno.test("init gives people all the time that they take", async () => {
  await using world = await SetUpWorld.create();
  const folder = await Deno.makeTempDir();
  let out = "";
  const answers = [
    world.path("identity"),
    world.auth.address,
    world.discord.token,
    `https://discord.com/channels/1/${CHANNEL}`,
  ];
  const keyboard = {
    async read(buffer: Uint8Array) {
      const answer = answers.shift();
      if (answer === undefined) return null;
      // Only once, so that the test does not take long: nothing else can be waited for.
      if (answer === world.auth.address) {
        await new Promise((resolve) => setTimeout(resolve, LIMIT_MS + 100));
      }
      return new TextEncoder().encodeInto(`${answer}\n`, buffer).written;
    },
    setRaw() {},
  };
  const host = {
    ...systemCheckHost(),
    env: () => undefined,
    uid: 54_321,
    limitMs: LIMIT_MS,
  };
  try {
    const code = await init(
      {
        identity: undefined,
        addr: undefined,
        tokenFile: undefined,
        channel: undefined,
        directory: folder,
        overwrite: false,
        apiUrl: world.discord.url,
        printRole: false,
      },
      {
        out: (text) => out += text,
        err: (text) => out += text,
        colored: false,
      },
      keyboard,
      new AbortController().signal,
      host,
    );
    strictEqual(code, 0, out);
    deepStrictEqual(answers, []);
    ok(!out.includes(world.discord.token));
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("init says of what does not answer how long it waited", async () => {
  await using world = await SetUpWorld.create();
  using silent = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  let out = "";
  const code = await init(
    {
      identity: world.path("identity"),
      addr: `127.0.0.1:${silent.addr.port}`,
      tokenFile: undefined,
      channel: undefined,
      directory: world.folder,
      overwrite: false,
      apiUrl: world.discord.url,
      printRole: false,
    },
    { out: (text) => out += text, err: (text) => out += text, colored: false },
    undefined,
    new AbortController().signal,
    { ...systemCheckHost(), env: () => undefined, uid: 54_321, limitMs: 200 },
  );
  strictEqual(code, 1, out);
  ok(out.includes("connection to the Auth Service: no answer within 0.2 s\n"));
});
