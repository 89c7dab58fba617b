/**
 * Memory of this process: how much it may have, and giving back what it no longer needs.
 *
 * @module
 */

import { constrainedMemory } from "node:process";
import { clearInterval, setInterval } from "node:timers";
import type { Clock } from "../async/clock.ts";
import { turn } from "../async/wait.ts";

/** Collects garbage; `undefined` where V8 does not let the program. */
const { gc } = globalThis as { readonly gc?: NodeJS.GCFunction };

/**
 * Returns what the control group allows, such as `MemoryMax` of a unit or the limit of a container, in bytes;
 * `undefined` if it cannot be told.
 */
export function memoryLimit(): number | undefined {
  const kind = "systemMemoryInfo";
  const { state } = Deno.permissions.querySync({ name: "sys", kind });
  if (state !== "granted") return undefined;
  const bytes = constrainedMemory();
  return bytes > 0 ? bytes : undefined;
}

/**
 * Collects all garbage now and gives the memory back to the system, for some 70 ms of CPU time; does nothing where
 * V8 does not let the program.
 *
 * V8 itself waits until its heap has doubled, counts hardly any of the buffers outside it, and keeps the pages that it
 * emptied. What the C library keeps, nothing gives back but Deno when a worker ends
 * (https://github.com/denoland/deno/issues/26058): hence one with nothing to do.
 */
export function collectGarbage(): void {
  if (gc === undefined) return;
  gc({ type: "major", execution: "sync", flavor: "last-resort" });
  try {
    const worker = new Worker("data:text/javascript,close()", {
      type: "module",
    });
    // Else its failure would be the end of this program.
    worker.onerror = (event) => event.preventDefault();
  } catch {
    // No thread is to be had. The memory stays with this process.
  }
}

/** How often buffers are freed while a large answer arrives, in milliseconds: some hundred KiB come meanwhile. */
const FREEING_MS = 4;

/**
 * Waits for an answer that may be large, and frees the buffers that it leaves behind; only waits where V8 does not let
 * the program.
 *
 * Each part of it goes through buffers of TLS and HTTP/2. Those hardly count in the young generation, so V8 would keep
 * all of them until long after the answer.
 */
export async function receiveLarge<T>(answer: Promise<T>): Promise<T> {
  if (gc === undefined) return await answer;
  const beforeBytes = readHeldBytes();
  const freeing = setInterval(() => gc({ type: "minor" }), FREEING_MS);
  try {
    const received = await answer;
    // Then nothing but the answer holds what it was put together from.
    await turn();
    return received;
  } finally {
    clearInterval(freeing);
    if (readHeldBytes() >= beforeBytes + WORTHWHILE_BYTES) {
      gc({ type: "major", execution: "sync" });
    }
  }
}

/** How long nothing may have been done before garbage is collected, in milliseconds. */
const PAUSE_MS = 1000;

/** So much more than after the last collection is worth another. */
const WORTHWHILE_BYTES = 8 * 2 ** 20;

/** What the program holds when it has started. */
const USUAL_BYTES = 16 * 2 ** 20;

/** What a {@linkcode PauseCollector} needs. */
export interface PauseCollectorOptions {
  readonly clock: Clock;
  /** Aborted when the program begins to end. */
  readonly stop: AbortSignal;
  readonly collect?: () => void;
  /** Returns how many bytes are held, garbage and emptied pages included. */
  readonly heldBytes?: () => number;
}

/** Collects what work has left behind, once there is a pause. */
export class PauseCollector {
  readonly #options: Required<PauseCollectorOptions>;
  #lastWorkMs = 0;
  #isWaiting = false;
  /** What was held after the last collection. */
  #keptBytes = USUAL_BYTES;

  constructor(options: PauseCollectorOptions) {
    this.#options = {
      collect: collectGarbage,
      heldBytes: readHeldBytes,
      ...options,
    };
  }

  /** Says that something was done. */
  worked(): void {
    this.#lastWorkMs = this.#options.clock.monotonic();
    if (!this.#isWaiting) this.#collectInPause();
  }

  async #collectInPause(): Promise<void> {
    const { clock, stop, collect, heldBytes } = this.#options;
    this.#isWaiting = true;
    const leftMs = () => this.#lastWorkMs + PAUSE_MS - clock.monotonic();
    try {
      while (leftMs() > 0) await clock.sleep(leftMs(), stop);
    } catch {
      // The program is about to end.
      return;
    }
    this.#isWaiting = false;
    if (heldBytes() < this.#keptBytes + WORTHWHILE_BYTES) return;
    collect();
    this.#keptBytes = heldBytes();
  }
}

/** Counts what V8 has emptied as well: it may have collected just before, and keeps the pages. */
function readHeldBytes(): number {
  const { heapTotal, external } = Deno.memoryUsage();
  return heapTotal + external;
}
