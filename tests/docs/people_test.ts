/** The configurations in docs/people.md do what it says. */

import assert from "node:assert/strict";
import type { PeopleConfig } from "../../src/people/people_config.ts";
import { CHANNEL, World } from "../daemon/pipeline/world.ts";
import type { Message } from "../fakes/memory_discord.ts";
import { fences, readPage, section } from "./pages.ts";
import { parseConfig } from "../fakes/config.ts";

const PAGE = await readPage("docs/people.md");

const ALICE = "567890123456789012";
const BOB = "678901234567890123";

/** The channel of direct messages to a user. */
const directTo = (userId: string) => `7${userId.slice(1)}`;

/** Returns what a heading's first configuration says about people. */
function configured(heading: string): PeopleConfig {
  const [toml = ""] = fences(section(PAGE, `## ${heading}`), "toml");
  const rest = toml.includes("[role_to_recipients]")
    ? ""
    : '[role_to_recipients]\n"*" = "123456789012345678"';
  const identity = '[teleport]\nidentity = "/identity"';
  const { users, mentions, discord } = parseConfig(
    [toml, rest, identity].join("\n"),
    "people.md",
  );
  const { notices, userIdTrait } = discord;
  return { users, mentions, notices, userIdTrait };
}

/** Runs the plugin with a configuration, and makes a request. */
async function announced(
  world: World,
  heading: string,
  roles: readonly string[] = ["dev"],
): Promise<Message> {
  const people = configured(heading);
  world.auth.users.set("carol", {
    traits: new Map([["discord_id", ["789012345678901234"]]]),
  });
  await world.start({ people: () => people });
  const suggestedReviewers = ["bob", "carol"];
  await world.put({ id: "r1", roles, suggestedReviewers });
  return world.discord.messages(CHANNEL)[0] ?? assert.fail("no message");
}

Deno.test("docs/people.md: ping reviewers", async () => {
  await using world = new World();
  const { alerts } = await announced(world, "Mention a role", ["prod-root"]);
  assert.deepEqual(alerts, ["role:234567890123456789"]);
  await using other = new World();
  assert.deepEqual((await announced(other, "Mention a role")).alerts, [
    "role:345678901234567890",
    "user:456789012345678901",
  ]);
});

Deno.test("docs/people.md: who is who, by the configuration and by a trait", async () => {
  await using world = new World();
  const { content, alerts } = await announced(world, "Say who is who");
  assert.match(content, /^\*User\*: alice \(<@567890123456789012>\)$/m);
  assert.match(
    content,
    /^\*Attention\*: <@678901234567890123> <@789012345678901234>$/m,
  );
  assert.deepEqual(alerts, [`user:${BOB}`, "user:789012345678901234"]);
  assert.match(PAGE, /discord_id: \["789012345678901234"\]/);
});

Deno.test("docs/people.md: suggested reviewers by direct message", async () => {
  await using world = new World();
  const { content } = await announced(world, "Suggested reviewers");
  assert.doesNotMatch(content, /Attention/);
  assert.deepEqual(world.shown(directTo(BOB)), ["PENDING"]);
});

Deno.test("docs/people.md: tell the requester", async () => {
  await using world = new World();
  await announced(world, "Tell the requester");
  await world.put({ id: "r1", state: "APPROVED" });
  const [message] = world.discord.messages(directTo(ALICE));
  assert.match(message?.content ?? "", /^Your access request was approved:\n/);
  assert.match(PAGE, /\]\(images\/direct-message\.svg\)/);
});
