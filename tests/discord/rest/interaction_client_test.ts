/** Answers to clicks, against the stand-in of Discord. */

import assert from "node:assert/strict";
import { readClick } from "../../../src/discord/gateway/click_reader.ts";
import { HttpCaller } from "../../../src/discord/rest/http_caller.ts";
import { InteractionClient } from "../../../src/discord/rest/interaction_client.ts";
import { systemClock } from "../../../src/lib/async/clock.ts";
import type { Click } from "../../../src/ports/clicks.ts";
import type { RenderedMessage } from "../../../src/ports/rendered_message.ts";
import { DiscordApiError } from "../../../src/ports/discord_error.ts";
import {
  FakeDiscord,
  type FakeDiscordOptions,
  type Fault,
  lostAnswer,
  rateLimited,
  serverError,
} from "../../fakes/discord.ts";
import { UNCANCELLED } from "../world.ts";
import type { FakeInteraction } from "../../fakes/discord_interactions.ts";

const CHANNEL = "1400000000000000001";
const USER = "1600000000000000001";
const CALLBACK = "POST /interactions/:id/:token/callback";
const ORIGINAL = "PATCH /webhooks/:id/:token/messages/@original";

interface World extends AsyncDisposable {
  readonly discord: FakeDiscord;
  readonly client: InteractionClient;
  /** Makes a click, and what the Gateway would tell of it. */
  click(): { readonly click: Click; readonly seen: FakeInteraction };
}

async function startWorld(options: FakeDiscordOptions = {}): Promise<World> {
  const discord = await FakeDiscord.start({ channels: [CHANNEL], ...options });
  const row = [{ type: 2, style: 3, label: "Approve", custom_id: "approve:7" }];
  const message = discord.api.addMessage(CHANNEL, discord.bot.id, {
    components: [{ type: 1, components: row }],
  });
  return {
    discord,
    client: new InteractionClient({
      http: new HttpCaller({ apiUrl: discord.url, clock: systemClock }),
      clock: { ...systemClock, random: () => 0 },
      cancellation: UNCANCELLED,
    }),
    click: () => {
      const seen = discord.click({ message, label: "Approve", userId: USER });
      const { value } = readClick(seen.payload, systemClock.monotonic());
      assert.ok(value);
      return { click: value, seen };
    },
    [Symbol.asyncDispose]: () => discord[Symbol.asyncDispose](),
  };
}

const FORM = {
  customId: "approve:7",
  title: "Approve the request",
  label: "Reason",
  placeholder: "Everybody who can see the request can read it",
};

/** Returns a message of nothing but a text. */
function says(content: string): RenderedMessage {
  return { content, embeds: undefined, buttons: [] };
}

Deno.test("a click is answered at once, or later, and without the bot's token", async () => {
  await using world = await startWorld();
  const { discord, client } = world;
  const first = world.click();
  await client.reply(first.click, "No.");
  assert.equal(first.seen.text, "No.");
  const second = world.click();
  await client.defer(second.click);
  assert.equal(second.seen.text, "");
  await client.tell(second.click, says("Yes."));
  assert.equal(second.seen.text, "Yes.");
  for (const call of discord.calls) {
    assert.equal(call.headers.get("authorization"), null);
    assert.match(call.headers.get("user-agent") ?? "", /^DiscordBot \(/);
  }
  const body = discord.calls.at(-1)?.body as Record<string, unknown>;
  assert.deepEqual(body.allowed_mentions, { parse: [] });
});

Deno.test("a form is opened, and what it was sent with is answered", async () => {
  await using world = await startWorld();
  const { click, seen } = world.click();
  await world.client.openForm(click, FORM);
  const sent = world.discord.sendForm(seen, "because");
  const { value } = readClick(sent.payload, systemClock.monotonic());
  assert.equal(value?.reason, "because");
  assert.equal(value?.customId, "approve:7");
  assert.ok(value);
  await world.client.defer(value);
  await world.client.tell(value, says("Done."));
  assert.equal(sent.text, "Done.");
});

Deno.test("an answer has its embeds, with buttons or without", async () => {
  await using world = await startWorld();
  const { click, seen } = world.click();
  await world.client.defer(click);
  const embeds = [{ title: "alice", description: "looks good" }];
  await world.client.tell(click, { ...says("Hidden:"), embeds });
  assert.deepEqual(seen.embeds, embeds);
});

Deno.test("a long text is cut to what Discord takes", async () => {
  await using world = await startWorld();
  const { click, seen } = world.click();
  await world.client.defer(click);
  await world.client.tell(click, says("x".repeat(3000)));
  assert.equal(seen.text?.length, 2000);
});

Deno.test("only one process can answer: the other learns so from the code", async () => {
  await using world = await startWorld();
  const { click } = world.click();
  await world.client.defer(click);
  await assert.rejects(world.client.defer(click), { status: 400, code: 40060 });
});

Deno.test("an answer that is late is refused", async () => {
  let now = Date.now();
  await using world = await startWorld({ now: () => now });
  const { click } = world.click();
  now += 3001;
  await assert.rejects(world.client.defer(click), { status: 404, code: 10062 });
});

const FAULTS: readonly (readonly [string, string, Fault, number])[] = [
  [
    "a first answer that is limited is repeated",
    CALLBACK,
    rateLimited(0.01),
    2,
  ],
  ["a first answer that may have arrived is not", CALLBACK, lostAnswer, 1],
  ["nor one that failed", CALLBACK, serverError(502), 1],
  ["an outcome that failed is repeated", ORIGINAL, serverError(502), 2],
  ["an outcome that may have arrived is, too", ORIGINAL, lostAnswer, 2],
];

for (const [name, route, fault, calls] of FAULTS) {
  Deno.test(name, async () => {
    await using world = await startWorld();
    const { click } = world.click();
    world.discord.fail(route, fault);
    const answer = async () => {
      await world.client.defer(click);
      await world.client.tell(click, says("Yes."));
    };
    if (calls > 1) await answer();
    else await assert.rejects(answer, DiscordApiError);
    const made = world.discord.calls.filter((call) => call.route === route);
    assert.equal(made.length, calls);
  });
}

Deno.test("a limit that lasts longer than Discord waits is not waited out", async () => {
  await using world = await startWorld();
  const { click } = world.click();
  world.discord.fail(CALLBACK, rateLimited(5));
  await assert.rejects(world.client.defer(click), { status: 429 });
});

Deno.test("no error shows the token of a click", async () => {
  await using world = await startWorld();
  const { click } = world.click();
  world.discord.fail(() => true, serverError(500), Infinity);
  const error = await world.client.defer(click)
    .catch((error) => error);
  assert.match(error.message, /interactions\/:id\/:token\/callback/);
  assert.ok(!Deno.inspect(error).includes(click.token.reveal()));
  assert.ok(!Deno.inspect(click).includes(click.token.reveal()));
});
