import assert from "node:assert/strict";
import type { Config } from "../../src/config/config.ts";
import { takeOver } from "../../src/config/takeover.ts";
import { parseConfig } from "../fakes/config.ts";

const pure = { permissions: "none" } as const;

/** A configuration with lines added to its sections. */
function config(lines: Readonly<Record<string, string>> = {}): Config {
  const sections = {
    teleport: 'identity = "/identity"',
    discord: 'token = "/token"',
    role_to_recipients: '"*" = "123456789012345678"',
    ...lines,
  };
  const text = Object.entries(sections)
    .map(([name, text]) => `[${name}]\n${text}\n`).join("");
  return parseConfig(text, "x");
}

const IDENTITY = 'identity = "/identity"\n';
const TOKEN = 'token = "/token"\n';

/** What is changed, and which keys then take a restart. */
const RESTARTS: readonly [Record<string, string>, readonly string[]][] = [
  [{}, []],
  [{ role_to_recipients: '"*" = "223456789012345678"' }, []],
  [{ discord: 'token = "/other"' }, []],
  [{ log: 'severity = "debug"' }, []],
  [{ teleport: `${IDENTITY}addr = "x:1"` }, ["teleport.addr"]],
  [{ teleport: `${IDENTITY}web_ca = "/x"` }, ["teleport.web_ca"]],
  [
    { teleport: 'identity = "/other"' },
    [
      "teleport.identity, teleport.client_key, teleport.client_crt, teleport.root_cas",
    ],
  ],
  [
    { teleport: `${IDENTITY}resync_interval = "9m"` },
    ["teleport.resync_interval"],
  ],
  [
    {
      teleport: `${IDENTITY}addr = "x:1"\nrefresh_identity_interval = "9m"`,
      http: 'listen = "127.0.0.1:1"',
    },
    [
      "teleport.addr",
      "teleport.refresh_identity_interval",
      "http.listen",
    ],
  ],
  [{ discord: `${TOKEN}notify_requester = true\nuser_id_trait = "x"` }, []],
  [{ role_to_mentions: 'a = "role:123456789012345678"' }, []],
  [{ users: 'alice = "123456789012345678"' }, []],
  [{ discord: `${TOKEN}apiurl = "https://x/"` }, ["discord.apiurl"]],
  [{ review: "enabled = true" }, ["review.enabled, review.require_reason"]],
];

for (const [lines, want] of RESTARTS) {
  const name = want.join(", ") || "nothing";
  Deno.test(
    `${JSON.stringify(lines)} takes a restart for ${name}`,
    pure,
    () => {
      const running = config();
      const next = config(lines);
      const { config: now, restart } = takeOver(running, next);
      assert.deepEqual(restart, want);
      assert.deepEqual(now.routing, next.routing);
      assert.deepEqual(now.log, next.log);
      assert.deepEqual(now.mentions, next.mentions);
      assert.deepEqual(now.users, next.users);
      assert.deepEqual(now.discord.notices, next.discord.notices);
      assert.deepEqual(now.discord.token, next.discord.token);
      assert.deepEqual(now.teleport, running.teleport);
      assert.equal(now.discord.apiUrl, running.discord.apiUrl);
      // What took a restart before does so until there was one.
      assert.deepEqual(takeOver(now, next).restart, want);
      assert.deepEqual(takeOver(now, running).restart, []);
    },
  );
}
