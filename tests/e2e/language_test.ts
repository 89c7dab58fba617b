/** Korean, from the file to what people see. */

import assert from "node:assert/strict";
import { sideBySide } from "./plugin.ts";
import { CHANNEL, channelId, World } from "./world.ts";

const RITA = "1600000000000000001";
const ALICE = "1600000000000000004";
const OTHER = channelId(2);
const USERS = {
  rita: { discord_id: [RITA] },
  alice: { discord_id: [ALICE] },
};

Deno.test("languages", (t) =>
  sideBySide(t, {
    "each recipient has its own; a click is answered in that of the person":
      async () => {
        await using world = await World.create({
          auth: { users: USERS },
          discord: { gateway: true },
          channels: { "*": [CHANNEL, OTHER] },
        });
        world.auth.misbehaviour.submitForUsers = true;
        await world.configure({
          discord: "notify_requester = true",
          rest: `[review]
enabled = true
[messages]
language = "ko"
[messages.language_by_recipient]
"${OTHER}" = "en"`,
        });
        const plugin = await world.start().ready();
        await plugin.waitForLine("listening for clicks");
        const id = world.auth.createRequest({ user: "alice" });
        const message = await world.shows(id, "*상태*: ⏳ 대기 중", CHANNEL);
        await world.shows(id, "*Status*: ⏳ PENDING", OTHER);
        const { discord } = world;
        // Before that, whoever clicks is asked for some patience.
        const recorded = (id: string) =>
          world.untilStored(id, ({ messages = "" }) => messages.includes(","));
        await recorded(id);
        const clicked = discord.click({
          message,
          label: "거부",
          userId: RITA,
          locale: "ko",
        });
        await world.until(() => clicked.form !== undefined);
        assert.equal(clicked.form?.title, "요청 거부");
        const sent = discord.sendForm(clicked, "스테이징을 써 주십시오");
        await world.until(() => /거부가 기록되었습니다/.test(sent.text ?? ""));
        await world.shows(id, "*상태*: ❌ 거부됨", CHANNEL);
        await world.shows(id, "*Status*: ❌ DENIED", OTHER);
        await world.shows(id, "요청이 거부되었습니다:", `9${ALICE}`);
        const late = world.auth.createRequest({ user: "alice" });
        const other = await world.shows(late, "PENDING", OTHER);
        await recorded(late);
        const english = discord.click({
          message: other,
          label: "Approve",
          userId: RITA,
          locale: "fr",
        });
        await world.until(() => /is recorded/.test(english.text ?? ""));
        assert.equal(await plugin.stop(), 0);
        // The log is for administrators, and stays as it is.
        assert.doesNotMatch(
          plugin.output.replaceAll("스테이징을 써 주십시오", ""),
          /\p{Script=Hangul}/u,
        );
      },

    "a reload takes it over, and edits nothing": async () => {
      await using world = await World.create();
      const plugin = await world.start().ready();
      const { auth, discord } = world;
      const old = auth.createRequest();
      await world.shows(old, "PENDING");
      await world.configure({ rest: '[messages]\nlanguage = "ko"' });
      plugin.signal("SIGHUP");
      await plugin.waitForLine("configuration reloaded");
      await world.shows(auth.createRequest(), "대기 중");
      await world.shows(old, "PENDING");
      assert.deepEqual(
        discord.callNames.filter((name) => name.startsWith("PATCH")),
        [],
      );
      auth.setState(old, "APPROVED");
      await world.shows(old, "승인됨");
      assert.equal(await plugin.stop(), 0);
    },
  }));
