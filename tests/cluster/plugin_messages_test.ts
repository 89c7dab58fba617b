/** Language and hidden fields on a real Teleport, and what the official plugin makes of them. */

import assert from "node:assert/strict";
import { within } from "../e2e/plugin.ts";
import { CHANNEL, channelId } from "../e2e/world.ts";
import { needsTeleport } from "../left_out.ts";
import { Stage } from "./plugin_stage.ts";

const { ignore, leftOut } = needsTeleport(
  "teleport",
  "tctl",
  "teleport-discord",
);

/** A trait of the user `rita`. */
const RITA = "1600000000000000002";
const SECOND = channelId(2);
const REASON = "OPS-4711: slow queries";

Deno.test({
  name:
    `real Teleport: Korean and hidden fields, with the official plugin in between${leftOut}`,
  ignore,
  fn: async (t) => {
    await using stage = await Stage.start({}, [CHANNEL, SECOND]);
    const { discord } = stage;
    const { bob, rita, rob, identity } = await stage.people("reviewing-plugin");
    const config = await stage.configure(
      "plugin",
      `identity = "${identity}"`,
      { "*": [CHANNEL, SECOND] },
      {
        rest: `[review]
enabled = true
require_reason = "never"
[messages]
language = "ko"
hide = ["reason", "review_reasons"]
[messages.language_by_recipient]
"${SECOND}" = "en"
[messages.hide_by_recipient]
"${SECOND}" = []`,
      },
    );
    const startOfficial = () => stage.runOfficial(config).ready();
    const contentOf = (id: string, channel: string) => {
      const [message] = stage.messagesOf(id, channel);
      return JSON.stringify([message?.content, message?.embeds]);
    };
    const hiddenOf = async (id: string) =>
      (await stage.pluginData(id))[`x-hidden:${CHANNEL}`];
    let id = "";

    await t.step("each channel has its language, and its fields", async () => {
      await using plugin = await stage.run(config).ready();
      id = await bob.createRequest({
        user: "bob",
        roles: ["dev"],
        reason: REASON,
      });
      await stage.shows(id, "*사유*: (숨김)", CHANNEL);
      await stage.shows(id, REASON, SECOND);
      assert.ok(!contentOf(id, CHANNEL).includes("OPS-4711"));
      await plugin.waitForLine("listening for clicks");
      // What is shown comes from Teleport; 18.0.0 takes no review in the name of another.
      const answered = async (click: () => { text: string | undefined }) => {
        for (;;) {
          const seen = click();
          await within(
            discord.waitFor(() => (seen.text ?? "") !== ""),
            "an answer",
            () => plugin.output,
          );
          if (!/기록하고 있습니다/.test(seen.text ?? "")) return seen;
        }
      };
      const click = () => {
        const [message] = stage.messagesOf(id, CHANNEL);
        assert.ok(message);
        return discord.click({
          message,
          label: "승인",
          userId: RITA,
          locale: "ko",
        });
      };
      const first = await answered(click) as ReturnType<typeof click>;
      assert.match(first.text ?? "", /OPS-4711/);
      const second = await answered(() => discord.clickAnswer(first, "승인"));
      assert.match(second.text ?? "", /검토를 제출할 수 없습니다/);
      assert.equal(await plugin.stop(), 0);
      assert.equal(await hiddenOf(id), "reason,review_reasons");
    });

    await t.step(
      "the official plugin edits in English, shows all, and keeps what is stored",
      async () => {
        await using plugin = await startOfficial();
        await rita.review(id, "APPROVED", "fits the ticket");
        const met = (channel: string) =>
          stage.messagesOf(id, channel).some((m) => m.embeds.length === 1);
        await within(
          discord.waitFor(() => met(CHANNEL) && met(SECOND)),
          "an edit of the official plugin",
        );
        assert.match(contentOf(id, CHANNEL), /OPS-4711.*fits the ticket/s);
        assert.equal(await plugin.stop(), 0);
        assert.equal(await hiddenOf(id), "reason,review_reasons");
      },
    );

    await t.step("this one hides it again, in Korean", async () => {
      await using plugin = await stage.run(config).ready();
      await stage.shows(id, "*사유*: (숨김)", CHANNEL);
      assert.doesNotMatch(contentOf(id, CHANNEL), /OPS-4711|fits the ticket/);
      await rob.review(id, "DENIED", "use staging");
      await stage.shows(id, "*상태*: ❌ 거부됨", CHANNEL);
      await stage.shows(id, "*Status*: ❌ DENIED", SECOND);
      assert.doesNotMatch(contentOf(id, CHANNEL), /OPS-4711|use staging/);
      assert.match(contentOf(id, SECOND), /OPS-4711.*use staging/s);
      assert.equal(await plugin.stop(), 0);
    });
  },
});
