/** Credentials and rules of the plugin on a real Teleport, with RSA keys. */

import assert from "node:assert/strict";
import { needsTeleport } from "../left_out.ts";
import { Stage } from "./plugin_stage.ts";

const { ignore, leftOut } = needsTeleport("teleport", "tctl");

Deno.test({
  name:
    `real Teleport: what the plugin may, and how it proves itself${leftOut}`,
  ignore,
  fn: async (t) => {
    await using stage = await Stage.start({ suite: "legacy" });
    const { cluster } = stage;
    const admin = await stage.act("request-admin");
    const make = () => admin.createRequest({ user: "alice", roles: ["dev"] });

    await t.step("an RSA identity", async () => {
      const identity = await cluster.sign("discord-plugin");
      assert.match(await Deno.readTextFile(identity), /RSA PRIVATE KEY/);
      const config = await stage.configure("rsa", `identity = "${identity}"`);
      await using plugin = await stage.run(config).ready();
      const id = await make();
      await stage.shows(id, "PENDING");
      await admin.setState(id, "APPROVED");
      await stage.shows(id, "APPROVED");
      assert.equal(await plugin.stop(), 0);
    });

    await t.step("a key, a certificate and CAs in files", async () => {
      const path = await cluster.sign("discord-plugin", { format: "tls" });
      const config = await stage.configure(
        "tls",
        `client_key = "${path}.key"
client_crt = "${path}.crt"
root_cas = "${path}.cas"`,
      );
      await using plugin = await stage.run(config).ready();
      await stage.shows(await make(), "PENDING");
      assert.equal(await plugin.stop(), 0);
    });

    await t.step("an identity expires, and is renewed", async () => {
      const identity = await cluster.sign("discord-plugin", { ttl: "6s" });
      const config = await stage.configure(
        "expired",
        `identity = "${identity}"\nrefresh_identity_interval = "1s"`,
      );
      await using plugin = await stage.run(config).ready();
      await plugin.waitForLine((line) =>
        line.includes("cannot read the credentials again") &&
        line.includes("expired")
      );
      await cluster.restart();
      const id = await make();
      await plugin.waitForLine((line) =>
        line.includes("cannot watch access requests") &&
        line.includes("expired")
      );
      await Deno.rename(await cluster.sign("discord-plugin"), identity);
      await stage.shows(id, "PENDING");
      assert.equal(await plugin.stop(), 0);
    });

    /** Starts the plugin as a user whose role has these rules. */
    const startWith = async (name: string, rules: string) => {
      await stage.apply(role(name, rules));
      await stage.apply(user(name));
      const identity = `${stage.folder}/${name}`;
      await cluster.tctl("auth", "sign", `--user=${name}`, `--out=${identity}`);
      const config = await stage.configure(
        name,
        `identity = "${identity}"`,
      );
      return stage.run(config);
    };

    await t.step(
      "W16: the rule for requests is missing, then added",
      async () => {
        await using plugin = await startWith("blind", DATA_RULE);
        const line = await plugin.waitForLine("may not watch access requests");
        assert.match(line, /level=error/);
        assert.match(line, / - \{resources: \[access_request\], verbs:/);
        const id = await make();
        await stage.apply(role("blind", DATA_RULE + REQUEST_RULE));
        await plugin.ready();
        await stage.shows(id, "PENDING");
        assert.equal(await plugin.stop(), 0);
      },
    );

    await t.step(
      "the rule for plugin data is missing, then added",
      async () => {
        await using plugin = await startWith("mute", REQUEST_RULE);
        await plugin.ready();
        const id = await make();
        const line = await plugin.waitForLine("may not store");
        assert.match(line, /level=error/);
        assert.match(line, /access_plugin_data\], verbs: \[update\]/);
        await stage.apply(role("mute", REQUEST_RULE + DATA_RULE));
        await stage.shows(id, "PENDING");
        assert.equal(await plugin.stop(), 0);
      },
    );

    await t.step(
      "the verb list is missing, which looks like no requests",
      async () => {
        const rules = DATA_RULE.replace("update", "list, read, update") +
          REQUEST_RULE.replace("list, ", "");
        await using plugin = await startWith("listless", rules);
        await plugin.ready();
        const id = await make();
        await stage.shows(id, "PENDING");
        const line = await plugin.waitForLine("cannot list access requests");
        assert.match(line, /level=error.*verbs: \[list, read\]/);
        await admin.setState(id, "APPROVED");
        await stage.shows(id, "APPROVED");
        assert.equal(await plugin.stop(), 0);
      },
    );
  },
});

const DATA_RULE = `
    - {resources: [access_plugin_data], verbs: [update]}`;
const REQUEST_RULE = `
    - {resources: [access_request], verbs: [list, read]}`;

function role(name: string, rules: string): string {
  return `kind: role
version: v7
metadata: {name: ${name}}
spec:
  allow:
    rules:${rules}
    - {resources: [role], verbs: [read]}
`;
}

function user(name: string): string {
  return `kind: user
version: v2
metadata: {name: ${name}}
spec: {roles: [${name}]}
`;
}
