/** Reviewing by clicks: the whole way from a button to Teleport and back to the message. */

import assert from "node:assert/strict";
import type { FakeInteraction } from "../fakes/discord_interactions.ts";
import type { FakeMessage } from "../fakes/discord.ts";
import { sideBySide } from "./plugin.ts";
import { channelId, messagesOf, World, type WorldOptions } from "./world.ts";

const RITA = "1600000000000000001";
const ROB = "1600000000000000002";
const EVE = "1600000000000000003";
const ALICE = "1600000000000000004";

const USERS = {
  rita: { discord_id: [RITA] },
  rob: { discord_id: [ROB] },
  alice: { discord_id: [ALICE] },
};

/** A world in which reviewing is switched on. */
async function reviewWorld(
  review = "",
  options: WorldOptions = {},
): Promise<World> {
  const world = await World.create({
    ...options,
    auth: { users: USERS, ...options.auth },
    discord: { gateway: true, ...options.discord },
  });
  world.auth.misbehaviour.submitForUsers = true;
  await world.configure({ rest: `[review]\nenabled = true\n${review}` });
  return world;
}

/** Waits until a request is announced, and its message recorded: before that a click is told to come again. */
async function announced(world: World, id: string): Promise<FakeMessage> {
  const message = await world.shows(id, "PENDING");
  await world.untilStored(id, ({ messages }) => messages !== undefined);
  return message;
}

function labelsOf(message: FakeMessage): unknown[] {
  return message.components.flatMap((row) =>
    (row.components as { label: string }[]).map(({ label }) => label)
  );
}

/** Returns a port that nobody listens at. */
function freePort(): number {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  return listener.addr.port;
}

/** Waits until a person is told something. */
function told(
  world: World,
  seen: FakeInteraction,
  text: RegExp,
): Promise<void> {
  return world.until(() => text.test(seen.text ?? ""), `${text}`);
}

Deno.test("reviewing in Discord", (t) =>
  sideBySide(t, {
    "a click approves, and the message shows it": async () => {
      await using world = await reviewWorld();
      const plugin = await world.start().ready();
      await plugin.waitForLine("listening for clicks");
      const id = world.auth.createRequest({ user: "alice" });
      const message = await announced(world, id);
      assert.deepEqual(labelsOf(message), ["Approve", "Deny"]);
      const seen = world.discord.click({
        message,
        label: "Approve",
        userId: RITA,
      });
      await told(world, seen, /Your approval is recorded, as .*`rita`/);
      const shown = await world.shows(id, "APPROVED");
      assert.deepEqual(labelsOf(shown), []);
      const [review] = world.auth.state.request(id)?.spec?.reviews ?? [];
      assert.equal(review?.author, "rita");
      assert.equal(review?.submittedBy, "discord-plugin");
      assert.match(plugin.output, /review submitted/);
      assert.ok(!plugin.output.includes(seen.token));
      assert.ok(!plugin.output.includes(world.discord.token));
      // A click that comes after all: the buttons are gone, but not yet from every screen.
      const { api, gateway } = world.discord;
      const late = api.interactions.add(
        {
          ...seen.payload,
          id: api.nextId(),
          token: "late",
          member: { user: { id: ROB } },
        },
        message,
        ROB,
      );
      gateway?.dispatch("INTERACTION_CREATE", late.payload);
      await told(world, late, /already approved/);
      assert.equal(await plugin.stop(), 0);
      assert.equal(world.discord.gateway?.closes.at(-1), 1000);
    },

    "a denial asks for a reason": async () => {
      await using world = await reviewWorld();
      const plugin = await world.start().ready();
      await plugin.waitForLine("listening for clicks");
      const id = world.auth.createRequest({ user: "alice" });
      const message = await announced(world, id);
      const clicked = world.discord.click({
        message,
        label: "Deny",
        userId: RITA,
      });
      await world.until(() => clicked.form !== undefined);
      assert.equal(world.auth.countCalls("SubmitAccessReview"), 0);
      const sent = world.discord.sendForm(clicked, "secret reason");
      await told(world, sent, /Your denial is recorded/);
      const shown = await world.shows(id, "DENIED");
      assert.match(shown.content, /secret reason/);
      assert.ok(!plugin.output.includes("secret reason"));
      assert.equal(await plugin.stop(), 0);
    },

    "messages of the time before, and of another process, can be clicked":
      async () => {
        await using world = await reviewWorld("", {
          auth: { users: USERS },
        });
        const id = world.auth.createRequest({
          user: "alice",
          approvalsNeeded: 2,
        });
        await using first = await world.start().ready();
        const message = await announced(world, id);
        await first.kill();
        const plugin = await world.start().ready();
        await plugin.waitForLine("listening for clicks");
        const seen = world.discord.click({
          message,
          label: "Approve",
          userId: RITA,
        });
        await told(world, seen, /is recorded/);
        const again = world.discord.click({
          message,
          label: "Deny",
          userId: RITA,
        });
        await world.until(() => again.form !== undefined);
        const sent = world.discord.sendForm(again, "second thoughts");
        await told(world, sent, /already reviewed/);
        assert.equal(world.auth.state.request(id)?.spec?.reviews.length, 1);
        assert.equal(await plugin.stop(), 0);
      },

    "two instances: one of them takes the click": async () => {
      await using world = await reviewWorld();
      const plugins = [world.start(), world.start()];
      for (const plugin of plugins) {
        await plugin.waitForLine("listening for clicks");
        await plugin.ready();
      }
      const id = world.auth.createRequest({
        user: "alice",
        approvalsNeeded: 2,
      });
      const message = await announced(world, id);
      const click = (userId: string) =>
        world.discord.click({ message, label: "Approve", userId });
      const seen = click(RITA);
      await told(world, seen, /is recorded/);
      const counted = await world.shows(id, "✅ 1 ❌ 0");
      assert.deepEqual(labelsOf(counted), ["Approve", "Deny"]);
      assert.deepEqual(seen.accepted, [5]);
      assert.equal(world.auth.countCalls("SubmitAccessReview"), 1);
      await told(world, click(ROB), /is recorded/);
      await world.shows(id, "APPROVED");
      for (const plugin of plugins) assert.equal(await plugin.stop(), 0);
    },

    "without the Gateway messages go on": async () => {
      await using world = await reviewWorld();
      const { gateway } = world.discord;
      assert.ok(gateway);
      gateway.refusal = 4014;
      const port = freePort();
      await world.configure({
        rest: "[review]\nenabled = true",
        http: `listen = "127.0.0.1:${port}"`,
      });
      const plugin = await world.start().ready();
      await plugin.waitForLine("reviewing in Discord is off, messages go on");
      const readyz = await fetch(`http://127.0.0.1:${port}/readyz`);
      assert.deepEqual(await readyz.json(), {
        ready: true,
        reasons: [],
        review: {
          connected: false,
          reason: "intents that are not allowed (4014)",
        },
      });
      const metrics = await fetch(`http://127.0.0.1:${port}/metrics`);
      assert.match(
        await metrics.text(),
        /^teleport_discord_gateway_connected 0$/m,
      );
      const id = world.auth.createRequest({ user: "alice" });
      await world.shows(id, "PENDING");
      world.auth.setState(id, "APPROVED");
      await world.shows(id, "APPROVED");
      assert.equal(await plugin.stop(), 0);
    },

    "18.0.0 refuses, and says so to both": async () => {
      await using world = await reviewWorld();
      world.auth.misbehaviour.submitForUsers = false;
      const plugin = await world.start().ready();
      await plugin.waitForLine("listening for clicks");
      const id = world.auth.createRequest({ user: "alice" });
      const message = await announced(world, id);
      for (const userId of [RITA, ROB]) {
        const seen = world.discord.click({ message, label: "Approve", userId });
        await told(world, seen, /does not let this bot submit reviews/);
      }
      const lines = plugin.lines("may not submit reviews");
      assert.equal(lines.length, 1);
      assert.match(lines.join(), /submit_for_users/);
      await world.shows(id, "PENDING");
      assert.equal(await plugin.stop(), 0);
    },

    "who is not linked, and who asked, may not": async () => {
      await using world = await reviewWorld(
        `require_reason = "never"\n[users]\n"rob" = "${EVE}"\n"eve" = "${EVE}"`,
      );
      const plugin = await world.start().ready();
      await plugin.waitForLine("listening for clicks");
      const id = world.auth.createRequest({ user: "alice" });
      const message = await announced(world, id);
      const click = (userId: string) =>
        world.discord.click({ message, label: "Deny", userId });
      await told(world, click(channelId(9)), /not linked/);
      await told(world, click(EVE), /more than one/);
      // The configuration says that rob is somebody else, whatever the trait says.
      await told(world, click(ROB), /not linked/);
      await told(world, click(ALICE), /your own request/);
      // Whoever is taken out of the configuration may not from the next reload on.
      await world.configure({
        rest:
          `[review]\nenabled = true\nrequire_reason = "never"\n[users]\n"rita" = "${
            channelId(8)
          }"`,
      });
      plugin.signal("SIGHUP");
      await plugin.waitForLine("configuration reloaded");
      await told(world, click(RITA), /not linked/);
      assert.equal(world.auth.countCalls("SubmitAccessReview"), 0);
      await told(world, click(channelId(8)), /is recorded/);
      await world.shows(id, "DENIED");
      assert.equal(await plugin.stop(), 0);
    },

    "a reload brings the token of another bot": async () => {
      await using world = await reviewWorld();
      const { auth, discord } = world;
      const plugin = await world.start().ready();
      await plugin.waitForLine("listening for clicks");
      discord.addBot("another.bot.altogether", "two");
      await world.write("token", "another.bot.altogether");
      plugin.signal("SIGHUP");
      // The connection with the first token was ended on purpose, so none has recovered.
      let sessions = 0;
      await plugin.waitForLine((line) =>
        line.includes("listening for clicks") && ++sessions === 2
      );
      const id = auth.createRequest({ user: "alice" });
      const message = await announced(world, id);
      const click = { message, label: "Approve", userId: RITA };
      await told(world, discord.click(click), /is recorded/);
      assert.equal(await plugin.stop(), 0);
    },

    "switched off, nothing differs": async () => {
      await using world = await World.create({
        auth: { users: USERS },
        discord: { gateway: true },
      });
      const plugin = await world.start().ready();
      const id = world.auth.createRequest({ user: "alice" });
      const message = await announced(world, id);
      assert.deepEqual(labelsOf(message), []);
      assert.equal(world.discord.gateway?.paths.length, 0);
      assert.ok(!world.discord.callNames.includes("GET /gateway/bot"));
      assert.equal(world.auth.countCalls("ListUsers"), 0);
      assert.equal(await plugin.stop(), 0);
      assert.equal(messagesOf(world.discord, message.channelId, id).length, 1);
    },
  }));
