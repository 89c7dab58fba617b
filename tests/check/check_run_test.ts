/** How a check goes on: in which order, for how long, in which form. */

import assert from "node:assert/strict";
import { hang } from "../fakes/discord.ts";
import { CHANNEL, SetUpWorld } from "./check_world.ts";

const POST = "POST /channels/:id/messages";

Deno.test("a check ends in good time although nothing answers", async () => {
  await using world = await SetUpWorld.create();
  const end = Promise.withResolvers<void>();
  world.auth.misbehaviour.silent = true;
  world.discord.fail("GET /users/@me", hang(end.promise), Infinity);
  const { out, code } = await world.check({ limitMs: 200 });
  end.resolve();
  assert.equal(code, 1, out);
  for (
    const line of [
      "✗ connection to the Auth Service: no answer within 0.2 s",
      "– rules of the role: skipped",
      "✗ bot: no answer within 0.2 s",
    ]
  ) assert.ok(out.includes(line), out);
});

Deno.test("a check can be interrupted", async () => {
  await using world = await SetUpWorld.create();
  const end = Promise.withResolvers<void>();
  const stop = new AbortController();
  world.auth.misbehaviour.silent = true;
  world.discord.fail("GET /channels/:id", hang(end.promise), Infinity);
  const checked = world.check({ stop: stop.signal });
  await world.discord.waitFor((discord) =>
    discord.callNames.includes(`GET /channels/${CHANNEL}`)
  );
  stop.abort();
  const { out, code } = await checked;
  end.resolve();
  assert.equal(code, 1, out);
  for (
    const line of [
      "✗ connection to the Auth Service: interrupted",
      "✓ bot: Discord accepts the token",
      `✗ recipient ${CHANNEL} of "*": interrupted`,
    ]
  ) assert.ok(out.includes(line), out);
});

Deno.test("a test message is removed even if the check is interrupted", async () => {
  await using world = await SetUpWorld.create();
  const sent = Promise.withResolvers<void>();
  const stop = new AbortController();
  world.discord.fail(POST, hang(sent.promise, true));
  const checked = world.check({
    stop: stop.signal,
    flags: { sendTest: true },
  });
  await world.discord.waitFor((discord) =>
    discord.messages(CHANNEL).length === 1
  );
  stop.abort();
  sent.resolve();
  const { out, code } = await checked;
  assert.equal(code, 1, out);
  assert.ok(out.includes(`✓ test message to ${CHANNEL}: posted and removed`));
  assert.deepEqual(world.discord.messages(CHANNEL), []);
});

Deno.test("a test message says what it is, and pings nobody", async () => {
  await using world = await SetUpWorld.create();
  await world.check({ flags: { sendTest: true } });
  const post = world.discord.calls.find(({ route }) => route === POST);
  const { content, allowed_mentions: mentions } = post?.body as {
    content: string;
    allowed_mentions: unknown;
  };
  assert.match(content, /Test message of `teleport-discord check`/);
  assert.deepEqual(mentions, { parse: [] });
});

Deno.test("without --send-test nothing is posted, and plugin data stay as they are", async () => {
  await using world = await SetUpWorld.create();
  const id = world.auth.createRequest();
  await world.check();
  assert.deepEqual(
    world.discord.callNames.filter((name) => !name.startsWith("GET ")),
    [],
  );
  assert.equal(world.auth.pluginData(id), undefined);
});

Deno.test("what is known is printed before the rest is", async () => {
  await using world = await SetUpWorld.create();
  const printed = Promise.withResolvers<void>();
  world.discord.fail("GET /users/@me", hang(printed.promise));
  const { code } = await world.check({
    onOutput(text) {
      if (text.startsWith("Teleport\n")) printed.resolve();
    },
  });
  assert.equal(code, 0);
});

Deno.test("--json prints one object and nothing else", async () => {
  await using world = await SetUpWorld.create();
  world.discord.channel(CHANNEL, { embedLinks: false });
  const { out, code } = await world.check({
    flags: { json: true },
    colored: true,
  });
  const report = JSON.parse(out);
  assert.equal(code, 0);
  assert.deepEqual(Object.keys(report), [
    "form",
    "version",
    "config",
    "exit_code",
    "findings",
  ]);
  assert.equal(report.config, world.path("config.toml"));
  const found = report.findings.map(
    ({ area, id, status }: Record<string, string>) => `${area} ${id} ${status}`,
  );
  assert.deepEqual([...new Set(found)], [
    "configuration program ok",
    "configuration configuration ok",
    "files file ok",
    "teleport teleport.credentials ok",
    "teleport teleport.route ok",
    "teleport teleport.route info",
    "teleport teleport.version ok",
    "teleport teleport.rule ok",
    "teleport teleport.resources info",
    "discord discord.bot ok",
    "discord discord.recipient warning",
  ]);
});

Deno.test("colours are used where they are understood", async () => {
  await using world = await SetUpWorld.create();
  const [plain, colored] = await Promise.all([
    world.check(),
    world.check({ colored: true }),
  ]);
  assert.ok(!plain.out.includes("\x1b"));
  assert.ok(colored.out.includes("\x1b[32m✓\x1b[0m bot: "));
});
