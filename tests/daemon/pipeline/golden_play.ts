/**
 * A play in several scenes, and everything that the plugin changed at Teleport and Discord in it.
 *
 * It uses only what the worlds of all builds have, so that an earlier build can play it as well.
 *
 * @module
 */

import type { World } from "./world.ts";

/** What a build does in the play. */
export interface Performance {
  /** Every call to Discord that changes something, oldest first; how much is read may differ. */
  readonly calls: readonly string[];
  /** Every write of plugin data, whether it came to pass or not. */
  readonly writes: unknown[];
  /** The messages of each channel, at the end of each scene. */
  readonly messages: unknown[];
  /** Plugin data of each request in the end. */
  readonly stored: Record<string, Readonly<Record<string, string>>>;
}

/** What a world needs to take part. */
export type Stage = Pick<World, "clock" | "auth" | "discord" | "put">;

interface Running {
  stop(): Promise<void>;
  kill(): Promise<void>;
}

const CHANNELS = [
  "800000000000000001",
  "800000000000000002",
  "700000000000000011",
  "700000000000000012",
];

/** Recipients of every request in the play. */
export const RECIPIENTS: readonly string[] = [
  "800000000000000001",
  "800000000000000002",
];

/** How old a request is when it is reminded of, in those plays that remind. */
export const REMIND_AFTER_MS = 600_000;

const MINUTE_MS = 60_000;

/** Plays; `start` starts a process that holds leases by the given ID. */
export async function play(
  stage: Stage,
  start: (self: string) => Promise<Running>,
): Promise<Performance> {
  const { clock, auth, discord } = stage;
  const messages: unknown[] = [];
  const endScene = () =>
    messages.push(
      CHANNELS.map((channel) =>
        discord.messages(channel).map(({ postedMs: _, ...message }) => message)
      ),
    );
  const approval = (author: string, reason: string) => ({
    author,
    proposedState: "APPROVED" as const,
    reason,
    created: new Date(clock.now()),
    proposedStart: undefined,
  });

  // A request is reviewed, approved, and its access ends.
  let process = await start("first");
  const reviews = [approval("rita", "fine")];
  await stage.put({
    id: "r1",
    roles: ["dev", "ops"],
    reason: "fix `it`",
    suggestedReviewers: ["bob"],
  });
  await clock.advance(MINUTE_MS);
  await stage.put({ id: "r1", reviews });
  await clock.advance(MINUTE_MS);
  await stage.put({
    id: "r1",
    reviews: [...reviews, approval("rob", "")],
    state: "APPROVED",
    resolveReason: "as agreed",
  });
  await clock.advance(8 * 60 * MINUTE_MS);
  auth.remove("r1");
  await clock.advance(MINUTE_MS);
  endScene();

  // One is left lying, and denied in the end.
  const later = () => new Date(clock.now() + 8 * 60 * MINUTE_MS);
  const fresh = () => ({
    created: new Date(clock.now()),
    requestExpires: later(),
    accessExpires: later(),
  });
  await stage.put({ id: "r2", ...fresh() });
  await clock.advance(2 * REMIND_AFTER_MS);
  await stage.put({ id: "r2", state: "DENIED", resolveReason: "no ticket" });
  await clock.advance(MINUTE_MS);
  endScene();

  // The process dies with a post under way; the next one finds the message, and its reminder.
  discord.script.next("POST /channels/800000000000000001/messages", {
    takesMs: MINUTE_MS,
  });
  await stage.put({ id: "r3", ...fresh() });
  await clock.advance(1000);
  await process.kill();
  await clock.advance(REMIND_AFTER_MS);
  process = await start("second");
  await clock.advance(2 * REMIND_AFTER_MS);
  auth.remove("r3");
  await clock.advance(MINUTE_MS);
  endScene();

  // It stops and starts again, while a request is open, and one is approved unseen.
  await stage.put({ id: "r4", ...fresh() });
  await stage.put({ id: "r5", ...fresh() });
  await process.stop();
  const unseen = auth.requests.get("r5");
  if (unseen !== undefined) {
    auth.requests.set("r5", { ...unseen, state: "APPROVED" });
  }
  process = await start("third");
  await clock.advance(12_000);
  await stage.put({ id: "r4", state: "PROMOTED", promotedTo: "Developers" });
  await clock.advance(MINUTE_MS);
  await process.stop();
  endScene();
  return {
    calls: discord.script.calls.filter((call) => !call.startsWith("GET")),
    writes: auth.writes,
    messages,
    stored: Object.fromEntries(
      [...auth.data].map(([id, { entries }]) => [id, entries]),
    ),
  };
}
