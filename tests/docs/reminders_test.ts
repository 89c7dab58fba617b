/** The configurations in docs/reminders.md do what it says. */

import assert from "node:assert/strict";
import type { PeopleConfig } from "../../src/people/people_config.ts";
import { CHANNEL, World } from "../daemon/pipeline/world.ts";
import { hoursLater } from "../fakes/samples.ts";
import { fences, readPage, section } from "./pages.ts";
import { parseConfig } from "../fakes/config.ts";

const PAGE = await readPage("docs/reminders.md");

/** Returns what a heading's first configuration says about people. */
function configured(heading: string): PeopleConfig {
  const [toml = ""] = fences(section(PAGE, `## ${heading}`), "toml");
  const { users, mentions, discord } = parseConfig(
    `${toml}
[role_to_recipients]
"*" = "123456789012345678"
[teleport]
identity = "/identity"`,
    "reminders.md",
  );
  const { notices, userIdTrait } = discord;
  return { users, mentions, notices, userIdTrait };
}

Deno.test("docs/reminders.md: remind", async () => {
  await using world = new World();
  const people = configured("Remind");
  await world.start({ people: () => people });
  await world.put({
    id: "r1",
    requestExpires: hoursLater(20),
    accessExpires: hoursLater(20),
  });
  const [announcement] = world.discord.messages(CHANNEL);
  const replies = () => world.discord.messages(CHANNEL).slice(1);
  for (const [i, minutes] of [30, 120, 480].entries()) {
    await world.clock.advance(
      minutes * 60_000 - 1 - (world.clock.now() - hoursLater(0).getTime()),
    );
    assert.equal(replies().length, i);
    await world.clock.advance(1);
    assert.equal(replies().length, i + 1);
  }
  for (const { replyTo, alerts } of replies()) {
    assert.equal(replyTo, announcement?.id);
    assert.deepEqual(alerts, ["role:345678901234567890"]);
  }
});

Deno.test("docs/reminders.md: before access ends", async () => {
  await using world = new World();
  const people = configured("Before access ends");
  await world.start({ people: () => people });
  await world.put({ id: "r1" });
  await world.put({ id: "r1", state: "APPROVED" });
  const toAlice = () => world.discord.messages("767890123456789012");
  await world.clock.advance(7.75 * 3_600_000 - 1);
  assert.deepEqual(toAlice(), []);
  await world.clock.advance(1);
  assert.match(
    toAlice()[0]?.content ?? "",
    /^Your access ends soon:\n[^]*`tsh request create --roles=dev`$/,
  );
  await world.clock.advance(15 * 60_000);
  world.auth.remove("r1");
  await world.clock.advance(1000);
  const [announcement] = world.discord.messages(CHANNEL);
  const last = announcement?.content.split("\n").at(-1)?.replaceAll("*", "");
  assert.equal(last, "Status: ✅ APPROVED, access has ended");
  assert.ok(PAGE.includes(`\`${last}\``));
});

Deno.test("docs/reminders.md: escalate", async () => {
  await using world = new World();
  const people = configured("Escalate");
  const managers = "456789012345678901";
  await world.start({ people: () => people });
  for (const [id, role] of [["r1", "dev"], ["r2", "prod-root"]] as const) {
    await world.put({ id, roles: [role], requestExpires: hoursLater(7) });
  }
  const alertsThere = () =>
    world.discord.messages(managers).map(({ replyTo, alerts }) =>
      [replyTo !== undefined, alerts] as const
    );
  await world.clock.advance(3_600_000 - 1);
  assert.deepEqual(alertsThere(), []);
  await world.clock.advance(1);
  const told = [false, ["role:345678901234567890"]] as const;
  assert.deepEqual(alertsThere(), [told, told]);
  await world.clock.advance(3 * 3_600_000);
  assert.deepEqual(alertsThere(), [told, told, [true, []]]);
  assert.deepEqual(world.shown("767890123456789012"), ["PENDING"]);
});
