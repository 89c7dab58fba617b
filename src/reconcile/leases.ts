/**
 * The other processes that requests belong to, and how long each is given to act.
 *
 * Source: docs/design/reconciler.md 2.
 *
 * @module
 */

import type { Clock } from "../lib/async/clock.ts";
import type { PluginData } from "../record/plugin_data.ts";
import type { TrackedRequest } from "./tracked_request.ts";

/** What {@linkcode Owners} need. */
export interface OwnersContext {
  readonly clock: Clock;
  /** ID of this process. */
  readonly self: string;
  /** Called when a process is taken to be gone: its requests are anybody's. */
  readonly onGone: (owner: string) => void;
}

/** How long another process may leave its claim unmoved before it counts as gone. */
const TURN_MS = 10_000;

/** Remembers which processes let their time pass. */
export class Owners {
  readonly #context: OwnersContext;
  /** Those that let it pass once, until one of them is seen to write. */
  readonly #gone = new Set<string>();

  constructor(context: OwnersContext) {
    this.#context = context;
  }

  /** Whether a process let its time pass, with whatever request. */
  isGone(owner: string): boolean {
    return this.#gone.has(owner);
  }

  /** A process was seen to write. */
  seen(owner: string): void {
    this.#gone.delete(owner);
  }

  /** Whether the process that holds the claim of a request has let its time pass. */
  hasLapsed(request: TrackedRequest, data: PluginData): boolean {
    const { self, clock } = this.#context;
    const { owner } = data;
    if (owner === self) return false;
    const { turn } = request;
    if (turn === undefined) return this.isGone(owner);
    if (turn.claim !== claimOf(data)) {
      this.seen(owner);
      request.turn = undefined;
      return false;
    }
    if (clock.monotonic() - turn.sinceMs < TURN_MS) return false;
    if (owner !== "" && !turn.lapsed) this.#declareGone(owner);
    turn.lapsed = true;
    return true;
  }

  /** Returns how long the process that holds the claim may still act; its time begins with the first call. */
  turnLeftMs(request: TrackedRequest, data: PluginData): number {
    const nowMs = this.#context.clock.monotonic();
    const claim = claimOf(data);
    if (request.turn?.claim !== claim) {
      request.turn = { claim, sinceMs: nowMs, lapsed: false };
    }
    return Math.max(0, TURN_MS - (nowMs - request.turn.sinceMs));
  }

  #declareGone(owner: string): void {
    if (this.#gone.has(owner)) return;
    this.#gone.add(owner);
    this.#context.onGone(owner);
  }
}

/** Returns what changes when the process that owns a claim acts on it. */
function claimOf(data: PluginData): string {
  const { owner, deliveries, told, reminded, reminders } = data;
  return JSON.stringify([
    owner,
    [...deliveries],
    told,
    [...reminded],
    [...reminders],
  ]);
}
