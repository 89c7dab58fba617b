/** What docs/check.md shows of `check` is what the program prints. */

import { deepStrictEqual, ok } from "node:assert/strict";
import { CHANNEL, type CheckResult, SetUpWorld } from "../check/check_world.ts";
import { BITS } from "../fakes/discord_guilds.ts";
import { listSources, SOURCES } from "../imports.ts";
import { readPage } from "./pages.ts";

const PAGE = await readPage("docs/check.md");

const SECOND = "2100000000000000002";
const DAY_MS = 86_400_000;

/** Returns the lines of the block of the page that shows a command. */
function shown(command: string): string[] {
  const block = [...PAGE.matchAll(/```console\n([\s\S]*?)\n```/g)]
    .map(([, text = ""]) => text)
    .find((text) => text.startsWith(`$ ${command}\n`));
  ok(block !== undefined, `the page does not show "${command}"`);
  return settle(block).split("\n").slice(1);
}

/** Leaves out what is different each time. */
function settle(text: string): string {
  return text
    .replace(/teleport-discord \d\S*: runs on Deno \S+/, "PROGRAM")
    .replace(/on \d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ/, "on DATE")
    .replace(/@teleport, \d+/, "@teleport, ID");
}

/** Puts names that an operator has in the place of those of the test. */
function lines({ out }: CheckResult, world: SetUpWorld): string[] {
  const text = out.replaceAll(world.auth.address, "auth.example.com:3025")
    .replaceAll(world.path("identity"), "/var/lib/teleport-discord/identity")
    .replaceAll(world.path("token"), "/etc/teleport-discord/token")
    .replaceAll(world.path("config.toml"), "/etc/teleport-discord.toml");
  return settle(text).trim().split("\n");
}

async function start(recipients?: string): Promise<SetUpWorld> {
  const world = await SetUpWorld.create(recipients);
  const guild = world.discord.api.guilds.get("1");
  ok(guild);
  guild.name = "Example";
  world.discord.channel(CHANNEL, { name: "access-requests" });
  const now = Date.now();
  const identity = await world.auth.pki.issueIdentity("teleport-discord", {
    notBefore: new Date(now - DAY_MS),
    notAfter: new Date(now + 29.5 * DAY_MS),
  });
  await world.write("identity", identity);
  return world;
}

Deno.test("docs/check.md: check on a good set-up", async () => {
  await using world = await start();
  const result = await world.check();
  deepStrictEqual(
    lines(result, world),
    shown("teleport-discord check"),
  );
});

Deno.test("docs/check.md: check on a broken set-up", async () => {
  await using world = await start(
    `"*" = "${CHANNEL}"\n"prod-root" = "${SECOND}"`,
  );
  world.discord.channel(CHANNEL, {
    overwrites: [{ id: "1", type: 0, allow: 0n, deny: BITS.embedLinks }],
  });
  world.discord.channel(SECOND, { view: false });
  world.auth.grants.delete("access_request:list");
  await Deno.chmod(world.path("token"), 0o644);
  const result = await world.check();
  deepStrictEqual(
    lines(result, world),
    shown("teleport-discord check -c /etc/teleport-discord.toml"),
  );
});

/** Where a source names the kind of a finding. */
const FINDING_ID = /\bid: "([a-z_.]+)"/g;

Deno.test("docs/check.md: the kinds of findings are those of the program", async () => {
  const table = /\| `area`.*\n\| -.*\n((?:\|.*\n)+)/.exec(PAGE)?.[1] ?? "";
  const known = table.split("\n").slice(0, -1)
    .flatMap((row) => row.split("|")[2]?.match(/[a-z_.]+/g) ?? []);
  const used = new Set<string>();
  for (const url of await listSources(SOURCES)) {
    if (!/\/check[./]/.test(url.href)) continue;
    const text = await Deno.readTextFile(url);
    for (const [, id = ""] of text.matchAll(FINDING_ID)) used.add(id);
  }
  used.add("program");
  deepStrictEqual(known.toSorted(), [...used].toSorted());
});
