/** Access monitoring rules on a real Teleport, in the language of 18.0.0. */

import assert from "node:assert/strict";
import { CHANNEL, channelId } from "../e2e/world.ts";
import { needsTeleport } from "../left_out.ts";
import { Stage } from "./plugin_stage.ts";

const SECOND = channelId(2);
const THIRD = channelId(3);
const FAILED = "condition of an access monitoring rule could not be evaluated";

const { ignore, leftOut } = needsTeleport("teleport", "tctl");

Deno.test({
  name: `real Teleport: rules say who is told${leftOut}`,
  ignore,
  fn: async (t) => {
    await using stage = await Stage.start({}, [CHANNEL, SECOND, THIRD]);
    const { cluster } = stage;
    const [admin, identity] = await Promise.all([
      stage.act("request-admin"),
      cluster.sign("discord-plugin"),
    ]);
    const config = await stage.configure("plugin", `identity = "${identity}"`);

    /** Makes a request, and waits until exactly these channels have its message. */
    const told = async (
      request: { user: string; roles: readonly string[] },
      ...channels: string[]
    ) => {
      const id = await admin.createRequest(request);
      for (const each of channels) await stage.shows(id, "PENDING", each);
      for (const each of [CHANNEL, SECOND, THIRD]) {
        const messages = stage.messagesOf(id, each);
        assert.equal(messages.length, channels.includes(each) ? 1 : 0, each);
      }
    };
    const dev = { user: "alice", roles: ["dev"] };
    const ops = { user: "bob", roles: ["ops"] };
    const condition = 'access_request.spec.roles.contains("dev")';
    await admin.putRule({ name: "dev", condition, recipients: [SECOND] });
    await admin.putRule({
      name: "fails",
      condition: 'email.local(access_request.spec.roles).contains("x")',
      recipients: [THIRD],
    });
    await using plugin = await stage.run(config).ready();

    await t.step("one matches, one fails while evaluated", async () => {
      await told(dev, SECOND);
      await told(ops, CHANNEL);
      const [line, ...more] = plugin.lines(FAILED);
      assert.deepEqual(more, []);
      assert.match(line ?? "", /rule=fails .*column 1: email\.local\(\)/);
      await admin.deleteRule("fails");
    });

    /** Waits until the plugin has taken in so many changes of rules. */
    const changes = async (text: string, count: number) => {
      await plugin.waitForLine(() => plugin.lines(text).length === count);
    };

    await t.step("made, edited, and by a trait of the requester", async () => {
      await changes("access monitoring rule is gone", 1);
      await admin.putRule({
        name: "red",
        condition: 'user.traits["team"].contains("red")',
        recipients: [THIRD],
      });
      await changes("access monitoring rule is in use", 1);
      await told(dev, SECOND, THIRD);
      await admin.putRule({
        name: "dev",
        condition: "false || !true",
        recipients: [SECOND],
      });
      await changes("access monitoring rule is in use", 2);
      await told(dev, THIRD);
      await told(ops, CHANNEL);
    });

    await t.step("deleted while the plugin is cut off", async () => {
      plugin.signal("SIGSTOP");
      await admin.deleteRule("red");
      await cluster.restart();
      plugin.signal("SIGCONT");
      await changes("access monitoring rule is gone", 2);
      await told(dev, CHANNEL);
    });
    assert.equal(await plugin.stop(), 0);
  },
});
