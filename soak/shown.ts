/**
 * What the messages of a run said in the course of time, looked at in hindsight.
 *
 * @module
 */

import type { FakeMessage } from "../tests/fakes/discord.ts";

/** A message that said something older after something newer. */
export interface Relapse {
  /** What it had said, and what it then said. */
  readonly text: string;
  /** For how long, in milliseconds; `Infinity` if it was never put right. */
  readonly lastedMs: number;
}

/** How far a request has come; nothing goes back. */
const RANKS: Readonly<Record<string, number>> = {
  PENDING: 0,
  APPROVED: 1,
  PROMOTED: 1,
  // What is approved can still be denied, or end.
  DENIED: 2,
  EXPIRED: 2,
};

interface Shown {
  readonly state: string;
  readonly reviews: number;
}

/** Returns each time that a message went back to what was true earlier. */
export function findRelapses(message: FakeMessage): Relapse[] {
  const said = [...message.earlier, message].map(({ content }) =>
    readShown(content)
  );
  const relapses: Relapse[] = [];
  let newest = said[0];
  for (const [i, shown] of said.entries()) {
    if (newest === undefined || !isOlder(shown, newest)) {
      newest = shown;
      continue;
    }
    const beganMs = message.changedMs[i] ?? NaN;
    const ended = said.findIndex((later, j) =>
      j > i && !isOlder(later, newest ?? later)
    );
    // Further edits to something old belong to the same time.
    if (i > 0 && isOlder(said[i - 1] ?? shown, newest)) continue;
    relapses.push({
      text: `${format(newest)}, then ${format(shown)}`,
      lastedMs: (message.changedMs[ended] ?? Infinity) - beganMs,
    });
  }
  return relapses;
}

function readShown(content: string): Shown {
  const state = /\*Status\*: \S+ (\w+)/.exec(content)?.[1] ?? "?";
  const counts = /\*Reviews\*: \D*(\d+)(?:\D+(\d+))?/.exec(content) ?? [];
  return {
    state,
    reviews: Number(counts[1] ?? 0) + Number(counts[2] ?? 0),
  };
}

function isOlder(shown: Shown, newest: Shown): boolean {
  const [rank = 0, reached = 0] = [RANKS[shown.state], RANKS[newest.state]];
  return rank < reached || rank === reached && shown.reviews < newest.reviews;
}

function format({ state, reviews }: Shown): string {
  return `${state} with ${reviews} reviews`;
}
