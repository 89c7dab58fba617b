/**
 * Runs inside the plugin, before it: answers each line on standard input with what the process holds.
 *
 * A line that says `collect` collects garbage first, which takes `--v8-flags=--expose-gc`. Listeners are
 * counted then only: without a collection a signal that nobody holds any more would count. Of listeners and
 * timers only those count that have been there for a while: when Discord answers nothing but 429, dozens of
 * calls wait at once.
 *
 * @module
 */

import { getHeapSpaceStatistics } from "node:v8";
import type { Sample } from "./sample.ts";

/** Longer than this no wait lasts that ends with what is being done; in a short run half of it counts. */
const LASTING_MS = 120_000;

const collectGarbage = (globalThis as { gc?: () => void }).gc;

const timers = countTimers();
const listeners = countAbortListeners();
answer();

async function answer(): Promise<void> {
  const input = Deno.stdin.readable.pipeThrough(new TextDecoderStream());
  for await (const text of input) {
    for (const command of text.trim().split("\n")) {
      const sample = await take(command === "collect");
      await Deno.stdout.write(
        new TextEncoder().encode(`${JSON.stringify(sample)}\n`),
      );
    }
  }
}

async function take(collect: boolean): Promise<Sample> {
  // Before the collection: what a machine has to provide.
  const { rss: residentBytes } = Deno.memoryUsage();
  let collected: Sample["collected"];
  if (collect) {
    // What the first one finalizes, the second one frees.
    for (let i = 0; i < 2; i++) {
      collectGarbage?.();
      await new Promise((resolve) => queueMicrotask(() => resolve(undefined)));
    }
    const { heapUsed: heapBytes, external: externalBytes } = Deno.memoryUsage();
    collected = {
      heapBytes,
      codeBytes: countCode(),
      externalBytes,
      listeners: listeners(),
    };
  }
  return { residentBytes, timers: timers(), ...countFiles(), collected };
}

/** Returns the bytes in those spaces of the heap that hold machine code, and bytecode with what belongs to it. */
function countCode(): number {
  return getHeapSpaceStatistics()
    .filter(({ space_name }) => /code|trusted/.test(space_name))
    .reduce((sum, { space_used_size }) => sum + space_used_size, 0);
}

function countFiles(): { files: number; sockets: number } {
  let files = 0;
  let sockets = 0;
  for (const { name } of Deno.readDirSync("/proc/self/fd")) {
    try {
      const target = Deno.readLinkSync(`/proc/self/fd/${name}`);
      files++;
      if (target.startsWith("socket:")) sockets++;
    } catch {
      // It was the folder itself.
    }
  }
  return { files, sockets };
}

/** Counts the lasting timers: they have neither fired nor been cleared. */
function countTimers(): () => number {
  /** When each was set. */
  const open = new Map<unknown, number>();
  const { setTimeout, setInterval, clearTimeout, clearInterval } = globalThis;
  type Callback = (...args: unknown[]) => void;
  globalThis.setTimeout =
    ((callback: Callback, ms?: number, ...rest: unknown[]) => {
      const timer = setTimeout(
        (...args: unknown[]) => {
          open.delete(timer);
          callback(...args);
        },
        ms,
        ...rest,
      );
      open.set(timer, performance.now());
      return timer;
    }) as typeof setTimeout;
  globalThis.setInterval =
    ((callback: Callback, ms?: number, ...rest: unknown[]) => {
      const timer = setInterval(callback, ms, ...rest);
      open.set(timer, performance.now());
      return timer;
    }) as typeof setInterval;
  globalThis.clearTimeout = ((timer?: number) => {
    open.delete(timer);
    clearTimeout(timer);
  }) as typeof clearTimeout;
  globalThis.clearInterval = ((timer?: number) => {
    open.delete(timer);
    clearInterval(timer);
  }) as typeof clearInterval;
  return () => lasting(open);
}

/** Counts the lasting listeners on abort signals that are alive and may still abort. */
function countAbortListeners(): () => number {
  interface Listened {
    readonly ref: WeakRef<AbortSignal>;
    /** When each was added. */
    readonly listeners: Map<unknown, number>;
  }
  const bySignal = new WeakMap<AbortSignal, Listened>();
  const listened = new Set<Listened>();
  const { addEventListener, removeEventListener } = EventTarget.prototype;
  EventTarget.prototype.addEventListener = function (
    this: EventTarget,
    ...args: Parameters<typeof addEventListener>
  ) {
    const [type, listener] = args;
    if (this instanceof AbortSignal && type === "abort") {
      const entry = bySignal.get(this) ??
        { ref: new WeakRef(this), listeners: new Map() };
      bySignal.set(this, entry);
      if (!entry.listeners.has(listener)) {
        entry.listeners.set(listener, performance.now());
      }
      listened.add(entry);
    }
    addEventListener.apply(this, args);
  };
  EventTarget.prototype.removeEventListener = function (
    this: EventTarget,
    ...args: Parameters<typeof removeEventListener>
  ) {
    const [type, listener] = args;
    if (this instanceof AbortSignal && type === "abort") {
      const entry = bySignal.get(this);
      entry?.listeners.delete(listener);
      if (entry?.listeners.size === 0) listened.delete(entry);
    }
    removeEventListener.apply(this, args);
  };
  return () => {
    let count = 0;
    for (const entry of listened) {
      const signal = entry.ref.deref();
      if (signal === undefined || signal.aborted) listened.delete(entry);
      else count += lasting(entry.listeners);
    }
    return count;
  };
}

/** Counts what was added long ago, of things with the time at which they were. */
function lasting(added: ReadonlyMap<unknown, number>): number {
  const nowMs = performance.now();
  const sinceMs = nowMs - Math.min(LASTING_MS, nowMs / 2);
  return [...added.values()].filter((addedMs) => addedMs <= sinceMs).length;
}
