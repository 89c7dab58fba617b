/** What messages say beside IDs, from a real Teleport. */

import assert from "node:assert/strict";
import { OwnClient } from "../teleport/client/own_client.ts";
import { parseIdentity } from "../../src/teleport/credentials/identity.ts";
import { needsTeleport } from "../left_out.ts";
import { Stage } from "./plugin_stage.ts";
import { NODE_NAME } from "./real_cluster.ts";

const { ignore, leftOut } = needsTeleport("teleport", "tctl");

Deno.test({
  name: `real Teleport: logins of the requester, names of resources${leftOut}`,
  ignore,
  fn: async (t) => {
    await using stage = await Stage.start();
    const { cluster } = stage;
    const admin = await stage.act("request-admin");
    const alice = await stage.act("alice");
    const node = { kind: "node", name: NODE_NAME };

    await t.step("a role that may look everything up", async () => {
      const identity = await cluster.sign("discord-plugin");
      const config = await stage.configure("all", `identity = "${identity}"`);
      await using plugin = await stage.run(config).ready();
      const id = await admin.createRequest({
        user: "carol",
        roles: ["dev", "personal"],
      });
      const { content } = await stage.shows(id, "PENDING");
      assert.match(content, /`personal`.*`c\.r, carol, shared`/);
      assert.match(content, /`dev`.*`dev, ubuntu`/);
      const forNode = await alice.createRequest({
        user: "alice",
        resources: [{ ...node, cluster: cluster.clusterName }],
      });
      const named = await stage.shows(forNode, "PENDING");
      assert.match(named.content, /`node\/web-1`/);
      assert.deepEqual(plugin.lines("look-up denied"), []);
      assert.equal(await plugin.stop(), 0);
    });

    await t.step("a role that may look nothing up, then roles", async () => {
      await stage.apply(blind());
      await stage.apply(BLIND_USER);
      const identity = `${stage.folder}/blind`;
      await cluster.tctl("auth", "sign", "--user=blind", `--out=${identity}`);
      const config = await stage.configure("blind", `identity = "${identity}"`);
      await using plugin = await stage.run(config).ready();
      const id = await admin.createRequest({
        user: "carol",
        roles: ["personal"],
      });
      const { content } = await stage.shows(id, "PENDING");
      assert.match(content, /\*Role\(s\)\*: `personal`\n/);
      await plugin.waitForLine("what=role");

      await stage.apply(blind("- {resources: [role], verbs: [read]}"));
      await untilReadable("personal", identity);
      await admin.setState(id, "APPROVED");
      const line = await plugin.waitForLine("what=user");
      assert.match(line, /level=warn.*look-up denied/);
      assert.match(line, /\{resources: \[user, user_login_state\], verbs:/);
      await stage.shows(id, "APPROVED");
      await stage.shows(id, "{{internal.logins}}");
      assert.equal(await plugin.stop(), 0);
    });

    /** Waits until a new rule holds for whoever has this identity. */
    async function untilReadable(role: string, path: string): Promise<void> {
      const credentials = parseIdentity(await Deno.readTextFile(path), path);
      await using client = new OwnClient({
        address: cluster.authAddress,
        credentials: () => credentials,
      });
      for (;;) {
        const read = client.getRoleLogins(role);
        if (await read.then(() => true, () => false)) return;
      }
    }
  },
});

function blind(rule = ""): string {
  return `kind: role
version: v7
metadata: {name: blind}
spec:
  allow:
    rules:
    - {resources: [access_request], verbs: [list, read]}
    - {resources: [access_plugin_data], verbs: [update]}
    ${rule}
`;
}

const BLIND_USER = `kind: user
version: v2
metadata: {name: blind}
spec: {roles: [blind]}
`;
