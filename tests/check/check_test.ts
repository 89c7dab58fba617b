/** `check` against one broken set-up after another: each has the line that must appear. */

import assert from "node:assert/strict";
import { status } from "@grpc/grpc-js";
import type { FakeAuthServiceOptions } from "../fakes/auth_service.ts";
import { refused, serverError } from "../fakes/discord.ts";
import { addMember, BITS, newGuild } from "../fakes/discord_guilds.ts";
import { ClusterPki } from "../fakes/pki.ts";
import {
  CHANNEL,
  type CheckResult,
  type RunOptions,
  SetUpWorld,
} from "./check_world.ts";

const THREAD = "1100000000000000002";
const ROLE = "1300000000000000001";
const USER = "user:1200000000000000001";
const HOUR_MS = 3_600_000;

/** A set-up that is wrong, or at least strange. */
interface Case {
  /** Breaks the set-up, which is good before. */
  readonly arrange: (world: SetUpWorld) => void | Promise<void>;
  /** Lines that must appear; `%` stands for the folder of the set-up. */
  readonly lines: readonly string[];
  readonly code: 0 | 1 | 78;
  readonly run?: (world: SetUpWorld) => RunOptions;
  /** The lines of `[role_to_recipients]`. */
  readonly recipients?: string;
  readonly auth?: FakeAuthServiceOptions;
}

const mode = (name: string, mode: number) => (world: SetUpWorld) =>
  Deno.chmod(world.path(name), mode);

const everyone = (world: SetUpWorld, permissions: bigint) => {
  const role = world.discord.api.guilds.get("1")?.roles[0];
  assert.ok(role);
  role.permissions = permissions;
};

const addUser = ({ discord }: SetUpWorld, username: string, bot = false) => {
  const id = USER.slice("user:".length);
  discord.api.users.set(id, { id, username, bot });
  return id;
};

const join = ({ discord }: SetUpWorld, userId: string) => {
  const guild = discord.api.guilds.get("1");
  assert.ok(guild);
  addMember(guild, userId);
};

const addRole = ({ discord }: SetUpWorld, mentionable: boolean) =>
  discord.api.guilds.get("1")?.roles.push({
    id: ROLE,
    name: "duty",
    permissions: 0n,
    mentionable,
  });

const RECIPIENT = `recipient #channel-${CHANNEL} in "server-1" (${CHANNEL})`;

/** Switches reviewing on; everything that it needs is there. */
const review = (world: SetUpWorld, sessions = 998) => {
  world.auth.misbehaviour.submitForUsers = true;
  world.discord.api.gateway = () => ({
    url: "wss://gateway.example.com",
    session_start_limit: { total: 1000, remaining: sessions, reset_after: 1 },
  });
  return world.configure({ more: "[review]\nenabled = true" });
};

const CASES: Readonly<Record<string, Case>> = {
  "reviewing is set up well": {
    arrange: (world) => review(world),
    lines: [
      "✓ reviews for others: may be submitted",
      "✓ rule list on user: reviewers are found by a trait",
      "✓ Gateway: 998 sessions may still be started today",
      "✓ clicks on buttons: Discord tells the plugin of them",
    ],
    code: 0,
  },
  "Teleport takes no reviews for others": {
    arrange: async (world) => {
      await review(world);
      world.auth.misbehaviour.submitForUsers = false;
    },
    lines: [
      "✗ reviews for others: may not be submitted, so every click is refused",
      'allow: {review_requests: {submit_for_users: ["*"]}}',
    ],
    auth: { webReviews: true },
    code: 78,
  },
  "the edition of Teleport has no reviewers": {
    arrange: async (world) => {
      await review(world);
      world.auth.misbehaviour.submitForUsers = false;
    },
    lines: [
      "✗ reviews for others: cannot be submitted: this edition of Teleport has no reviewers, so every click is refused",
      "→ leave [review] off: it takes Teleport Enterprise or Cloud",
    ],
    code: 78,
  },
  "reviewers cannot be found": {
    arrange: async (world) => {
      await review(world);
      world.auth.fail("ListUsers", { code: status.PERMISSION_DENIED });
    },
    lines: [
      "! rule list on user: is missing: only [users] says who may review",
      "→ add this below spec.allow.rules of the plugin's role:",
    ],
    code: 0,
  },
  "clicks are led elsewhere": {
    arrange: async (world) => {
      await review(world);
      world.discord.api.endpointUrl = "https://example.com/clicks";
    },
    lines: [
      "✗ clicks on buttons: the application has an Interactions Endpoint URL, so Discord tells the plugin of none",
    ],
    code: 78,
  },
  "accounts are badly protected, and the Gateway is used up": {
    arrange: async (world) => {
      await review(world, 7);
      const guild = world.discord.api.guilds.get("1");
      assert.ok(guild);
      guild.mfaLevel = 0;
    },
    lines: [
      "! Gateway: 7 sessions may still be started today",
      '! server "server-1": does not demand two-factor authentication of its moderators',
    ],
    code: 0,
  },
  "Discord does not tell of clicks for now": {
    arrange: async (world) => {
      await review(world);
      world.discord.fail("GET /gateway/bot", serverError(502));
    },
    lines: ["clicks on buttons: Cannot call GET /gateway/bot: 502"],
    code: 1,
  },
  "there is no configuration": {
    arrange: (world) => Deno.remove(world.path("config.toml")),
    lines: [
      '✗ %/config.toml: Cannot read the configuration "%/config.toml": no such file',
      "→ check --config, or write one with `teleport-discord configure > %/config.toml`",
      "– connection to the Auth Service: skipped because the configuration cannot be read",
      "– bot: skipped because the configuration cannot be read",
    ],
    code: 78,
  },
  "the configuration is not TOML": {
    arrange: (world) => world.change('"*"', "*"),
    lines: [
      "✗ %/config.toml:LINE: column 1: expected TOML, found a mistake: unexpected text",
      "– bot: skipped because the configuration cannot be read",
    ],
    code: 78,
  },
  "a key is mistyped": {
    arrange: (world) => world.configure({ discord: 'tokn = "x"' }),
    lines: [
      "! %/config.toml:LINE: discord.tokn: Unknown key",
      '→ it is ignored; did you mean "token"?',
    ],
    code: 0,
  },
  "a recipient is a name": {
    arrange: (world) => world.change(CHANNEL, "access-requests"),
    lines: [
      '✗ %/config.toml:LINE: role_to_recipients."*": expected a channel ID or "user:" and a user ID, found "access-requests"',
      "✓ rule read on access_request: requests can be watched",
    ],
    code: 78,
  },
  "no credentials are configured": {
    arrange: (world) => world.change(/identity = .*\n/, ""),
    lines: [
      "✗ %/config.toml:LINE: teleport: no credentials configured",
      "– connection to the Auth Service: skipped because [teleport] in the configuration has to be corrected first",
      "✓ bot: Discord accepts the token; it is @teleport",
    ],
    code: 78,
  },
  "the token was not filled in": {
    arrange: (world) => world.write("token", "secret-token"),
    lines: [
      '✗ bot token: expected a bot token, found the sample value (file "%/token")',
      "– bot: skipped because the bot token cannot be used",
      "✓ rule read on access_request: requests can be watched",
    ],
    code: 78,
  },
  "the token in the configuration has its prefix": {
    arrange: (world) => world.change(/token = .*/, 'token = "Bot a.b.c"'),
    lines: [
      '✗ %/config.toml:LINE: discord.token: expected a bot token alone, found "Bot " before it',
      "– bot: skipped because [discord] in the configuration has to be corrected first",
    ],
    code: 78,
  },
  "systemd hands over no token": {
    arrange: (world) => world.change(/token = .*/, 'token = ""'),
    lines: [
      "✗ bot token: expected a bot token, found none",
      "if the unit has LoadCredential=discord-token:PATH, let CREDENTIALS_DIRECTORY name a folder with that file",
    ],
    code: 78,
  },
  "systemd hands over a token": {
    arrange: async (world) => {
      await world.change(/token = .*/, 'token = ""');
      await world.write("discord-token", world.discord.token);
    },
    run: ({ folder }) => ({
      env: (name) => name === "CREDENTIALS_DIRECTORY" ? folder : undefined,
    }),
    lines: ["✓ token file %/discord-token: mode 0600"],
    code: 0,
  },
  "the token file is missing": {
    arrange: (world) => Deno.remove(world.path("token")),
    lines: [
      "✗ token file %/token: no such file",
      "→ put the token of the bot alone into it",
      "– bot: skipped because the file with the token cannot be used",
    ],
    code: 78,
  },
  "the token file is a folder": {
    arrange: async (world) => {
      await Deno.remove(world.path("token"));
      await Deno.mkdir(world.path("token"));
    },
    lines: [
      "✗ token file %/token: it is a folder",
      "→ name a file",
    ],
    code: 78,
  },
  "everybody may read the token": {
    arrange: mode("token", 0o644),
    lines: [
      "! token file %/token: mode 0644: every user of this machine can read it, and it is a secret",
      "→ chgrp teleport-discord %/token && chmod 0640 %/token",
    ],
    code: 0,
  },
  "everybody may write the identity": {
    arrange: mode("identity", 0o666),
    lines: [
      "✗ identity file %/identity: mode 0666: every user of this machine can change it",
      "✓ route direct to",
    ],
    code: 78,
  },
  "everybody may read a configuration with a token in it": {
    arrange: async (world) => {
      await world.change(/token = .*/, `token = "${world.discord.token}"`);
      await Deno.chmod(world.path("config.toml"), 0o644);
    },
    lines: ["! configuration file %/config.toml: mode 0644: every user"],
    code: 0,
  },
  "the check runs as root": {
    arrange: () => {},
    run: () => ({ uid: 0 }),
    lines: [
      "! user root: may read every file, so that it does not show whether the plugin's own user may",
    ],
    code: 0,
  },
  "the folder of the log file is missing": {
    arrange: (world) =>
      world.configure({ log: `output = "${world.path("none/log")}"` }),
    lines: ["✗ log file %/none/log: there is no folder %/none"],
    code: 78,
  },
  "the log file does not exist yet": {
    arrange: (world) =>
      world.configure({ log: `output = "${world.path("log")}"` }),
    lines: ["✓ log file %/log: nothing is in the way"],
    code: 0,
  },
  "the identity file is missing": {
    arrange: (world) => Deno.remove(world.path("identity")),
    lines: [
      "✗ identity file %/identity: no such file",
      "→ issue it with `tctl auth sign --user=teleport-discord --ttl=720h --overwrite --out=%/identity`, or let tbot write it",
      "– connection to the Auth Service: skipped because the files with the credentials cannot be used",
      "– rules of the role: skipped because there is no connection to the Auth Service",
    ],
    code: 78,
  },
  "the identity is the folder that tbot writes it into": {
    arrange: async (world) => {
      await Deno.mkdir(world.path("tbot"));
      await Deno.rename(world.path("identity"), world.path("tbot/identity"));
      await world.change(/identity = .*/, `identity = "${world.path("tbot")}"`);
    },
    lines: [
      "✗ identity file %/tbot: it is a folder",
      '→ did you mean "%/tbot/identity"?',
    ],
    code: 78,
  },
  "the token is the name of a file": {
    arrange: async (world) => {
      // It is looked for where the program runs.
      await world.change(/token = .*/, 'token = "README.md"');
    },
    lines: [
      "✗ %/config.toml:LINE: discord.token: expected a bot token, found the name of a file that is here",
      '→ write "./README.md" to name the file',
    ],
    code: 78,
  },
  "the identity file is cut off": {
    arrange: async (world) => {
      const text = await Deno.readTextFile(world.path("identity"));
      await world.write("identity", text.slice(0, -100));
    },
    lines: [
      '✗ credentials: Cannot read the identity file "%/identity": the last PEM block has no end, the file is incomplete',
    ],
    code: 78,
  },
  "the identity has expired": {
    arrange: async (world) =>
      world.write(
        "identity",
        await world.auth.pki.issueIdentity("discord-plugin", {
          notBefore: new Date("2026-01-01T00:00:00Z"),
          notAfter: new Date("2026-01-02T00:00:00Z"),
        }),
      ),
    lines: [
      '✗ credentials: Cannot use the identity file "%/identity": certificate expired on 2026-01-02T00:00:00Z',
      "→ renew the credentials with `tctl auth sign --user=discord-plugin --ttl=720h --overwrite --out=%/identity`",
      "– connection to the Auth Service: skipped because the credentials cannot be used",
    ],
    code: 78,
  },
  "the identity expires soon": {
    arrange: async (world) =>
      world.write(
        "identity",
        await world.auth.pki.issueIdentity("discord-plugin", {
          notBefore: new Date(Date.now() - 100 * HOUR_MS),
          notAfter: new Date(Date.now() + 2.5 * HOUR_MS),
        }),
      ),
    lines: [
      '! identity file "%/identity": user "discord-plugin" of the cluster "example.com", expires soon, in 2 hours, on ',
      "→ see whether tbot runs, or issue new ones",
    ],
    code: 0,
  },
  "the identity is of another cluster": {
    arrange: async (world) =>
      world.write(
        "identity",
        await (await ClusterPki.create("other.example")).issueIdentity(),
      ),
    lines: [
      "✗ connection to the Auth Service: no route works",
      '· route direct, tls_routing to 127.0.0.1:PORT: the certificate there is not from the cluster "other.example"',
    ],
    code: 78,
  },
  "nobody listens at the address": {
    arrange: (world) =>
      world.change(world.auth.address, `127.0.0.1:${freePort()}`),
    lines: [
      "✗ connection to the Auth Service: no route works",
      "→ check addr and its port, and whether Teleport runs there",
      "· route to 127.0.0.1:PORT: connection refused",
      "– rules of the role: skipped",
      "✓ bot: ",
    ],
    code: 1,
  },
  "the address speaks HTTP without TLS": {
    arrange: (world) =>
      world.change(world.auth.address, new URL(world.discord.url).host),
    lines: [
      "✗ connection to the Auth Service: no route works",
      "→ this port speaks HTTP without TLS: use the HTTPS port of the Proxy, 443 or 3080",
      "· route to 127.0.0.1:PORT: this is HTTP without TLS",
    ],
    code: 78,
  },
  "web_ca cannot be read": {
    arrange: (world) =>
      world.configure({ teleport: `web_ca = "${world.path("ca.pem")}"` }),
    lines: [
      "✗ web_ca file %/ca.pem: no such file",
      "✓ route direct to 127.0.0.1:PORT: works",
    ],
    code: 78,
  },
  "HTTPS_PROXY is no address": {
    arrange: (world) => world.change("127.0.0.1:", "example.invalid:"),
    run: () => ({
      env: (name) => name === "HTTPS_PROXY" ? "socks5://proxy" : undefined,
    }),
    lines: [
      "✗ connection to the Auth Service: Cannot use the proxy that HTTPS_PROXY names: expected an address of an HTTP proxy",
      "→ write HTTPS_PROXY=http://host:port",
    ],
    code: 78,
  },
  "Teleport is older than the plugin is made for": {
    auth: { serverVersion: "13.4.26" },
    arrange: () => {},
    lines: [
      '! Teleport 13.4.26: cluster "example.com"; this version is too old for this plugin',
      "→ upgrade Teleport to 14 or newer",
    ],
    code: 0,
  },
  "Teleport is newer than any that was tried": {
    auth: { serverVersion: "21.3.0" },
    arrange: () => {},
    lines: ['✓ Teleport 21.3.0: cluster "example.com"'],
    code: 0,
  },
  "Teleport is as old as can be": {
    auth: { serverVersion: "14.3.13" },
    arrange({ auth }) {
      auth.misbehaviour.noListAccessRequests = true;
      auth.misbehaviour.noUsersService = true;
      auth.rules.support = "14";
    },
    lines: [
      '✓ Teleport 14.3.13: cluster "example.com"',
      "✓ rule list on access_request",
      "✓ rule read on user: ",
    ],
    code: 0,
  },
  "an HTTP proxy leads nowhere": {
    arrange: (world) => world.change("127.0.0.1:", "teleport.invalid:"),
    run: () => ({
      env: (name) => name === "HTTPS_PROXY" ? "http://127.0.0.1:1" : undefined,
    }),
    lines: [
      "· HTTP proxy 127.0.0.1:PORT: is on each route to Teleport",
      "✗ connection to the Auth Service: no route works",
      "→ check HTTPS_PROXY with its user and password",
    ],
    code: 78,
  },
  "the user is locked": {
    arrange: (world) =>
      world.auth.fail("ListAccessRequests", {
        code: status.PERMISSION_DENIED,
        message: "lock in force",
      }),
    lines: [
      "✗ connection to the Auth Service: no route works",
      "→ look with `tctl get users/discord-plugin` whether the user exists",
      '· route direct, tls_routing to 127.0.0.1:PORT: the Auth Service refuses the user "discord-plugin": lock in force',
    ],
    code: 78,
  },
  "the Auth Service says nothing": {
    arrange: (world) => {
      world.auth.misbehaviour.silent = true;
    },
    run: () => ({ callMs: 200 }),
    lines: ["✗ connection to the Auth Service: no route works"],
    code: 1,
  },
  "a rule cannot be tried": {
    arrange: (world) =>
      world.auth.fail("UpdatePluginData", {
        code: status.INTERNAL,
        message: "storage is full",
      }),
    lines: [
      "✗ rule update on access_plugin_data: the Auth Service did not tell: storage is full",
    ],
    code: 1,
  },
  "the rule read on requests is missing": {
    arrange: ({ auth }) => void auth.grants.delete("access_request:read"),
    lines: [
      "✗ rule read on access_request: is missing: no request is ever announced",
      "- resources: [access_request]\n            verbs: [list, read]",
      "– rule list on access_request: skipped because it cannot be told while read is missing",
    ],
    code: 78,
  },
  "nothing may be watched, neither requests nor rules": {
    arrange({ auth }) {
      auth.grants.delete("access_request:read");
      auth.rules.support = "15";
    },
    lines: [
      "✗ rule read on access_request: is missing: no request is ever announced",
    ],
    code: 78,
  },
  "no rule on requests is there": {
    arrange({ auth }) {
      auth.grants.delete("access_request:read");
      auth.grants.delete("access_request:list");
    },
    lines: [
      "✗ rule read on access_request: is missing",
      "✗ rule list on access_request: is missing: the plugin does not get ready",
    ],
    code: 78,
  },
  "the rule list on requests is missing, which looks like no requests": {
    arrange({ auth }) {
      auth.grants.delete("access_request:list");
      auth.createRequest();
    },
    lines: ["✗ rule list on access_request: is missing"],
    code: 78,
  },
  "list is allowed on plugin data, and no request can be seen": {
    arrange({ auth }) {
      auth.grants.delete("access_request:list");
      auth.grants.add("access_plugin_data:list");
      auth.grants.add("access_plugin_data:read");
      auth.createRequest();
    },
    lines: [
      "! rule list on access_request: no request can be seen: either there is none now, or this rule is missing",
    ],
    code: 0,
  },
  "list is allowed on plugin data, and a request can be seen": {
    arrange({ auth }) {
      auth.grants.add("access_plugin_data:list");
      auth.grants.add("access_plugin_data:read");
      auth.createRequest();
    },
    lines: ["✓ rule list on access_request: requests can be listed"],
    code: 0,
  },
  "the rule update on plugin data is missing": {
    arrange: ({ auth }) => void auth.grants.delete("access_plugin_data:update"),
    lines: [
      "✗ rule update on access_plugin_data: is missing: nothing is announced",
      "- resources: [access_plugin_data]",
    ],
    code: 78,
  },
  "access monitoring rules may not be listed": {
    arrange: ({ auth }) => {
      auth.rules.support = "denied";
    },
    lines: [
      "! rule list on access_monitoring_rule: is missing: requests are routed by [role_to_recipients] alone",
      "- resources: [access_monitoring_rule]\n            verbs: [list, read]",
    ],
    code: 0,
  },
  "Teleport knows no access monitoring rules": {
    arrange: ({ auth }) => {
      auth.rules.support = "14";
    },
    lines: [
      "· rule list on access_monitoring_rule: this version of Teleport has no access monitoring rules",
    ],
    code: 0,
  },
  "an access monitoring rule cannot be understood": {
    arrange: ({ auth }) =>
      auth.rules.put({
        name: "prod",
        condition: "access_request.spec.rolls.contains(",
        recipients: [CHANNEL],
      }),
    lines: ['✗ monitoring rule "prod": it is not applied: condition: '],
    code: 78,
  },
  "an access monitoring rule has no ID as recipient": {
    arrange: ({ auth }) =>
      auth.rules.put({ name: "prod", recipients: ["ops", CHANNEL] }),
    lines: [
      `✓ monitoring rule "prod": tells ${CHANNEL} where its condition holds`,
      '✗ monitoring rule "prod": expected a channel ID or "user:" and a user ID, found "ops"; it is left out',
    ],
    code: 78,
  },
  "this Teleport keeps no schedules": {
    arrange: ({ auth }) =>
      auth.rules.put({ name: "prod", recipients: [CHANNEL] }),
    lines: [
      "· schedules of monitoring rules: Teleport 18.0.0 keeps none: each rule holds day and night, whatever was written",
      "→ upgrade Teleport to 18.2.8 or newer, and write the rule again",
    ],
    code: 0,
  },
  "an access monitoring rule tells nobody": {
    arrange: ({ auth }) => auth.rules.put({ name: "prod" }),
    lines: ['! monitoring rule "prod": names no recipients'],
    code: 0,
  },
  "an access monitoring rule can never match": {
    arrange: ({ auth }) =>
      auth.rules.put({
        name: "prod",
        condition: "access_request.spec.roles",
        recipients: [CHANNEL],
      }),
    lines: [
      '! monitoring rule "prod": condition: it is a set, which never matches',
    ],
    code: 0,
  },
  "the verdict of an access monitoring rule depends on the server's build": {
    arrange: ({ auth }) => {
      const condition = (name: string) =>
        `regexp.match(access_request.spec.roles, "^\\\\p{${name}}+$")`;
      auth.rules.put({
        name: "scripts",
        condition: condition("Old_Italic"),
        recipients: [CHANNEL],
      });
      auth.rules.put({
        name: "letters",
        condition: condition("Letter"),
        recipients: [CHANNEL],
      });
    },
    lines: [
      '! monitoring rule "scripts": condition: \\p{Old_Italic} is known to Teleport builds with a Go before 1.25 only',
      '! monitoring rule "letters": condition: \\p{Letter} is known to Teleport builds with Go 1.25 and newer only',
      "→ correct the rule where you keep it, such as a file for `tctl create -f`, or with `tctl edit access_monitoring_rule/letters`",
    ],
    code: 0,
  },
  "a recipient of an access monitoring rule does not exist": {
    arrange: ({ auth }) =>
      auth.rules.put({ name: "prod", recipients: [THREAD] }),
    lines: [
      `✗ recipient ${THREAD} of monitoring rule "prod": Discord knows no such channel`,
    ],
    code: 78,
  },
  "a rule of another plugin is no concern": {
    arrange: ({ auth }) =>
      auth.rules.put({ name: "prod", plugin: "slack", recipients: ["x"] }),
    lines: ["✓ rule list on access_monitoring_rule"],
    code: 0,
  },
  "the rule read on roles is missing": {
    arrange: ({ auth }) => void auth.grants.delete("role:read"),
    lines: [
      "! rule read on role: is missing: messages name roles without their logins",
      "- resources: [role]",
    ],
    code: 0,
  },
  "rules on users are missing": {
    arrange({ auth }) {
      auth.grants.delete("user:read");
      auth.grants.delete("user_login_state:read");
    },
    lines: [
      "! rule read on user: is missing",
      "! rule read on user_login_state: is missing",
    ],
    code: 0,
  },
  "a rule is missing that a role given since may grant": {
    arrange({ auth }) {
      auth.grants.delete("access_plugin_data:update");
      auth.directory.userRoles = { "discord-plugin": ["access-plugin", "new"] };
    },
    lines: [
      '! roles of the user "discord-plugin": this certificate was issued without the role "new"',
      "→ issue it again with `tctl auth sign --user=discord-plugin --ttl=720h --overwrite --out=%/identity`",
      '→ perhaps granted by the role "new", not in this certificate: issue it again as said above; if it is still missing then, add this below spec.allow.rules of the plugin\'s role:',
      "- resources: [access_plugin_data]",
    ],
    code: 78,
  },
  "the certificate is one that tbot made": {
    arrange({ auth }) {
      auth.directory.userRoles = { "discord-plugin": ["bot-discord-plugin"] };
    },
    lines: ["✓ rule read on access_request"],
    code: 0,
  },
  "the token is refused": {
    arrange: (world) => world.write("token", "an.other.token"),
    lines: [
      "✗ bot: Discord refuses the token",
      '→ copy the token again from the Bot page of the application in Discord\'s developer portal, or press "Reset Token" there',
      "– recipients: skipped because the bot cannot be asked for them",
    ],
    code: 78,
  },
  "Discord cannot be reached": {
    arrange: (world) =>
      world.change(world.discord.url, `http://127.0.0.1:${freePort()}/api/`),
    lines: [
      "✗ bot: Cannot call GET /users/@me: no answer: connection refused",
      "→ check the way to discord.com, and HTTPS_PROXY if there is a proxy",
    ],
    code: 1,
  },
  "there is no such channel": {
    arrange: (world) => void world.discord.api.channels.delete(CHANNEL),
    lines: [
      `✗ recipient ${CHANNEL} of "*": Discord knows no such channel; the bot is in "server-1"`,
      "→ there is no such channel: copy its ID again",
    ],
    code: 78,
  },
  "the ID is that of a server": {
    arrange({ discord }) {
      discord.api.channels.delete(CHANNEL);
      const guild = newGuild(CHANNEL, "Example");
      discord.api.guilds.set(CHANNEL, guild);
      addMember(guild, discord.bot.id);
    },
    lines: [
      `✗ recipient ${CHANNEL} of "*": this is the ID of the server "Example"`,
    ],
    code: 78,
  },
  "the ID is that of a role": {
    arrange({ discord }) {
      discord.api.channels.delete(CHANNEL);
      discord.api.guilds.get("1")?.roles.push({
        id: CHANNEL,
        name: "ops",
        permissions: 0n,
        mentionable: false,
      });
    },
    lines: [`✗ recipient ${CHANNEL} of "*": this is the ID of the role "ops"`],
    code: 78,
  },
  "the ID is that of a user": {
    arrange({ discord }) {
      discord.api.channels.delete(CHANNEL);
      const user = { id: CHANNEL, username: "alice", bot: false };
      discord.api.users.set(CHANNEL, user);
    },
    lines: [`✗ recipient ${CHANNEL} of "*": this is the ID of the user @alice`],
    code: 78,
  },
  "the bot is in no server": {
    arrange({ discord }) {
      discord.api.guilds.get("1")?.members.delete(discord.bot.id);
    },
    lines: [
      `✗ recipient ${CHANNEL} of "*": the bot cannot see this channel; the bot is in no server`,
      "→ invite the bot to the server, and add it to the channel if that is private",
    ],
    code: 78,
  },
  "the channel is private": {
    arrange: (world) => void world.discord.channel(CHANNEL, { view: false }),
    lines: [
      `✗ recipient ${CHANNEL} of "*": the bot cannot see this channel; the bot is in "server-1"`,
    ],
    code: 78,
  },
  "the bot may not send there": {
    arrange: (world) => void world.discord.channel(CHANNEL, { send: false }),
    lines: [
      `✗ ${RECIPIENT}: the bot lacks Send Messages: nothing can be posted there`,
      "→ in the settings of the channel, below Permissions, add the bot and allow it: Send Messages, Embed Links, Read Message History",
    ],
    code: 78,
  },
  "the role of everybody lacks a permission": {
    arrange: (world) => everyone(world, BITS.view | BITS.send | BITS.history),
    lines: [
      `! ${RECIPIENT}: the bot lacks Embed Links: who reviewed, and why, is left out without a word`,
      "allow it: Embed Links",
    ],
    code: 0,
  },
  "the bot may not read the history": {
    arrange: (world) =>
      void world.discord.channel(CHANNEL, {
        overwrites: [{
          id: world.discord.bot.id,
          type: 1,
          allow: 0n,
          deny: BITS.history,
        }],
      }),
    lines: [
      `! ${RECIPIENT}: the bot lacks Read Message History: after a crash a message may be posted a second time`,
    ],
    code: 0,
  },
  "the bot is in a time-out": {
    arrange({ discord }) {
      const member = discord.api.guilds.get("1")?.members.get(discord.bot.id);
      assert.ok(member);
      member.silencedUntil = "2999-01-01T00:00:00Z";
    },
    lines: [
      `✗ ${RECIPIENT}: the bot is in a time-out until 2999-01-01T00:00:00.000Z`,
    ],
    code: 78,
  },
  "the bot may not send in threads": {
    recipients: `"*" = "${THREAD}"`,
    arrange(world) {
      everyone(world, BITS.view | BITS.send | BITS.embedLinks | BITS.history);
      world.discord.channel(THREAD, {
        type: 11,
        name: "duty",
        parentId: CHANNEL,
      });
    },
    lines: [
      `✗ recipient thread #duty of #channel-${CHANNEL} in "server-1" (${THREAD}): the bot lacks Send Messages in Threads: nothing can be posted there`,
      "→ in the settings of the channel that the thread hangs from, below Permissions",
    ],
    code: 78,
  },
  "a thread is locked": {
    recipients: `"*" = "${THREAD}"`,
    arrange(world) {
      world.discord.channel(THREAD, {
        type: 11,
        parentId: CHANNEL,
        locked: true,
      });
    },
    lines: [`in "server-1" (${THREAD}): the thread is locked`, "→ unlock it"],
    code: 78,
  },
  "the recipient is a forum": {
    arrange: (world) =>
      void world.discord.channel(CHANNEL, { type: 15, name: "requests" }),
    lines: [
      `✓ recipient forum #requests in "server-1" (${CHANNEL}): the bot may make posts, write in them, embed links and read the message history`,
    ],
    code: 0,
  },
  "a forum demands a tag, and has none that fits": {
    arrange: (world) =>
      void world.discord.channel(CHANNEL, {
        type: 15,
        name: "requests",
        requiresTag: true,
        tags: [{ id: "5", name: "urgent", moderated: false }],
      }),
    lines: [
      `✗ recipient forum #requests in "server-1" (${CHANNEL}): the forum demands a tag of each post, and has none with the name Pending that the bot may set`,
      "→ add a tag with the name Pending to the forum that anybody may set",
    ],
    code: 78,
  },
  "the recipient is a category": {
    arrange: (world) => void world.discord.channel(CHANNEL, { type: 4 }),
    lines: [`✗ ${RECIPIENT}: is a category of channels`],
    code: 78,
  },
  "the bot may not enter a voice channel": {
    arrange(world) {
      everyone(world, BITS.view | BITS.send | BITS.embedLinks | BITS.history);
      world.discord.channel(CHANNEL, { type: 2, name: "duty" });
    },
    lines: [
      `✗ recipient voice #duty in "server-1" (${CHANNEL}): the bot lacks Connect and Send Messages`,
    ],
    code: 78,
  },
  "a user does not exist": {
    recipients: `"*" = "${USER}"`,
    arrange: () => {},
    lines: [`✗ recipient ${USER} of "*": Discord knows no such user`],
    code: 78,
  },
  "a user is a bot": {
    recipients: `"*" = "${USER}"`,
    arrange: (world) => void addUser(world, "helpful", true),
    lines: [`✗ recipient @helpful (${USER}): is a bot`],
    code: 78,
  },
  "a user shares no server with the bot": {
    recipients: `"*" = "${USER}"`,
    arrange: (world) => void addUser(world, "alice"),
    lines: [
      `✗ recipient @alice (${USER}): shares no server with the bot, so that no direct message gets through`,
      "→ invite the bot to a server of this user, or name a channel instead",
    ],
    code: 78,
  },
  "a server cannot be looked at": {
    arrange: (world) =>
      void world.discord.fail("GET /guilds/:id", refused(403, 50001)),
    lines: [
      `! recipient #channel-${CHANNEL} (${CHANNEL}): exists; what the bot may do there could not be found out`,
    ],
    code: 0,
  },
  "Discord fails for a channel, again and again": {
    arrange: (world) =>
      void world.discord.fail("GET /channels/:id", serverError(), Infinity),
    lines: [
      `✗ recipient ${CHANNEL} of "*": Cannot call GET /channels/:id: 502, not in Discord's form`,
      "→ check again",
    ],
    code: 1,
  },
  "Discord fails once": {
    arrange: (world) =>
      void world.discord.fail("GET /channels/:id", serverError()),
    lines: [`✓ ${RECIPIENT}: the bot may post, embed links and read`],
    code: 0,
  },
  "a role to mention does not exist": {
    arrange: (world) =>
      world.configure({ more: `[role_to_mentions]\n"*" = "role:${ROLE}"` }),
    lines: [
      `✗ mention role:${ROLE}: no server of the recipients has such a role`,
      "→ copy the ID of the role again",
    ],
    code: 78,
  },
  "a role may not be mentioned": {
    arrange(world) {
      addRole(world, false);
      return world.configure({
        more: `[role_to_mentions]\n"*" = "role:${ROLE}"`,
      });
    },
    lines: [
      `✗ mention role:${ROLE}, @duty: nobody is pinged: not everybody may mention it, and the bot lacks Mention Everyone in #channel-${CHANNEL}`,
      "→ in the settings of the role, let anyone mention it",
    ],
    code: 78,
  },
  "a role may be mentioned": {
    arrange(world) {
      addRole(world, true);
      return world.configure({
        more: `[role_to_mentions]\n"*" = "role:${ROLE}"`,
      });
    },
    lines: [`✓ mention role:${ROLE}, @duty: its members are pinged`],
    code: 0,
  },
  "escalations have recipients and mentions as well": {
    arrange: (world) =>
      world.configure({
        more: `[[escalation]]
after = "1h30m"
recipients = ["${CHANNEL}", "123456789012345699"]
mentions = "role:${ROLE}"
[messages.language_by_recipient]
"123456789012345699" = "ko"`,
      }),
    lines: [
      "✗ recipient 123456789012345699",
      "[[escalation]] after 1h30m",
      `✗ mention role:${ROLE}: no server of the recipients has such a role`,
    ],
    code: 78,
  },
  "a user to mention is in no server": {
    arrange(world) {
      addUser(world, "alice");
      return world.configure({ more: `[role_to_mentions]\n"*" = "${USER}"` });
    },
    lines: [`✗ mention ${USER}, @alice: is in no server of the recipients`],
    code: 78,
  },
  "a user to mention is there": {
    arrange(world) {
      join(world, addUser(world, "alice"));
      return world.configure({ more: `[role_to_mentions]\n"*" = "${USER}"` });
    },
    lines: [`✓ mention ${USER}, @alice: is pinged`],
    code: 0,
  },
  "a language for a recipient that nothing is sent to": {
    arrange: (world) =>
      world.configure({
        more:
          `[messages.language_by_recipient]\n"${CHANNEL}" = "ko"\n"${ROLE}" = "ko"\n"${USER}" = "ko"`,
      }),
    lines: [
      `! messages.language_by_recipient."${ROLE}": nothing is sent to this recipient: neither [role_to_recipients], an escalation nor an access monitoring rule that could be read names it`,
      "→ correct the ID, or remove the entry",
      `! messages.language_by_recipient."${USER}": nothing is sent to this recipient`,
    ],
    code: 0,
  },
  "something hidden from a recipient that nothing is sent to": {
    arrange: (world) =>
      world.configure({
        more: `[messages.hide_by_recipient]\n"${ROLE}" = ["reason"]`,
      }),
    lines: [
      `! messages.hide_by_recipient."${ROLE}": nothing is sent to this recipient`,
    ],
    code: 0,
  },
  "a language for a person who may be told": {
    arrange: (world) =>
      world.configure({
        discord: "notify_requester = true",
        more: `[messages.language_by_recipient]\n"${USER}" = "ko"`,
      }),
    lines: [`✓ ${RECIPIENT}: the bot may post, embed links and read`],
    code: 0,
  },
  "of the users, one does not exist": {
    arrange(world) {
      const id = addUser(world, "alice");
      return world.configure({
        more: `[users]\nalice = "${id}"\nbob = "${ROLE}"`,
      });
    },
    lines: [
      "✓ [users]: 1 of 2 are users of Discord",
      `✗ user "bob", ${ROLE}: Discord knows no such user`,
    ],
    code: 78,
  },
  "a test message gets through": {
    arrange: () => {},
    run: () => ({ flags: { sendTest: true } }),
    lines: [`✓ test message to ${CHANNEL}: posted and removed`],
    code: 0,
  },
  "a test message cannot be removed": {
    arrange: (world) =>
      void world.discord.fail(
        "DELETE /channels/:id/messages/:id",
        refused(403, 50013),
      ),
    run: () => ({ flags: { sendTest: true } }),
    lines: [
      `! test message to ${CHANNEL}: posted, but it could not be removed`,
      "→ delete it by hand",
    ],
    code: 0,
  },
  "a user takes no direct messages": {
    recipients: `"*" = "${USER}"`,
    arrange(world) {
      const id = addUser(world, "alice");
      join(world, id);
      world.discord.channel(`9${id}`, { type: 1, postRefusal: 50007 });
    },
    run: () => ({ flags: { sendTest: true } }),
    lines: [
      `✓ recipient @alice (${USER}): exists`,
      `✗ test message to ${USER}: Cannot call POST /channels/:id/messages: 403, this user takes no direct messages from the bot (code 50007)`,
      "→ the user takes no direct messages from the server",
    ],
    code: 78,
  },
  "a test message is not sent where nothing would get through": {
    arrange: (world) => void world.discord.channel(CHANNEL, { send: false }),
    run: () => ({ flags: { sendTest: true } }),
    lines: [
      `– test message to ${CHANNEL}: skipped because nothing would get there`,
    ],
    code: 78,
  },
};

for (const [name, given] of Object.entries(CASES)) {
  const { arrange, lines, code, run, recipients, auth } = given;
  Deno.test(`check: ${name}`, async () => {
    await using world = await SetUpWorld.create(recipients, auth);
    const secrets = await secretsOf(world);
    await arrange(world);
    const result = await world.check(run?.(world));
    const text = normalize(result, world);
    for (const line of lines) {
      assert.ok(text.includes(line), `no line "${line}" in\n${text}`);
    }
    assert.equal(result.code, code, text);
    for (const secret of secrets) assert.ok(!result.out.includes(secret), text);
  });
}

Deno.test("check: a test message is in the language of the recipient", async () => {
  await using world = await SetUpWorld.create();
  await world.configure({ more: '[messages]\nlanguage = "ko"' });
  await world.check({ flags: { sendTest: true } });
  const { body } =
    world.discord.calls.find(({ name }) =>
      name === `POST /channels/${CHANNEL}/messages`
    ) ?? {};
  assert.match((body as { content: string }).content, /테스트 메시지입니다/);
});

/** Returns a port that nobody listens on. */
function freePort(): number {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  return listener.addr.port;
}

/** What no output may hold. */
async function secretsOf(world: SetUpWorld): Promise<string[]> {
  const identity = await Deno.readTextFile(world.path("identity"));
  const [key = ""] = identity.split("-----END");
  return [world.discord.token, ...key.trim().split("\n").slice(1)];
}

function normalize({ out }: CheckResult, world: SetUpWorld): string {
  return out.replaceAll(world.folder, "%")
    .replace(/(?<=127\.0\.0\.1:)\d+/g, "PORT")
    .replace(/(?<=config\.toml:)\d+/g, "LINE");
}
