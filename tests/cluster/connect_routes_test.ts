/** Every way to a real Teleport. */

import assert from "node:assert/strict";
import { ConnectError } from "../../src/teleport/connect/connect_error.ts";
import { UPGRADE_VARIABLE } from "../../src/teleport/connect/upgrade_setting.ts";
import {
  Balancer,
  ConnectProxy,
  type UpgradeHabit,
} from "../fakes/middle_boxes.ts";
import { CertificateAuthority } from "../fakes/pki.ts";
import { needsTeleport } from "../left_out.ts";
import { Watching } from "../teleport/client/watching.ts";
import {
  createDialer,
  Linked,
  type LinkedOptions,
} from "../teleport/connect/linked.ts";
import { AdminClient } from "./admin_client.ts";
import { Stage } from "./plugin_stage.ts";
import { RealCluster } from "./real_cluster.ts";

const { signal } = new AbortController();
const { ignore, leftOut } = needsTeleport("teleport", "tctl");
const PASSWORD = "user:pass word";
const NOBODY_LISTENS = "127.0.0.1:1";

Deno.test({
  name: `real Teleport: every route to it${leftOut}`,
  ignore,
  fn: async (t) => {
    await using owned = new AsyncDisposableStack();
    const cluster = owned.use(await RealCluster.start());
    const ca = await CertificateAuthority.create("balancer");
    const pair = await ca.issueWeb(["127.0.0.1", "teleport.example.test"]);
    const webCaPath = `${cluster.folder}/web-ca.pem`;
    await Deno.writeTextFile(webCaPath, ca.certificate);
    const [credentials, adminCredentials, webCa] = await Promise.all([
      cluster.credentials("discord-plugin"),
      cluster.credentials("request-admin"),
      Deno.readTextFile(cluster.webCaPath),
    ]);
    // A look-up of a name that outlives its attempt would count as a leak.
    const proxyAddress = cluster.proxyAddress.replace("localhost", "127.0.0.1");
    const balance = async (habit: UpgradeHabit) =>
      owned.use(
        await Balancer.start(
          habit,
          { address: cluster.proxyAddress, ca: webCa },
          pair,
        ),
      );
    const [websocket, legacy, strips] = [
      await balance("websocket"),
      await balance("legacy"),
      await balance("strips"),
    ];
    const [notFound, stripsAll] = [
      await balance("not found"),
      await balance("strips all"),
    ];
    const httpProxy = owned.use(
      await ConnectProxy.start(
        PASSWORD,
        (target) =>
          target === "teleport.example.test:443"
            ? `127.0.0.1:${websocket.port}`
            : cluster.proxyAddress,
      ),
    );
    // Of the ports that are tried one answers, or another could overtake it.
    const httpProxyTo443 = owned.use(
      await ConnectProxy.start(
        PASSWORD,
        (target) =>
          target.endsWith(":443")
            ? `127.0.0.1:${websocket.port}`
            : NOBODY_LISTENS,
      ),
    );
    const throughHttp = (password: string, { port } = httpProxy) => ({
      variables: { https_proxy: `http://${password}@127.0.0.1:${port}` },
      webCaPath,
    });
    const encoded = "user:pass%20word";

    const cases: Readonly<Record<string, [string, string, LinkedOptions]>> = {
      "straight to the Auth Service": [cluster.authAddress, "direct", {}],
      "by TLS routing, whatever the web certificate": [
        proxyAddress,
        "tls_routing",
        {},
      ],
      "by upgrade at the Proxy itself, if the environment says so": [
        cluster.proxyAddress,
        "upgrade_websocket",
        {
          webCaPath: cluster.webCaPath,
          variables: { [UPGRADE_VARIABLE]: "true" },
        },
      ],
      "through a balancer that knows WebSocket": [
        `127.0.0.1:${websocket.port}`,
        "upgrade_websocket",
        { webCaPath },
      ],
      "through a balancer that knows the legacy upgrade": [
        `127.0.0.1:${legacy.port}`,
        "upgrade_legacy",
        { variables: { SSL_CERT_FILE: webCaPath } },
      ],
      "through a balancer that strips the header Upgrade": [
        `127.0.0.1:${strips.port}`,
        "upgrade_legacy",
        { webCaPath },
      ],
      "through an HTTP proxy, by TLS routing": [
        "teleport.example.test:3080",
        "tls_routing",
        throughHttp(encoded),
      ],
      "through an HTTP proxy and a balancer": [
        "teleport.example.test:443",
        "upgrade_websocket",
        throughHttp(encoded),
      ],
      "through an HTTP proxy, with the port found": [
        "teleport.example.test",
        "upgrade_websocket",
        throughHttp(encoded, httpProxyTo443),
      ],
    };
    const links = new Map<string, Linked>();
    for (const [name, [address, route, options]] of Object.entries(cases)) {
      await t.step(name, async () => {
        const linked = owned.use(new Linked(address, credentials, options));
        const server = await linked.connection.connected(signal);
        assert.equal(server.clusterName, "example.com");
        assert.deepEqual(linked.routes, [route]);
        links.set(name, linked);
      });
    }
    assert(httpProxy.requests.includes("CONNECT teleport.example.test:3080"));

    await t.step("large answers come through every route", async () => {
      const admin = owned.use(
        new AdminClient(cluster.authAddress, adminCredentials),
      );
      const { client } = links.values().next().value ?? assert.fail();
      const text = "x".repeat(900_000);
      for (let i = 0; i < 2; i++) {
        const id = await admin.createRequest({ user: "alice", roles: ["dev"] });
        await client.updatePluginData(id, { text }, {});
      }
      for (const [name, { client }] of links) {
        const data = await client.listPluginData();
        assert.equal([...data.keys()].length, 2, name);
      }
    });

    await t.step(
      "all routes come back after a restart of Teleport",
      async () => {
        const watches = [...links.values()].map(({ client }) =>
          new Watching(client)
        );
        for (const watch of watches) await watch.next();
        await cluster.stop();
        for (const watch of watches) await assert.rejects(watch.ended);
        await cluster.start();
        for (const [name, { client, routes, logger }] of links) {
          const { kind } = await new Watching(client).next();
          assert.equal(kind, "init", name);
          // Which port or which form of the upgrade answers first while Teleport starts is open.
          if (cases[name]?.[0].includes(":")) {
            const upgraded = routes.map((route) =>
              route.startsWith("upgrade_")
            );
            assert.equal(new Set(upgraded).size, 1, `${name}: ${routes}`);
          }
          assert.equal(
            logger.find("lost the connection to the Auth Service").length,
            1,
          );
        }
      },
    );

    const failing: Readonly<Record<string, [string, LinkedOptions, RegExp]>> = {
      "a balancer that answers 404": [
        `127.0.0.1:${notFound.port}`,
        { webCaPath },
        /\(upgrade_websocket, upgrade_legacy\): it answered .* with 404.* hint: .*\/webapi\/connectionupgrade/,
      ],
      "a balancer that strips every header of the upgrade": [
        `127.0.0.1:${stripsAll.port}`,
        { webCaPath },
        /\(upgrade_websocket, upgrade_legacy\): it answered .* with 404.* hint: .*WebSocket/,
      ],
      "a balancer with a certificate that nobody knows": [
        `127.0.0.1:${websocket.port}`,
        {},
        /the web certificate is of an unknown authority.* hint: .*\[teleport\] web_ca/,
      ],
      "an HTTP proxy that wants another password": [
        "teleport.example.test:443",
        throughHttp("user:wrong"),
        /another user or password \(407\) hint: check HTTPS_PROXY/,
      ],
      "an upgrade that the environment forbids": [
        `127.0.0.1:${websocket.port}`,
        { webCaPath, variables: { [UPGRADE_VARIABLE]: "false" } },
        /\(direct, tls_routing\): .* hint: .*TELEPORT_TLS_ROUTING_CONN_UPGRADE/,
      ],
    };
    for (
      const [name, [address, options, expected]] of Object.entries(failing)
    ) {
      await t.step(name, async () => {
        assert.match(await failure(address, options), expected);
      });
    }

    await t.step("a Proxy of another cluster", async () => {
      const foreign = { ...credentials, clusterName: "other" };
      const text = await failure(proxyAddress, {}, foreign);
      assert.match(text, /does not know the cluster "other".*tctl auth sign/);
    });

    await t.step("a locked user, then not locked", async () => {
      await cluster.tctl("lock", "--user=discord-plugin", "--message=no");
      let text = "";
      // The lock takes a moment to be known everywhere.
      while (text === "") text = await failure(cluster.authAddress, {});
      assert.match(
        text,
        /refuses the user "discord-plugin": .* hint: .*`tctl get locks`.*`tctl rm lock/,
      );
      const [lock = ""] = /(?<=name: )[\da-f-]{36}/
        .exec(await cluster.tctl("get", "locks")) ?? [];
      await cluster.tctl("rm", `lock/${lock}`);
      // So does its end.
      while (await failure(cluster.authAddress, {}) !== "");
    });

    await t.step("a deleted user", async () => {
      const gone = await cluster.credentials("nobody");
      await cluster.tctl("users", "rm", "nobody");
      let text = "";
      while (text === "") {
        text = await failure(cluster.authAddress, {}, gone);
      }
      assert.match(
        text,
        /refuses the user "nobody": .* hint: .*`tctl get users\/nobody`/,
      );
    });

    /** Returns message and hint of a connection that fails; nothing if it does not. */
    async function failure(
      address: string,
      options: LinkedOptions,
      as = credentials,
    ): Promise<string> {
      try {
        const { channel } = await createDialer(address, options)
          .connect(as, signal);
        await channel.close();
        return "";
      } catch (error) {
        assert.ok(error instanceof ConnectError);
        return `${error.message} hint: ${error.hint}`;
      }
    }
  },
});

Deno.test({
  name: `real Teleport: a message by way of the Proxy${leftOut}`,
  ignore,
  fn: async () => {
    await using stage = await Stage.start();
    const identity = await stage.cluster.sign("discord-plugin");
    const path = await stage.configure("plugin", `identity = "${identity}"`);
    const config = await Deno.readTextFile(path);
    const { authAddress, proxyAddress } = stage.cluster;
    await Deno.writeTextFile(path, config.replace(authAddress, proxyAddress));
    const plugin = await stage.run(path).ready();
    assert.match(
      await plugin.waitForLine("connected to the Auth Service"),
      /route=tls_routing address=localhost:\d+/,
    );
    const admin = await stage.act("request-admin");
    const id = await admin.createRequest({ user: "alice", roles: ["dev"] });
    await stage.shows(id, "PENDING");
    assert.equal(await plugin.stop(), 0);
  },
});
