/** Both services behind an HTTP proxy, which alone knows where they are. */

import assert from "node:assert/strict";
import { ConnectProxy } from "../fakes/middle_boxes.ts";
import { runBundle } from "./bundle.ts";
import { Plugin } from "./plugin.ts";
import { World } from "./world.ts";

const TELEPORT = "CONNECT teleport.example.test:3025";
const DISCORD = "CONNECT discord.example.test:443";

interface Case {
  readonly name: string;
  readonly variable: string;
  /** What secrets and files of variables bring with them. */
  readonly end?: string;
  readonly noProxy: string;
  readonly requests: readonly string[];
}

const CASES: readonly Case[] = [
  {
    name: "HTTPS_PROXY leads to Teleport and to Discord",
    variable: "HTTPS_PROXY",
    noProxy: "other.example.test",
    requests: [TELEPORT, DISCORD],
  },
  {
    name: "https_proxy leads there too, with a line end behind it",
    variable: "https_proxy",
    end: " \n",
    noProxy: "other.example.test\n",
    requests: [TELEPORT, DISCORD],
  },
  {
    // The runtime of itself takes such an entry for the whole host, or for none.
    name: "NO_PROXY with another port exempts neither",
    variable: "HTTPS_PROXY",
    noProxy: "discord.example.test:8443, teleport.example.test:443",
    requests: [TELEPORT, DISCORD],
  },
  {
    name: "NO_PROXY with port, in capitals, exempts Discord",
    variable: "HTTPS_PROXY",
    noProxy: "DISCORD.example.test:443",
    requests: [TELEPORT],
  },
];

for (const { name, variable, end = "", noProxy, requests } of CASES) {
  Deno.test(name, async () => {
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
        [variable]: `http://us%40er:pass%20word@127.0.0.1:${proxy.port}${end}`,
        NO_PROXY: noProxy,
      },
    });
    await plugin.waitForLine("connected to the Auth Service");
    // The stand-in of Discord speaks no TLS; that it was asked for is what counts.
    await plugin.waitForLine("cannot reach Discord, will retry");
    assert.deepEqual(new Set(proxy.requests), new Set(requests));
    assert.doesNotMatch(plugin.output, /pass.word|cGFzcyB3b3Jk/);
    assert.equal(await plugin.stop(), 0);
  });
}
