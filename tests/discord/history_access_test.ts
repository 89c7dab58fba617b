import assert from "node:assert/strict";
import { mayReadHistory } from "../../src/discord/history_access.ts";
import { DiscordInspector } from "../../src/discord/inspector.ts";
import { startWorld } from "./world.ts";

const NOW = new Date("2026-11-23T12:00:00Z");

Deno.test("whether messages may be read is told by the permissions, not by a list", async () => {
  await using world = await startWorld();
  const { discord, client } = world;
  const inspector = new DiscordInspector(client);
  const may = (id: string) =>
    mayReadHistory(inspector, id, discord.bot.id, NOW);
  assert.equal(await may("7"), true);
  discord.channel("8", { history: false });
  assert.equal(await may("8"), false);
  // A thread has the overwrites of the channel that it hangs from.
  discord.channel("9", { type: 11, parentId: "8" });
  assert.equal(await may("9"), false);
  discord.channel("10", { type: 11, parentId: "7" });
  assert.equal(await may("10"), true);
  discord.channel("11", { type: 1 });
  assert.equal(await may("11"), true);
});
