/**
 * One instance of the plugin as seen from outside: its clock, its calls, and its death.
 *
 * @module
 */

import type { Clock } from "../../src/lib/async/clock.ts";
import type { Faults } from "./faults.ts";
import type { Noise } from "./noise.ts";
import type { VirtualTime } from "./virtual_time.ts";

/** When the virtual time begins. */
export const EPOCH_MS = Date.UTC(2026, 0, 5, 9);

/** A wall clock that somebody set wrong is wrong by this much; it outlasts no request that lives long. */
const JUMP_MS = 2 * 3_600_000;

/** A call over the network. */
export interface Call<T> {
  /** What is called, for the trace. */
  readonly name: string;
  /** The call takes effect after this time, and is answered some time later. */
  readonly leaveMs: number;
  readonly answerMs: number;
  /** What the service does; what it throws is its answer. */
  readonly effect: () => T;
  /** The call fails before it reaches the service. */
  readonly failsBefore?: Error | undefined;
  /** The call takes effect, but this is what the caller gets. */
  readonly failsAfter?: Error | undefined;
  readonly signal: AbortSignal;
  /** Whether the call may still arrive when its process dies now. */
  readonly mayArrive?: () => boolean;
}

interface CallUnderWay {
  readonly arrive: () => void;
  readonly mayArrive: () => boolean;
  readonly name: string;
  readonly cancel: () => void;
}

/** What a process tells about itself. */
export interface Observer {
  trace(text: string): void;
  count(what: string): void;
  countCall(process: Process, name: string): void;
}

/** A process that can be abandoned at any await: from then on nothing reaches it, and it reaches nothing. */
export class Process {
  readonly id: string;
  readonly slot: number;
  /** By how much its wall clock is wrong. */
  readonly skewMs: number;
  readonly noise: Noise;
  readonly time: VirtualTime;
  readonly #observer: Observer;
  readonly #faults: Faults;
  readonly #underWay = new Set<CallUnderWay>();
  readonly #onDeath: (() => void)[] = [];
  #alive = true;
  #callsLeft = Infinity;
  #hold: { callsLeft: number; readonly forMs: number } | undefined;
  #heldUntilMs = -Infinity;

  constructor(
    fields: { id: string; slot: number; skewMs: number },
    world: {
      noise: Noise;
      time: VirtualTime;
      observer: Observer;
      faults: Faults;
    },
  ) {
    this.id = fields.id;
    this.slot = fields.slot;
    this.skewMs = fields.skewMs;
    this.noise = world.noise;
    this.time = world.time;
    this.#observer = world.observer;
    this.#faults = world.faults;
  }

  get alive(): boolean {
    return this.#alive;
  }

  trace(text: string): void {
    this.#observer.trace(`${this.id}: ${text}`);
  }

  /** The clock that the process sees. */
  get clock(): Clock {
    return {
      now: () => {
        const jumped = this.#faults.rate("clock jumps", this.slot) > 0;
        const skewMs = this.skewMs + (jumped ? JUMP_MS : 0);
        return Math.floor(EPOCH_MS + this.time.nowMs + skewMs);
      },
      monotonic: () => this.time.nowMs,
      sleep: (ms, signal) => this.wait(ms, signal),
      random: () => this.noise.next(`random ${this.id}`),
    };
  }

  /** Runs something of the process after some time, but not while it is held still; returns what calls it off. */
  after(ms: number, run: () => void): () => void {
    let cancel = this.time.after(ms, () => {
      const leftMs = this.#heldUntilMs - this.time.nowMs;
      if (leftMs > 0) cancel = this.after(leftMs, run);
      else run();
    });
    return () => cancel();
  }

  /** Whether the process has been held still since a time. */
  wasHeldSince(ms: number): boolean {
    return this.#heldUntilMs >= ms;
  }

  /** Waits; after the death of the process for ever. */
  wait(ms: number, signal: AbortSignal): Promise<void> {
    if (signal.aborted) return Promise.reject(signal.reason);
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const abort = () => {
      cancel();
      if (this.#alive) reject(signal.reason);
    };
    const cancel = this.after(ms, () => {
      signal.removeEventListener("abort", abort);
      if (this.#alive) resolve();
    });
    signal.addEventListener("abort", abort, { once: true });
    return promise;
  }

  /** Calls a service. */
  call<T>(call: Call<T>): Promise<T> {
    const { promise, resolve, reject } = Promise.withResolvers<T>();
    if (!this.#alive) return promise;
    if (call.signal.aborted) return Promise.reject(call.signal.reason);
    this.#observer.countCall(this, call.name);
    let cancel = () => {};
    const end = () => {
      cancel();
      this.#underWay.delete(underWay);
      call.signal.removeEventListener("abort", abort);
    };
    const answer = (settle: () => void) => {
      cancel = this.after(call.answerMs, () => {
        end();
        if (this.#alive) settle();
      });
    };
    const arrive = () => {
      if (call.failsBefore !== undefined) {
        return answer(() => reject(call.failsBefore));
      }
      let result: T;
      try {
        result = call.effect();
      } catch (error) {
        this.trace(`${call.name} -> ${describe(error)}`);
        return answer(() => reject(call.failsAfter ?? error));
      }
      this.trace(call.failsAfter ? `${call.name} (answer lost)` : call.name);
      answer(() =>
        call.failsAfter === undefined
          ? resolve(result)
          : reject(call.failsAfter)
      );
    };
    let arrived = false;
    const arriveOnce = () => {
      if (arrived) return;
      arrived = true;
      arrive();
    };
    const abort = () => {
      if (!arrived && this.noise.chance("abort arrives", 0.3)) arriveOnce();
      end();
      if (this.#alive) reject(call.signal.reason);
    };
    const underWay: CallUnderWay = {
      arrive: arriveOnce,
      mayArrive: () => !arrived && (call.mayArrive?.() ?? true),
      name: call.name,
      cancel: () => end(),
    };
    this.#underWay.add(underWay);
    call.signal.addEventListener("abort", abort, { once: true });
    cancel = this.time.after(call.leaveMs, arriveOnce);
    if (--this.#callsLeft <= 0) this.kill();
    else if (this.#hold !== undefined && --this.#hold.callsLeft <= 0) {
      this.#holdStill(this.#hold.forMs);
    }
    return promise;
  }

  /** Lets the process die as soon as it has made some more calls. */
  killAfter(calls: number): void {
    if (calls <= 0) this.kill();
    else this.#callsLeft = calls;
  }

  /** Holds the process still for a while as soon as it has made some more calls; those still arrive. */
  holdAfter(calls: number, forMs: number): void {
    if (calls <= 0) this.#holdStill(forMs);
    else this.#hold = { callsLeft: calls, forMs };
  }

  /** The process shall live on undisturbed after all. */
  disarm(): void {
    this.#callsLeft = Infinity;
    this.#hold = undefined;
  }

  #holdStill(forMs: number): void {
    this.#observer.count("holds");
    this.trace(`held still for ${forMs} ms`);
    this.#hold = undefined;
    // A shorter hold within a longer one ends nothing: what waits already goes on only when that one ends.
    const untilMs = this.time.nowMs + forMs;
    this.#heldUntilMs = Math.max(this.#heldUntilMs, untilMs);
  }

  /** Abandons the process; each call under way arrives at once or never. */
  kill(): void {
    if (!this.#alive) return;
    this.#observer.count("kills");
    this.trace("killed");
    this.#alive = false;
    for (const call of [...this.#underWay]) {
      if (call.mayArrive() && this.noise.chance("arrives at death", 0.5)) {
        call.arrive();
      }
      call.cancel();
    }
    for (const run of this.#onDeath) run();
  }

  /** The process has ended by itself. */
  end(): void {
    this.#alive = false;
    for (const run of this.#onDeath) run();
  }

  onDeath(run: () => void): void {
    this.#onDeath.push(run);
  }
}

function describe(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
