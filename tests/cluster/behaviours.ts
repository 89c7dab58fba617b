/**
 * What holds on a real cluster and on its stand-in alike.
 *
 * Each behaviour runs on both: on the stand-in in every test run, on Teleport where there is one.
 *
 * @module
 */

import assert from "node:assert/strict";
import {
  type StatusName,
  TeleportError,
} from "../../src/ports/teleport_error.ts";
import type { TeleportClient } from "../../src/teleport/client/teleport_client.ts";
import { Watching } from "../teleport/client/watching.ts";
import type { AdminClient } from "./admin_client.ts";

/** A cluster to look at. */
export interface ClusterUnderTest {
  /** The plugin. */
  readonly client: TeleportClient;
  /** `request-admin`. */
  readonly admin: AdminClient;
  /** Two users who may review, `rita` and `rob`. */
  readonly rita: AdminClient;
  readonly rob: AdminClient;
}

/** Everything that is looked at, by what it shows. */
export const behaviours: Readonly<
  Record<string, (cluster: ClusterUnderTest) => Promise<void>>
> = {
  async "ping tells name and version"({ client }) {
    const { clusterName, serverVersion } = await client.ping();
    assert.equal(clusterName, "example.com");
    assert.match(serverVersion, /^\d+\.\d+\.\d+/);
  },

  async "a watch begins with INIT and repeats nothing"({ client, admin }) {
    const earlier = new Watching(client);
    await earlier.next();
    const before = await admin.createRequest(DEV);
    // What is still on its way to the watches would reach the new one too.
    await earlier.nextOf(before);
    const watch = new Watching(client);
    assert.deepEqual(await watch.next(), {
      kind: "init",
      kinds: ["access_request", "access_monitoring_rule"],
    });
    const after = await admin.createRequest(DEV);
    for (;;) {
      const event = await watch.next();
      assert.ok(event.kind === "put");
      assert.notEqual(event.request.id, before);
      if (event.request.id === after) break;
    }
  },

  async "each change is one PUT, and a deletion a DELETE"(
    { client, admin, rita },
  ) {
    const watch = new Watching(client);
    await watch.next();
    const id = await admin.createRequest({ ...DEV, reason: "to deploy" });
    assert.equal(await watch.nextOf(id), "PENDING 0");
    await rita.review(id, "APPROVED", "fine");
    assert.equal(await watch.nextOf(id), "APPROVED 1");
    const request = await client.getAccessRequest(id);
    assert.equal(request?.user, "alice");
    assert.deepEqual(request.roles, ["dev"]);
    assert.equal(request.reason, "to deploy");
    assert.equal(request.resolveReason, "fine");
    assert.equal(request.promotedTo, undefined);
    assert.equal(request.maxDuration, undefined);
    assert.ok(request.accessExpires instanceof Date);
    const [review] = request.reviews;
    assert.equal(review?.author, "rita");
    assert.equal(review.proposedState, "APPROVED");
    await admin.delete(id);
    assert.equal(await watch.nextOf(id), "DELETE");
    assert.equal(await client.getAccessRequest(id), undefined);
  },

  async "lists hold every request, newest first"({ client, admin }) {
    const ids = [
      await admin.createRequest(DEV),
      await admin.createRequest(DEV),
      await admin.createRequest(DEV),
    ];
    for (;;) {
      const pages = await Array.fromAsync(client.listAccessRequests());
      const listed = pages.flat().map(({ id }) => id);
      const ours = listed.filter((id) => ids.includes(id));
      // The list may lag behind.
      if (ours.length < ids.length) continue;
      assert.deepEqual(ours, ids.toReversed());
      return;
    }
  },

  async "a request is found by its ID at once"({ client, admin }) {
    const id = await admin.createRequest(DEV);
    assert.equal((await client.getAccessRequest(id))?.id, id);
    const none = crypto.randomUUID();
    assert.equal(await client.getAccessRequest(none), undefined);
  },

  async "states change in certain ways only"({ client, admin }) {
    const id = await admin.createRequest(DEV);
    const state = async () => (await client.getAccessRequest(id))?.state;
    await fails(admin.setState(id, "PENDING", "why"), "INVALID_ARGUMENT");
    await admin.setState(id, "PENDING");
    await fails(admin.setState(id, "PROMOTED"), "INVALID_ARGUMENT");
    await fails(admin.setState(id, "NONE"), "INVALID_ARGUMENT", /missing/);
    const long = "x".repeat(4097);
    await fails(admin.setState(id, "APPROVED", long), "INVALID_ARGUMENT");
    assert.equal(await state(), "PENDING");
    await admin.setState(id, "APPROVED", "yes");
    await admin.setState(id, "APPROVED", "yes again");
    assert.equal(await state(), "APPROVED");
    // Only the API can do this: neither tctl nor the web UI offers it.
    await admin.setState(id, "PENDING");
    assert.equal(await state(), "PENDING");
    await admin.setState(id, "DENIED", "no");
    assert.equal(await state(), "DENIED");
    await fails(
      admin.setState(id, "APPROVED"),
      "INVALID_ARGUMENT",
      /cannot set request-state "APPROVED" \(already denied\)/,
    );
    const none = crypto.randomUUID();
    await fails(admin.setState(none, "APPROVED"), "NOT_FOUND");
  },

  async "a reviewer has one review, and none on a resolved request"(
    { admin, rita, rob },
  ) {
    const id = await admin.createRequest(DEV);
    await fails(rita.review(id, "PENDING"), "INVALID_ARGUMENT");
    await rita.review(id, "DENIED", "no");
    await fails(
      rita.review(id, "APPROVED"),
      "ALREADY_EXISTS",
      /user "rita" has already reviewed this request/,
    );
    await fails(
      rob.review(id, "APPROVED"),
      "PERMISSION_DENIED",
      /the access request has been already denied/,
    );
    const none = crypto.randomUUID();
    await fails(rita.review(none, "APPROVED"), "NOT_FOUND");
  },

  async "plugin data is swapped against what is expected"({ client, admin }) {
    const id = await admin.createRequest(DEV);
    const swap = (set: Entries, expect: Entries) =>
      client.updatePluginData(id, set, expect);
    const stored = async () => (await client.getPluginData(id))?.entries;
    assert.equal(await stored(), undefined);
    await fails(swap({ a: "1" }, { a: "0" }), "FAILED_PRECONDITION");
    assert.equal(await stored(), undefined);
    await swap({ a: "1", b: "2", empty: "" }, { a: "", b: "" });
    assert.deepEqual(await stored(), { a: "1", b: "2" });
    await fails(
      swap({ a: "9" }, { a: "" }),
      "FAILED_PRECONDITION",
      /expectations not met for field "a"/,
    );
    await swap({ a: "3" }, { b: "2" });
    await swap({ c: "4" }, {});
    await swap({ b: "", gone: "" }, { gone: "" });
    assert.deepEqual(await stored(), { a: "3", c: "4" });
    await swap({ a: "", c: "" }, { a: "3", c: "4" });
    assert.equal(await stored(), undefined);
    await swap({ a: "5" }, { a: "" });
    assert.deepEqual(await stored(), { a: "5" });
  },

  async "plugin data expires an hour after the access"({ client, admin }) {
    const id = await admin.createRequest(DEV);
    await client.updatePluginData(id, { a: "1" }, {});
    const request = await client.getAccessRequest(id);
    const stored = await client.getPluginData(id);
    const expected = (request?.accessExpires?.getTime() ?? 0) + 3_600_000;
    // Teleport keeps whole seconds here.
    const difference = (stored?.expires?.getTime() ?? 0) - expected;
    assert.ok(Math.abs(difference) < 1000, `${difference} ms off`);
  },

  async "plugin data outlives its request, but is not born after it"(
    { client, admin },
  ) {
    const id = await admin.createRequest(DEV);
    const bare = await admin.createRequest(DEV);
    await client.updatePluginData(id, { a: "1" }, {});
    await admin.delete(id);
    await admin.delete(bare);
    await client.updatePluginData(id, { a: "2" }, { a: "1" });
    const all = await client.listPluginData();
    assert.deepEqual(all.get(id)?.entries, { a: "2" });
    await fails(
      client.updatePluginData(bare, { a: "1" }, { a: "" }),
      "NOT_FOUND",
      /no access request matching/,
    );
    await fails(
      client.updatePluginData(bare, { a: "1" }, { a: "not so" }),
      "NOT_FOUND",
    );
    assert.equal(await client.getPluginData(bare), undefined);
  },

  async "plugin data has a size limit"({ client, admin }) {
    const id = await admin.createRequest(DEV);
    const write = (length: number) =>
      client.updatePluginData(id, { a: "x".repeat(length) }, {});
    await write(900_000);
    await fails(
      write(1_000_001),
      "INVALID_ARGUMENT",
      /plugin data size limit exceeded/,
    );
  },

  async "one of many simultaneous claims wins"({ client, admin }) {
    const id = await admin.createRequest(DEV);
    const claims = Array.from(
      { length: 5 },
      (_, i) => client.updatePluginData(id, { owner: `${i}` }, { owner: "" }),
    );
    const outcomes = await Promise.allSettled(claims);
    const winners = outcomes.flatMap(({ status }, i) =>
      status === "fulfilled" ? [`${i}`] : []
    );
    assert.equal(winners.length, 1);
    const stored = await client.getPluginData(id);
    assert.equal(stored?.entries["owner"], winners[0]);
  },

  async "rules are written, watched and listed"({ client, admin }) {
    const watch = new Watching(client);
    await watch.next();
    const name = `rule-${crypto.randomUUID()}`;
    const other = `${name}-of-another-plugin`;
    const condition = 'access_request.spec.roles.contains("dev")';
    const told = async () => {
      for (;;) {
        const event = await watch.next();
        if (event.kind === "put rule" && event.rule.name === name) {
          return event.rule;
        }
        if (event.kind === "delete rule" && event.name === name) return "gone";
      }
    };
    const listed = async () =>
      (await client.listMonitoringRules())?.map((rule) => rule.name)
        .filter((each) => each.startsWith(name)) ?? [];
    await admin.putRule({ name: other, condition, plugin: "slack" });
    await admin.putRule({ name, condition, recipients: ["1"] });
    const rule = {
      name,
      subjects: ["access_request"],
      condition,
      plugin: "discord",
      recipients: ["1"],
      schedules: new Map(),
      unreadable: undefined,
    };
    assert.deepEqual(await told(), rule);
    // Whoever has seen the event may still see a list from before it.
    while ((await listed()).length === 0);
    assert.deepEqual(await listed(), [name]);
    await admin.putRule({ name, condition, recipients: ["1", "2"] });
    assert.deepEqual(await told(), { ...rule, recipients: ["1", "2"] });
    await admin.deleteRule(name);
    assert.equal(await told(), "gone");
    while ((await listed()).length > 0);
    await fails(admin.putRule({ name, condition: "" }), "INVALID_ARGUMENT");
    await fails(admin.deleteRule(name), "NOT_FOUND");
  },

  async "roles tell their logins"({ client }) {
    const logins = await client.getRoleLogins("dev");
    assert.deepEqual(logins, ["dev", "ubuntu"]);
    await fails(client.getRoleLogins("no-such-role"), "NOT_FOUND");
  },

  async "users and their last login tell traits"({ client }) {
    const alice = await client.getUser("alice");
    assert.deepEqual(alice?.traits, new Map([["team", ["red"]]]));
    assert.equal(await client.getUser("no-such-user"), undefined);
    const state = await client.getUserLoginState("no-such-user");
    assert.equal(state, undefined);
  },

  async "nodes have names"({ client }) {
    const node = (name: string) => ({
      cluster: "example.com",
      kind: "node",
      name,
      subResource: "",
    });
    const known = node("11111111-2222-4333-8444-555555555555");
    const wanted = [known, node("unknown"), { ...known, cluster: "leaf" }];
    assert.deepEqual(
      await client.findResources(wanted),
      new Map([[
        `/example.com/node/${known.name}`,
        { friendlyName: "web-1", labels: new Map([["env", "prod"]]) },
      ]]),
    );
  },
};

type Entries = Readonly<Record<string, string>>;

const DEV = { user: "alice", roles: ["dev"] };

async function fails(
  call: Promise<unknown>,
  code: StatusName,
  message = /./,
): Promise<void> {
  const error = await call.then(() => undefined, (error) => error);
  assert.ok(error instanceof TeleportError, `no TeleportError: ${error}`);
  assert.equal(error.code, code, error.message);
  assert.match(error.message, message);
}
