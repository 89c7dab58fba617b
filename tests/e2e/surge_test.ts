/**
 * One process is replaced by another while requests keep coming, as Kubernetes replaces a pod by a surge of one:
 * the next one starts, is ready, and only then is the last one told to stop.
 *
 * TELEPORT_DISCORD_OTHER_BUILD may name a program that starts another build of the plugin: then that one is also
 * replaced by this one, and this one by it.
 *
 * @module
 */

import assert from "node:assert/strict";
import type { FakeMessage } from "../fakes/discord.ts";
import { type PluginOptions, sideBySide } from "./plugin.ts";
import { channelId, messagesOf, World } from "./world.ts";

const POST = "POST /channels/:id/messages";

/** Each role has a channel of its own, so that no rate limit slows a wave down. */
const ROLES = Array.from({ length: 8 }, (_, i) => `role-${i}`);
const CHANNELS = ROLES.map((_, i) => channelId(200 + i));

const other = Deno.env.get("TELEPORT_DISCORD_OTHER_BUILD") ?? "";

Deno.test("one process is replaced by the next: nothing is missed, doubled or shown old", (t) =>
  sideBySide(t, {
    "both of this build": () => replace({}, {}),
    "no nonce helps: Discord has forgotten it": () => replace({}, {}, 1),
    ...other === "" ? {} : {
      "another build by this one": () => replace({ program: other }, {}),
      "this build by another one": () => replace({}, { program: other }),
    },
  }));

async function replace(
  last: PluginOptions,
  next: PluginOptions,
  nonceWindowMs = 5 * 60_000,
): Promise<void> {
  await using world = await World.create({
    channels: Object.fromEntries([
      ["*", [channelId(1)]],
      ...ROLES.map((role, i) => [role, [CHANNELS[i]]]),
    ]),
    discord: { delayMs: 30, nonceWindowMs },
  });
  const { auth, discord } = world;
  const load = new Load(world);
  const leaving = await world.start(last).ready();

  load.create();
  await load.shown();
  // The next one starts while the last one has work.
  load.create();
  load.resolve(0);
  const coming = world.start(next);
  await coming.ready();
  await load.shown();
  load.create();
  load.resolve(1);
  await load.shown();

  // The stop comes while posts and edits are under way.
  const posts = () => discord.calls.filter(({ route }) => route === POST);
  const before = posts().length;
  load.create();
  load.resolve(2);
  await world.until(() => posts().length >= before + 3, "posts under way");
  leaving.signal("SIGTERM");
  load.create();
  assert.equal(await leaving.exitCode, 0);
  load.create();
  await load.shown();
  for (const wave of [3, 4, 5]) load.resolve(wave);
  await load.resolved();

  assert.equal(await coming.stop(), 0);
  for (const [id, { channel, outcome }] of load.requests) {
    const [message, second] = messagesOf(discord, channel, id);
    assert(message !== undefined && second === undefined, `messages of ${id}`);
    assert.deepEqual(historyOf(message), ["PENDING", outcome], id);
    const data = auth.pluginData(id) ?? {};
    assert.equal(data["messages"], `${channel}/${message.id}`);
  }
}

/** Requests in waves, one for each channel. */
class Load {
  readonly #world: World;
  readonly #waves: string[][] = [];
  readonly requests = new Map<
    string,
    { readonly channel: string; readonly outcome: "APPROVED" | "DENIED" }
  >();

  constructor(world: World) {
    this.#world = world;
  }

  create(): void {
    this.#waves.push(ROLES.map((role, i) => {
      const id = this.#world.auth.createRequest({ roles: [role] });
      this.requests.set(id, {
        channel: CHANNELS[i] ?? "",
        outcome: i % 3 === 0 ? "DENIED" : "APPROVED",
      });
      return id;
    }));
  }

  /** Waits until each request so far has a message. */
  async shown(): Promise<void> {
    await Promise.all(
      [...this.requests].map(([id, { channel }]) =>
        this.#world.shows(id, "", channel)
      ),
    );
  }

  resolve(wave: number): void {
    for (const id of this.#waves[wave] ?? []) {
      this.#world.auth.setState(id, this.requests.get(id)?.outcome ?? "DENIED");
    }
  }

  async resolved(): Promise<void> {
    await Promise.all(
      [...this.requests].map(([id, { channel, outcome }]) =>
        this.#world.shows(id, outcome, channel)
      ),
    );
  }
}

/**
 * What a message said, one after another. Soon after a take-over an edit is made once more, since one of the
 * process before may have arrived late: that changes nothing.
 */
function historyOf({ earlier, content }: FakeMessage): string[] {
  return [...earlier.map((each) => each.content), content]
    .map((text) => /PENDING|APPROVED|DENIED/.exec(text)?.[0] ?? text)
    .filter((state, i, states) => state !== states[i - 1]);
}
