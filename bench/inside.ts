/**
 * How long the plugin itself takes from an event to the call that follows, without the answers that it waits for.
 *
 * Between the plugin and the stand-ins stand relays of this process, so all is timed by one clock.
 *
 * @module
 */

import { setTimeout as sleep } from "node:timers/promises";
import { type Candidate, startPlugin } from "./processes.ts";
import { relayTo } from "./relay.ts";
import { PACE_MS } from "./rows/row.ts";
import { PATCH, POST, type Stage } from "./stage.ts";

/** Times one event: from its first byte to the first byte of the call, minus the time at the Auth Service. */
class Stopwatch {
  #eventMs: number | undefined;
  #askedMs: number | undefined;
  #waitedMs = 0;
  #takenMs: number | undefined;

  /** Begins anew: what comes next is the event. */
  reset(): void {
    this.#eventMs = this.#askedMs = this.#takenMs = undefined;
    this.#waitedMs = 0;
  }

  fromAuth(): void {
    const nowMs = performance.now();
    this.#eventMs ??= nowMs;
    if (this.#askedMs === undefined) return;
    this.#waitedMs += nowMs - this.#askedMs;
    this.#askedMs = undefined;
  }

  toAuth(): void {
    if (this.#eventMs === undefined) return;
    this.#askedMs ??= performance.now();
  }

  toDiscord(): void {
    if (this.#eventMs === undefined) return;
    this.#takenMs ??= performance.now() - this.#eventMs - this.#waitedMs;
  }

  /** Milliseconds; NaN if there was no event or no call. */
  get takenMs(): number {
    return this.#takenMs ?? NaN;
  }
}

/** Times of the announcement and of the edit of each request, in milliseconds. */
export async function measureInside(
  candidate: Candidate,
  { auth, discord, configPath }: Stage,
  count: number,
): Promise<{ announce: number[]; resolve: number[] }> {
  const watch = new Stopwatch();
  using _auth = await relayTo(
    configPath,
    "addr",
    (direction) =>
      direction === "to server" ? watch.toAuth() : watch.fromAuth(),
  );
  using _discord = await relayTo(configPath, "apiurl", (direction) => {
    if (direction === "to server") watch.toDiscord();
  });
  const { plugin } = await startPlugin(candidate, configPath);
  await using _ = plugin;
  const announce: number[] = [];
  const resolve: number[] = [];
  for (let i = 0; i < count; i++) {
    const posted = discord.first(({ route }) => route === POST);
    watch.reset();
    const { id } = await auth.ask({ kind: "create" });
    await posted;
    announce.push(watch.takenMs);
    await sleep(PACE_MS);
    const edited = discord.first(({ route }) => route === PATCH);
    watch.reset();
    await auth.ask({ kind: "approve", id });
    await edited;
    resolve.push(watch.takenMs);
    await sleep(PACE_MS);
  }
  return { announce, resolve };
}
