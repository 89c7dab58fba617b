/**
 * Exit codes of the program.
 *
 * @module
 */

/** 64 and 78 are those of `sysexits.h`; 0 means that a stop was asked for, and nothing else. */
export const EXIT = { stopped: 0, failure: 1, usage: 64, config: 78 } as const;
