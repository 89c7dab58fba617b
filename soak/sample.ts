/**
 * What a process holds at one moment.
 *
 * @module
 */

/** One look at the plugin, from inside. */
export interface Sample {
  readonly residentBytes: number;
  /** Timers that were set two minutes ago, and neither fired nor were cleared. */
  readonly timers: number;
  /** Open file descriptors. */
  readonly files: number;
  /** Those of them that are sockets. */
  readonly sockets: number;
  /** After a forced collection, which comes after everything above but the counts was read. */
  readonly collected?: {
    readonly heapBytes: number;
    /** What of the heap is compiled code, bytecode included. It grows for hours, as V8 compiles ever rarer paths. */
    readonly codeBytes: number;
    readonly externalBytes: number;
    /** Listeners on abort signals that are alive and have been there for two minutes. */
    readonly listeners: number;
  } | undefined;
}

/** A sample, with the minutes since the plugin was ready. */
export interface TimedSample extends Sample {
  readonly minute: number;
  /** How many requests have been made. */
  readonly requests: number;
}
