/** Both services behind an HTTP proxy, which alone knows where they are. */

import assert from "node:assert/strict";
import { ConnectProxy } from "../fakes/middle_boxes.ts";
import { runBundle } from "./bundle.ts";
import { Plugin } from "./plugin.ts";
import { World } from "./world.ts";

for (const variable of ["HTTPS_PROXY", "https_proxy"]) {
  Deno.test(`${variable} leads to Teleport and to Discord`, async () => {
    await using world = await World.create();
    const discord = new URL(world.discord.url).host;
    await using proxy = await ConnectProxy.start(
      "us@er:pass word",
      (target) => target.startsWith("teleport.") ? world.auth.address : discord,
    );
    const config = await Deno.readTextFile(world.path("config.toml"));
    await world.write(
      "config.toml",
      config.replace(world.auth.address, "teleport.example.test:3025")
        .replace(world.discord.url, "https://discord.example.test/"),
    );
    await using plugin = new Plugin(world.path("config.toml"), {
      program: Deno.execPath(),
      args: [
        ...runBundle("any"),
        ...["start", "--config", world.path("config.toml")],
      ],
      env: {
        [variable]: `http://us%40er:pass%20word@127.0.0.1:${proxy.port}`,
        NO_PROXY: "other.example.test",
      },
    });
    await plugin.waitForLine("connected to the Auth Service");
    // The stand-in of Discord speaks no TLS; that it was asked for is what counts.
    await plugin.waitForLine("cannot reach Discord, will retry");
    assert.deepEqual(
      new Set(proxy.requests),
      new Set([
        "CONNECT teleport.example.test:3025",
        "CONNECT discord.example.test:443",
      ]),
    );
    assert.doesNotMatch(plugin.output, /pass.word|cGFzcyB3b3Jk/);
    assert.equal(await plugin.stop(), 0);
  });
}
