/** `check` as a person runs it. */

import { match, ok, strictEqual } from "node:assert/strict";
import { hang } from "../fakes/discord.ts";
import { CHANNEL, World } from "./world.ts";

Deno.test("check runs with the permissions of the program, and ends with Ctrl-C", async () => {
  await using world = await World.create();
  const args = ["check", "--config", world.path("config.toml"), "--send-test"];
  const good = world.start({ args });
  strictEqual(await good.exitCode, 0, good.output);
  ok(good.output.includes(`✓ test message to ${CHANNEL}: posted and removed`));
  ok(!good.output.includes("\x1b"), "colours without a terminal");
  strictEqual(good.output.includes("! user root: may"), Deno.uid() === 0);

  const end = Promise.withResolvers<void>();
  world.discord.fail("GET /channels/:id", hang(end.promise), Infinity);
  const stuck = world.start({ args: [...args, "--debug"] });
  await world.until(() =>
    world.discord.callNames.filter((name) => name.endsWith(`s/${CHANNEL}`))
      .length === 2
  );
  strictEqual(await stuck.stop("SIGINT"), 1, stuck.output);
  ok(!stuck.output.includes(world.discord.token), "a secret in the log");
  match(stuck.output, /✗ recipient \d+ of "\*": interrupted/);
  end.resolve();
});
