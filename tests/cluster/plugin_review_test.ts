/** Reviewing by clicks on a real Teleport. */

import assert from "node:assert/strict";
import { within } from "../e2e/plugin.ts";
import { CHANNEL } from "../e2e/world.ts";
import { needsTeleport } from "../left_out.ts";
import { Stage } from "./plugin_stage.ts";

/** The one whose trait the plugin's own user has, and one who is `rita`. */
const OWN = "1600000000000000001";
const RITA = "1600000000000000002";

const { ignore, leftOut } = needsTeleport("teleport", "tctl");

Deno.test({
  name: `real Teleport: reviews by clicks${leftOut}`,
  ignore,
  fn: async (t) => {
    await using stage = await Stage.start();
    const { cluster, discord } = stage;
    const identity = await cluster.sign("reviewing-plugin");
    const config = await stage.configure(
      "review",
      `identity = "${identity}"`,
      { "*": [CHANNEL] },
      { rest: '[review]\nenabled = true\nrequire_reason = "never"' },
    );
    const admin = await stage.act("request-admin");
    const make = () => admin.createRequest({ user: "alice", roles: ["dev"] });
    await using plugin = await stage.run(config).ready();
    await plugin.waitForLine("listening for clicks");

    /** Clicks, and waits for what the person is told; clicks again where the answer asks for it. */
    const click = async (
      id: string,
      label: string,
      userId: string,
    ): Promise<string> => {
      const [message] = stage.messagesOf(id);
      assert.ok(message);
      const seen = discord.click({ message, label, userId });
      await within(
        discord.waitFor(() => (seen.text ?? "") !== ""),
        "an answer",
        () => plugin.output,
      );
      const text = seen.text ?? "";
      return /^This message is still being recorded/.test(text)
        ? await click(id, label, userId)
        : text;
    };

    await t.step("18.0.0 takes no review in the name of another", async () => {
      const id = await make();
      await stage.shows(id, "PENDING");
      assert.match(
        await click(id, "Approve", RITA),
        /does not let this bot submit reviews/,
      );
      const line = await plugin.waitForLine("may not submit reviews");
      assert.match(line, /cannot submit reviews on behalf of/);
      assert.match(line, /submit_for_users/);
      await stage.shows(id, "PENDING");
    });

    await t.step("a click of the plugin's own user counts", async () => {
      const id = await make();
      await stage.shows(id, "PENDING");
      assert.match(
        await click(id, "Deny", OWN),
        /denial is recorded, as Teleport user `reviewing-plugin`/,
      );
      const message = await stage.shows(id, "DENIED");
      assert.deepEqual(message.components, []);
    });

    await t.step("nobody in particular, and too late", async () => {
      const id = await make();
      const { components } = await stage.shows(id, "PENDING");
      assert.match(await click(id, "Approve", "1600000000000000009"), /linked/);
      await admin.setState(id, "APPROVED");
      const message = await stage.shows(id, "APPROVED");
      // The buttons are gone; somebody's screen may still have them.
      const seen = discord.click({
        message: discord.api.addMessage(CHANNEL, discord.bot.id, {
          components,
        }),
        label: "Approve",
        userId: OWN,
      });
      await within(discord.waitFor(() => (seen.text ?? "") !== ""), "text");
      assert.match(seen.text ?? "", /does not belong to this message/);
      assert.match(message.content, /APPROVED/);
    });

    await t.step("check says what is missing", async () => {
      const check = stage.run(config, { args: ["check", "--config", config] });
      assert.equal(await check.exitCode, 78, check.output);
      assert.match(check.output, /✗ reviews for others: .* has no reviewers/);
      assert.match(check.output, /✓ rule list on user/);
    });

    assert.equal(await plugin.stop(), 0);
  },
});
