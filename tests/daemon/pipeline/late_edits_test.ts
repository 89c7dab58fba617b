import assert from "node:assert/strict";
import type { Clock } from "../../../src/lib/async/clock.ts";
import type { AuthService } from "../../../src/ports/auth_service.ts";
import type { Messenger } from "../../../src/ports/messenger.ts";
import type { FakeClock } from "../../fakes/clock.ts";
import { discordError } from "../../fakes/memory_discord.ts";
import { review } from "../../fakes/samples.ts";
import { CHANNEL, type ProcessOptions, World } from "./world.ts";

const PATCH = `PATCH /channels/${CHANNEL}/messages/`;
const POST = `POST /channels/${CHANNEL}/messages`;

/** A process that can be held still, as by SIGSTOP: nothing that it waits for reaches it then. */
class Held {
  #going: PromiseWithResolvers<void> | undefined;

  /** What such a process runs with. */
  options(
    { auth, clock }: World,
  ): Pick<ProcessOptions, "auth" | "clock" | "wrap"> {
    return {
      auth: this.#auth(auth),
      clock: this.#clock(clock),
      wrap: (messenger) => this.#messenger(messenger),
    };
  }

  stop(): void {
    this.#going ??= Promise.withResolvers();
  }

  async goOn(world: World): Promise<void> {
    this.#going?.resolve();
    this.#going = undefined;
    await world.clock.advance(0);
  }

  #auth(auth: AuthService): AuthService {
    return new Proxy(auth, {
      get: (target, name) => {
        const value = Reflect.get(target, name);
        if (typeof value !== "function") return value;
        return (...args: readonly unknown[]) => {
          if (name === "within") {
            return this.#auth(target.within(args[0] as AbortSignal));
          }
          if (name === "watchEvents") {
            const [onEvent] = args as Parameters<AuthService["watchEvents"]>;
            return target.watchEvents(async (event) => {
              await this.#going?.promise;
              onEvent(event);
            });
          }
          const answer = value.apply(target, args);
          return answer instanceof Promise ? this.#late(answer) : answer;
        };
      },
    });
  }

  #messenger(messenger: Messenger): Messenger {
    return new Proxy(messenger, {
      get: (target, name) => {
        const value = Reflect.get(target, name);
        if (typeof value !== "function") return value;
        return (...args: readonly unknown[]) =>
          this.#late(value.apply(
            target,
            args.map((arg) =>
              typeof arg === "function"
                ? async () => {
                  await this.#going?.promise;
                  return await arg();
                }
                : arg
            ),
          ));
      },
    });
  }

  #clock(clock: FakeClock): Clock {
    return {
      now: () => clock.now(),
      monotonic: () => clock.monotonic(),
      sleep: (ms, signal) => this.#late(clock.sleep(ms, signal)),
      random: clock.random,
    };
  }

  async #late<T>(answer: Promise<T>): Promise<T> {
    try {
      return await answer;
    } finally {
      await this.#going?.promise;
    }
  }
}

Deno.test("a process that was held still before an edit makes none that others have overtaken", async () => {
  await using world = new World();
  const held = new Held();
  await world.start({ self: "one", ...held.options(world) });
  await world.start({ self: "two" });
  await world.put({ id: "r1" });
  world.discord.script.next(PATCH, { slotMs: 1000 });
  await world.put({ id: "r1", reviews: [review()] });
  await world.clock.advance(900);
  held.stop();
  await world.put({ id: "r1", reviews: [review()], state: "DENIED" });
  await world.clock.advance(60_000);
  assert.deepEqual(world.shown(), ["DENIED"]);
  const made = world.discord.script.made(PATCH).length;
  await held.goOn(world);
  await world.clock.advance(60_000);
  assert.deepEqual(world.shown(), ["DENIED"]);
  assert.equal(world.discord.script.made(PATCH).length, made);
});

Deno.test("what was read while a process was held still allows no call any more", async () => {
  await using world = new World();
  const held = new Held();
  await world.start({ self: "one", ...held.options(world) });
  await world.start({ self: "two" });
  await world.put({ id: "r1" });
  // Past the time in which nothing needs to be read again.
  await world.clock.advance(6000);
  world.discord.script.next(PATCH, { slotMs: 6000 });
  await world.put({ id: "r1", reviews: [review()] });
  await world.clock.advance(1000);
  world.auth.script.next("GetPluginData r1", { meanwhile: () => held.stop() });
  await world.clock.advance(6000);
  await world.put({ id: "r1", reviews: [review()], state: "DENIED" });
  await world.clock.advance(60_000);
  assert.deepEqual(world.shown(), ["DENIED"]);
  await held.goOn(world);
  await world.clock.advance(60_000);
  assert.deepEqual(world.shown(), ["DENIED"]);
});

Deno.test("a write whose answer came late does not pass for a fresh look at what is stored", async () => {
  await using world = new World();
  const held = new Held();
  await world.start({ self: "one", ...held.options(world) });
  await world.put({ id: "r1" });
  world.auth.script.next("UpdatePluginData r1", {
    meanwhile: () => held.stop(),
  });
  await world.put({ id: "r1", reviews: [review()] });
  await world.start({ self: "two" });
  await world.put({ id: "r1", reviews: [review()], state: "DENIED" });
  await world.clock.advance(60_000);
  assert.deepEqual(world.shown(), ["DENIED"]);
  const made = world.discord.script.made(PATCH).length;
  await held.goOn(world);
  await world.clock.advance(60_000);
  assert.equal(world.discord.script.made(PATCH).length, made);
});

Deno.test("an edit that dies on its way and arrives after that of the next process is put right", async () => {
  await using world = new World();
  const one = await world.start({ self: "one" });
  await world.start({ self: "two" });
  await world.put({ id: "r1" });
  const [message] = world.discord.messages(CHANNEL);
  const stale = message?.content ?? "";
  world.discord.script.next(PATCH, { refuse: discordError(0), takesMs: 5000 });
  await world.put({ id: "r1", reviews: [review()] });
  await one.kill();
  await world.put({ id: "r1", reviews: [review()], state: "DENIED" });
  await world.clock.advance(11_000);
  assert.deepEqual(world.shown(), ["DENIED"]);
  // What the first one sent arrives only now.
  await world.clock.advance(4000);
  if (message !== undefined) message.content = stale;
  assert.deepEqual(world.shown(), ["PENDING"]);
  await world.clock.advance(10_000);
  assert.deepEqual(world.shown(), ["DENIED"]);
  assert.match(world.delivery("r1") ?? "", / DENIED-1-0-0\.$/);
});

Deno.test("an edit of unknown outcome is put right, though another process has recorded a newer one", async () => {
  await using world = new World();
  await world.start({ self: "one" });
  await world.put({ id: "r1" });
  const { id = "" } = world.discord.messages(CHANNEL)[0] ?? {};
  world.discord.script.next(PATCH, {
    takesMs: 3000,
    lose: discordError(0),
    // Another process makes and records a newer edit, and the older one arrives after it.
    meanwhile: () => {
      const entries = world.auth.stored("r1");
      world.auth.store("r1", {
        ...entries,
        resolution: "DENIED",
        reviews_count: "1",
        "x-reviews": "1/0/0",
        "x-owner": "two",
        [`x-to:${CHANNEL}`]: `${CHANNEL}/${id} 1 DENIED-1-0-0.`,
      });
    },
  });
  await world.put({ id: "r1", reviews: [review()] });
  await world.put({ id: "r1", reviews: [review()], state: "DENIED" });
  await world.clock.advance(120_000);
  assert.deepEqual(world.shown(), ["DENIED"]);
  assert.match(world.delivery("r1") ?? "", / DENIED-1-0-0\.$/);
});

Deno.test("a request that another process has taken over is left to it", async () => {
  await using world = new World();
  await world.start({ self: "one" });
  await world.put({ id: "r1" });
  world.discord.script.next(PATCH, { slotMs: 8000 });
  await world.put({ id: "r1", reviews: [review()] });
  const entries = world.auth.stored("r1");
  world.auth.store("r1", { ...entries, "x-owner": "two" });
  await world.clock.advance(9000);
  assert.deepEqual(world.discord.script.made(PATCH), []);
  assert.equal(world.auth.stored("r1")["x-owner"], "two");
  // It does not act, so its time passes.
  await world.clock.advance(10_000);
  assert.equal(world.discord.script.made(PATCH).length, 1);
  assert.equal(world.discord.script.made(POST).length, 1);
});
