/** The client against a real Teleport. */

import assert from "node:assert/strict";
import { Secret } from "../../src/lib/secret.ts";
import { TeleportError } from "../../src/ports/teleport_error.ts";
import { OwnClient } from "../teleport/client/own_client.ts";
import {
  type Credentials,
  parseIdentity,
} from "../../src/teleport/credentials/identity.ts";
import { loadCredentials } from "../../src/teleport/credentials/identity_files.ts";
import { ClusterPki, formatIdentity } from "../fakes/pki.ts";
import { needsTeleport } from "../left_out.ts";
import { Watching } from "../teleport/client/watching.ts";
import { AdminClient } from "./admin_client.ts";
import { behaviours } from "./behaviours.ts";
import { NODE_NAME, RealCluster } from "./real_cluster.ts";

const { ignore, leftOut } = needsTeleport("teleport", "tctl");

Deno.test({
  name: `real Teleport, P-256 keys${leftOut}`,
  ignore,
  fn: async (test) => {
    await using cluster = await RealCluster.start();
    const plugin = await cluster.credentials("discord-plugin");
    await using clients = new AsyncDisposableStack();
    const connect = (credentials: Credentials) =>
      clients.use(
        new OwnClient({
          address: cluster.authAddress,
          credentials: () => credentials,
        }),
      );
    const act = async (
      user: "request-admin" | "alice" | "bob" | "rita" | "rob",
    ) =>
      clients.use(
        new AdminClient(cluster.authAddress, await cluster.credentials(user)),
      );
    const client = connect(plugin);
    const admin = await act("request-admin");
    const [rita, rob] = [await act("rita"), await act("rob")];

    for (const [name, run] of Object.entries(behaviours)) {
      await test.step(name, () => run({ client, admin, rita, rob }));
    }

    await test.step("two approvals, with what the role adds", async () => {
      const bob = await act("bob");
      const watch = new Watching(client);
      const id = await bob.createRequest({
        user: "bob",
        roles: ["dev", "ops"],
      });
      await rita.review(id, "APPROVED", "first");
      await rob.review(id, "APPROVED", "second");
      assert.equal(await watch.nextOf(id), "PENDING 0");
      assert.equal(await watch.nextOf(id), "PENDING 1");
      assert.equal(await watch.nextOf(id), "APPROVED 2");
      const request = await client.getAccessRequest(id);
      assert.deepEqual(request?.suggestedReviewers, ["rita", "rob"]);
      assert.deepEqual(request.systemAnnotations, { service: ["on-call"] });
      assert.equal(request.resolveReason, "second");
    });

    await test.step("a request for a resource", async () => {
      const alice = await act("alice");
      const { clusterName } = cluster;
      const node = { cluster: clusterName, kind: "node", name: NODE_NAME };
      const id = await alice.createRequest({
        user: "alice",
        resources: [node],
      });
      const request = await client.getAccessRequest(id);
      assert.deepEqual(request?.resources, [{ ...node, subResource: "" }]);
      assert.deepEqual(request.roles, ["node-access"]);
    });

    await test.step("more requests than one page holds", async () => {
      const ids = new Set<string>();
      for (let i = 0; i < 60; i++) {
        const batch = Array.from(
          { length: 10 },
          () => admin.createRequest({ user: "alice", roles: ["dev"] }),
        );
        for (const id of await Promise.all(batch)) ids.add(id);
      }
      for (;;) {
        const pages = await Array.fromAsync(client.listAccessRequests());
        const listed = pages.flat();
        const found = listed.filter(({ id }) => ids.has(id));
        if (found.length < ids.size) continue;
        assert.ok(pages.length >= 2);
        assert.equal(new Set(listed.map(({ id }) => id)).size, listed.length);
        // Of what is made at once, a server lists some a millisecond out of order.
        for (const [i, { created }] of listed.slice(1).entries()) {
          const newer = listed[i]?.created ?? assert.fail();
          assert.ok(created.getTime() <= newer.getTime() + 1000);
        }
        return;
      }
    });

    await test.step("no rights: empty lists and clear refusals", async () => {
      const nobody = connect(await cluster.credentials("nobody"));
      await nobody.ping();
      const listed = await Array.fromAsync(nobody.listAccessRequests());
      assert.deepEqual(listed.flat(), []);
      const watch = nobody.watchEvents(() => {});
      await failsWith(watch, "INVALID_ARGUMENT", /none of the requested kinds/);
      await failsWith(nobody.listPluginData(), "PERMISSION_DENIED");
      await failsWith(nobody.getRoleLogins("dev"), "PERMISSION_DENIED");
    });

    await test.step("TLS files open a connection as well", async () => {
      const path = await cluster.sign("discord-plugin", { format: "tls" });
      const credentials = await loadCredentials({
        kind: "tls",
        keyPath: `${path}.key`,
        certificatePath: `${path}.crt`,
        caPath: `${path}.cas`,
      }, new Date());
      await connect(credentials).listPluginData();
    });

    await test.step("foreign and expired certificates are refused", async () => {
      const pki = await ClusterPki.create(cluster.clusterName);
      const notAfter = new Date(Date.now() - 1000);
      const notBefore = new Date(Date.now() - 60_000);
      const { key, certificate } = await pki.userCa.issueUser(
        "discord-plugin",
        {
          notBefore,
          notAfter,
        },
      );
      const privateKey = new Secret(key);
      const foreign = { ...plugin, privateKey, certificate, notAfter };
      const call = connect(foreign).listPluginData();
      await failsWith(call, "UNAVAILABLE", /certificate expired on/);
      const other = parseIdentity(
        formatIdentity({ key, certificate }, [pki.hostCa]),
        "id",
      );
      await failsWith(connect(other).ping(), "UNAVAILABLE", /verify/);
    });

    for (const how of ["SIGTERM", "SIGKILL"] as const) {
      await test.step(`a restart by ${how} ends the watch, not the client`, async () => {
        const watch = new Watching(client);
        await watch.next();
        await cluster.restart(how);
        await failsWith(watch.ended, "UNAVAILABLE");
        const isUp = () => client.ping().then(() => true, () => false);
        while (!await isUp());
        assert.equal((await new Watching(client).next()).kind, "init");
      });
    }
  },
});

Deno.test({
  name: `real Teleport, RSA keys${leftOut}`,
  ignore,
  fn: async () => {
    const clusterName = "legacy.example.org";
    await using cluster = await RealCluster.start({
      suite: "legacy",
      clusterName,
    });
    const credentials = await cluster.credentials("discord-plugin");
    assert.equal(credentials.clusterName, clusterName);
    await using client = new OwnClient({
      address: cluster.authAddress,
      credentials: () => credentials,
    });
    assert.equal((await client.ping()).clusterName, clusterName);
    assert.deepEqual([...(await client.listPluginData()).keys()], []);
  },
});

async function failsWith(
  call: Promise<unknown>,
  code: string,
  message = /./,
): Promise<void> {
  const error = await call.then(() => undefined, (error) => error);
  assert.ok(error instanceof TeleportError, `no TeleportError: ${error}`);
  assert.equal(error.code, code, error.message);
  assert.match(error.message, message);
}
