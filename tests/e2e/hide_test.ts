/** Hidden fields, from the file to a reviewer who reads them before deciding. */

import assert from "node:assert/strict";
import { sideBySide } from "./plugin.ts";
import { CHANNEL, channelId, World } from "./world.ts";

const RITA = "1600000000000000001";
const EVE = "1600000000000000003";
const ALICE = "1600000000000000004";
const OTHER = channelId(2);
const USERS = {
  rita: { discord_id: [RITA] },
  alice: { discord_id: [ALICE] },
};
const REASON = "OPS-4711: slow queries";

Deno.test("hidden fields", (t) =>
  sideBySide(t, {
    "a reviewer reads them first, nobody else does": async () => {
      await using world = await World.create({
        auth: { users: USERS },
        discord: { gateway: true },
        channels: { "*": [CHANNEL, OTHER] },
      });
      world.auth.misbehaviour.submitForUsers = true;
      await world.configure({
        rest: `[review]
enabled = true
require_reason = "always"
[messages]
hide = ["reason", "review_reasons"]
[messages.hide_by_recipient]
"${OTHER}" = []`,
      });
      const plugin = await world.start().ready();
      await plugin.waitForLine("listening for clicks");
      const { auth, discord } = world;
      const id = auth.createRequest({ user: "alice", reason: REASON });
      const message = await world.shows(id, "*Reason*: (hidden)", CHANNEL);
      await world.shows(id, REASON, OTHER);
      await world.untilStored(
        id,
        ({ messages = "" }) => messages.includes(","),
      );
      assert.ok(!message.content.includes("OPS-4711"));

      const others = [EVE, ALICE].map((userId) =>
        discord.click({ message, label: "Approve", userId })
      );
      await world.until(() => others.every(({ text = "" }) => text !== ""));
      for (const { text } of others) assert.doesNotMatch(text ?? "", /OPS/);

      const first = discord.click({ message, label: "Approve", userId: RITA });
      await world.until(() => first.text?.includes(REASON) === true);
      assert.equal(auth.countCalls("SubmitAccessReview"), 0);
      const second = discord.clickAnswer(first, "Approve");
      await world.until(() => second.form !== undefined);
      const sent = discord.sendForm(second, "typed: fits the ticket");
      await world.until(() => /approval is recorded/.test(sent.text ?? ""));
      const approved = await world.shows(id, "APPROVED", CHANNEL);
      assert.doesNotMatch(JSON.stringify(approved), /OPS-4711|typed/);
      const elsewhere = await world.shows(id, "APPROVED", OTHER);
      assert.match(JSON.stringify(elsewhere), /OPS-4711.*typed/);
      await world.untilStored(
        id,
        (data) => data[`x-hidden:${CHANNEL}`] === "reason,review_reasons",
      );
      assert.equal(await plugin.stop(), 0);
      assert.match(plugin.output, /hidden fields shown to a reviewer/);
      assert.doesNotMatch(plugin.output, /OPS-4711|typed/);
    },

    "a reload hides at once": async () => {
      await using world = await World.create();
      const plugin = await world.start().ready();
      const { auth } = world;
      const id = auth.createRequest({ reason: REASON });
      await world.shows(id, REASON);
      await world.configure({ rest: '[messages]\nhide = ["reason"]' });
      plugin.signal("SIGHUP");
      await world.shows(id, "*Reason*: (hidden)");
      await world.untilStored(
        id,
        (data) => data[`x-hidden:${CHANNEL}`] === "reason",
      );
      // What cannot be read must not show anything.
      await world.configure({ rest: '[messages]\nhide = ["reasons"]' });
      plugin.signal("SIGHUP");
      await plugin.waitForLine("cannot reload the configuration");
      await world.shows(
        auth.createRequest({ reason: REASON }),
        "*Reason*: (hidden)",
      );
      assert.equal(await plugin.stop(), 0);
    },
  }));
