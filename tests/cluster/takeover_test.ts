/** The official plugin and this one take over from each other. */

import assert from "node:assert/strict";
import { within } from "../e2e/plugin.ts";
import { CHANNEL, channelId } from "../e2e/world.ts";
import { needsTeleport } from "../left_out.ts";
import { ownKeys, Stage } from "./plugin_stage.ts";
import { NODE_NAME } from "./real_cluster.ts";

const { ignore, leftOut } = needsTeleport(
  "teleport",
  "tctl",
  "teleport-discord",
);
const SECOND = channelId(2);
const CHANNELS = [CHANNEL, SECOND];

/** Everything that Go's JSON encoder treats in its own way, and what else may go wrong. */
const REASON = 'a <b> & "c" \\ d\te\u2028f\u00e9 \uc774\uc720 \u{1f600} `g`';

Deno.test({
  name: `real Teleport: the official plugin and this one, in turns${leftOut}`,
  ignore,
  fn: async (t) => {
    await using stage = await Stage.start({}, CHANNELS);
    await stage.apply(`kind: role
version: v7
metadata: {name: ops}
spec: {allow: {logins: [root, "a<b>&c"]}}
`);
    const [alice, bob, rita, rob, identity] = await Promise.all([
      stage.act("alice"),
      stage.act("bob"),
      stage.act("rita"),
      stage.act("rob"),
      stage.cluster.sign("discord-plugin"),
    ]);
    const config = await stage.configure(
      "plugin",
      `identity = "${identity}"`,
      { "*": CHANNELS },
      // Keys of its own, to be ignored and kept by the official plugin.
      {
        discord: "notify_requester = true",
        rest: `[users]
"alice" = "${channelId(9)}"
[role_to_mentions]
"*" = "role:${channelId(8)}"`,
      },
    );
    const startOurs = () => stage.run(config).ready();
    const startOfficial = () => stage.runOfficial(config).ready();
    const make = () =>
      bob.createRequest({ user: "bob", roles: ["ops", "dev"], reason: REASON });
    const makeForNode = () =>
      alice.createRequest({
        user: "alice",
        resources: [{ cluster: "example.com", kind: "node", name: NODE_NAME }],
        reason: REASON,
      });
    const show = async (id: string, text: string) => {
      for (const channel of CHANNELS) await stage.shows(id, text, channel);
    };
    /** Waits until the messages have so many embeds, one for each review. */
    const showReviews = async (id: string, count: number) => {
      const met = (channel: string) =>
        stage.messagesOf(id, channel).some((m) => m.embeds.length === count);
      const all = stage.discord.waitFor(() => CHANNELS.every(met));
      await within(all, `${count} reviews of ${id}`);
    };
    const messageIds = (id: string) =>
      CHANNELS.map((channel) => stage.messagesOf(id, channel)[0]?.id);
    const stored = async (ids: readonly string[]) =>
      (await Promise.all(ids.map((id) => stage.pluginData(id)))).map(official);

    let theirs: string[] = [];
    let ours: string[] = [];

    await t.step("the official plugin announces, and stops", async () => {
      await using plugin = await startOfficial();
      theirs = [await make(), await makeForNode(), await make()];
      for (const id of theirs) await show(id, "PENDING");
      assert.equal(await plugin.stop(), 0);
    });
    const announcedByThem = await stored(theirs);

    await t.step(
      "this one edits its messages, and announces others",
      async () => {
        await using plugin = await startOurs();
        const before = theirs.map(messageIds);
        const [approved = "", node = "", open = ""] = theirs;
        await rita.review(approved, "APPROVED", REASON);
        await showReviews(approved, 1);
        await rob.review(approved, "APPROVED", REASON);
        await show(approved, "*Status*: ✅ APPROVED");
        await rita.review(node, "DENIED", REASON);
        await show(node, "*Status*: ❌ DENIED");
        await rita.review(open, "APPROVED", REASON);
        await showReviews(open, 1);
        assert.deepEqual(theirs.map(messageIds), before);
        ours = [await make(), await makeForNode(), await make(), await make()];
        for (const id of ours) await show(id, "PENDING");
        assert.equal(await plugin.stop(), 0);
      },
    );
    const announcedByUs = await stored(ours);
    const editedByUs = await stored(theirs);

    await t.step("both store the same bytes about a new request", () => {
      assert.deepEqual(announcedByUs.slice(0, 3), announcedByThem);
    });

    await t.step(
      "the official plugin edits those, without an error",
      async () => {
        const [approved = "", node = "", open = "", deleted = ""] = ours;
        const before = ours.map(messageIds);
        await using plugin = await startOfficial();
        await rita.review(approved, "APPROVED", REASON);
        await showReviews(approved, 1);
        await rob.review(approved, "APPROVED", REASON);
        await show(approved, "*Status*: ✅ APPROVED");
        await rita.review(node, "DENIED", REASON);
        await show(node, "*Status*: ❌ DENIED");
        await rita.review(open, "APPROVED", REASON);
        await showReviews(open, 1);
        await stage.cluster.tctl("requests", "rm", "--force", deleted);
        await show(deleted, "*Status*: ⌛ EXPIRED");
        // This one edited it last.
        await rob.review(theirs[2] ?? "", "DENIED", REASON);
        await show(theirs[2] ?? "", "*Status*: ❌ DENIED");
        assert.equal(await plugin.stop(), 0);
        assert.deepEqual(ours.map(messageIds), before);
        assert(plugin.lines("INFO").length > 0);
        const problems = plugin.lines((line) => /ERRO|WARN/.test(line));
        assert.deepEqual(problems, []);
      },
    );

    await t.step(
      "both store the same bytes about reviews and outcomes",
      async () => {
        assert.deepEqual((await stored(ours)).slice(0, 3), editedByUs);
      },
    );

    await t.step(
      "this one goes on where the official plugin stopped",
      async () => {
        const [approved = "", node = "", open = "", deleted = ""] = ours;
        const before = ours.map(messageIds);
        await using plugin = await startOurs();
        await rob.review(open, "DENIED", "no");
        await show(open, "*Status*: ❌ DENIED");
        await showReviews(open, 2);
        await show(approved, "✅ APPROVED");
        await show(node, "❌ DENIED");
        await show(deleted, "⌛ EXPIRED");
        assert.equal(await plugin.stop(), 0);
        assert.deepEqual(ours.map(messageIds), before);
      },
    );

    await t.step("both at once: each request is announced once", async () => {
      await using first = await startOurs();
      await using second = await startOfficial();
      const ids = await Promise.all(Array.from({ length: 12 }, make));
      for (const id of ids) await show(id, "PENDING");
      for (const id of ids) await rita.review(id, "DENIED", REASON);
      for (const id of ids) await show(id, "*Status*: ❌ DENIED");
      assert.equal(await first.stop(), 0);
      assert.equal(await second.stop(), 0);
      for (const id of ids) await show(id, "*Status*: ❌ DENIED");
    });
  },
});

/** Keys of the official plugin; messages differ from request to request. */
function official(
  data: Readonly<Record<string, string>>,
): Record<string, string> {
  const kept = Object.entries(data)
    .filter(([key]) => !key.startsWith("x-") && key !== "messages");
  return Object.fromEntries(kept);
}

Deno.test({
  name:
    `real Teleport: the official plugin follows what was escalated, and gives it back${leftOut}`,
  ignore,
  fn: async () => {
    await using stage = await Stage.start({}, CHANNELS);
    const { bob, rita, rob, identity } = await stage.people();
    const config = await stage.configure(
      "plugin",
      `identity = "${identity}"`,
      { "*": [CHANNEL] },
      {
        discord: 'remind_after = ["2s", "1h"]\nnotify_before_end = "15m"',
        rest: `[[escalation]]
after = "3s"
recipients = ["${SECOND}", "${CHANNEL}"]
mentions = "role:${channelId(8)}"`,
      },
    );
    const ours = await stage.run(config).ready();
    const id = await bob.createRequest({ user: "bob", roles: ["dev"] });
    await stage.shows(id, "PENDING", SECOND);
    await stage.discord.waitFor(() => stage.messagesOf(id).length === 3);
    assert.equal(await ours.stop(), 0);
    const before = await stage.pluginData(id);

    const theirs = await stage.runOfficial(config).ready();
    await rita.review(id, "APPROVED", "fine");
    await stage.discord.waitFor(() =>
      CHANNELS.every((channel) =>
        stage.messagesOf(id, channel).some((m) => m.embeds.length === 1)
      )
    );
    await theirs.stop();
    const between = await stage.pluginData(id);
    assert.deepEqual(ownKeys(between), ownKeys(before));

    const again = await stage.run(config).ready();
    await rob.review(id, "APPROVED", "go");
    await stage.discord.waitFor(() =>
      CHANNELS.every((channel) =>
        stage.messagesOf(id, channel)[0]?.content.endsWith(
          "*Status*: ✅ APPROVED\n*Resolution reason*: ```\ngo```",
        )
      )
    );
    assert.equal(await again.stop(), 0);
    // Nobody is told again of what was told.
    assert.equal(stage.messagesOf(id).length, 3);
    assert.equal(stage.messagesOf(id, SECOND).length, 1);
  },
});

const ASKED = "OPS-4711";
const REVIEWED = "typed by rita";

Deno.test({
  name:
    `real Teleport: the official plugin shows what was hidden, in English, and this one hides it again${leftOut}`,
  ignore,
  fn: async (t) => {
    await using stage = await Stage.start({}, CHANNELS);
    const { bob, rita, rob, identity } = await stage.people();
    const admin = await stage.act("request-admin");
    const config = await stage.configure(
      "plugin",
      `identity = "${identity}"`,
      { "*": [CHANNEL] },
      {
        discord: "thread_per_request = true",
        rest: `[messages]
language = "ko"
hide = ["user", "reason", "review_reasons"]
[[escalation]]
after = "2s"
recipients = ["${SECOND}"]`,
      },
    );
    const startOurs = () => stage.run(config).ready();
    const startOfficial = () => stage.runOfficial(config).ready();
    const make = () =>
      bob.createRequest({ user: "bob", roles: ["dev"], reason: ASKED });
    const textOf = (id: string, channel: string) => {
      const [{ content = "", embeds = [] } = {}] = stage.messagesOf(
        id,
        channel,
      );
      return JSON.stringify([content, embeds]);
    };
    const untilAll = async (ids: readonly string[], pattern: RegExp) => {
      const met = () =>
        ids.every((id) => CHANNELS.every((c) => pattern.test(textOf(id, c))));
      await within(stage.discord.waitFor(met), `${pattern} of ${ids}`);
    };
    const threadAt = (id: string, channel: string) =>
      stage.messagesOf(id, channel)[0]?.id ?? "";
    const saidAt = (id: string, channel: string) =>
      stage.discord.messages(threadAt(id, channel))
        .map(({ content }) => content.split("\n")[0]);

    let open = "";
    let removed = "";
    await t.step("this one hides in Korean, and escalates", async () => {
      await using plugin = await startOurs();
      [open, removed] = await Promise.all([make(), make()]);
      for (const id of [open, removed]) {
        await stage.shows(id, "*사유*: (숨김)", CHANNEL);
        await stage.shows(id, "*사유*: (숨김)", SECOND);
        const hasThreads = () =>
          CHANNELS.every((channel) =>
            stage.discord.api.channels.has(threadAt(id, channel))
          );
        await within(stage.discord.waitFor(hasThreads), `threads of ${id}`);
      }
      assert.equal(await plugin.stop(), 0);
    });
    const before = await stage.pluginData(open);
    for (const channel of CHANNELS) {
      assert.equal(before[`x-hidden:${channel}`], "user,reason,review_reasons");
      assert.equal(before[`x-thread:${channel}`], "PENDING-0-0-0");
      const { name } =
        stage.discord.api.channels.get(threadAt(open, channel)) ??
          {};
      assert.equal(name, `dev · ${open.slice(0, 8)}`);
    }

    await t.step("the official plugin rewrites it, and shows all", async () => {
      await using plugin = await startOfficial();
      await rita.review(open, "APPROVED", REVIEWED);
      await rita.review(removed, "APPROVED", REVIEWED);
      await rob.review(removed, "APPROVED", REVIEWED);
      await untilAll([open, removed], /You have a new Role Request/);
      await untilAll([open, removed], new RegExp(ASKED));
      await untilAll([open, removed], new RegExp(REVIEWED));
      await plugin.stop();
      const stored = await stage.pluginData(open);
      assert.deepEqual(ownKeys(stored), ownKeys(before));
      for (const channel of CHANNELS) {
        assert.deepEqual(saidAt(open, channel), []);
      }
    });
    // Nobody can read its reviews any more.
    await admin.delete(removed);

    await t.step(
      "this one hides it again, and goes on in threads",
      async () => {
        await using plugin = await startOurs();
        await untilAll([open, removed], /새 역할 요청이 있습니다/);
        const isHidden = (id: string) =>
          CHANNELS.every((c) =>
            !new RegExp(`${ASKED}|${REVIEWED}|bob`).test(textOf(id, c))
          );
        for (const id of [open, removed]) {
          await within(
            stage.discord.waitFor(() => isHidden(id)),
            `${id} hidden`,
            () => plugin.output,
          );
        }
        await rob.review(open, "DENIED", REVIEWED);
        await untilAll([open], /거부됨/);
        const isClosed = () =>
          CHANNELS.every((channel) =>
            stage.discord.api.channels.get(threadAt(open, channel))
              ?.archived === true
          );
        await within(stage.discord.waitFor(isClosed), "closed threads");
        assert.ok(isHidden(open));
        for (const channel of CHANNELS) {
          assert.deepEqual(saidAt(open, channel), [
            "이 접근 요청이 검토되었습니다:",
            "이 접근 요청이 검토되었습니다:",
            "이 접근 요청이 거부되었습니다:",
          ]);
          const said = stage.discord.messages(threadAt(open, channel));
          assert.ok(!JSON.stringify(said).includes(REVIEWED));
        }
        assert.equal(await plugin.stop(), 0);
      },
    );
    const after = await stage.pluginData(open);
    for (const channel of CHANNELS) {
      assert.match(after[`x-thread:${channel}`] ?? "", /^DENIED-1-1-0 closed$/);
    }
  },
});
