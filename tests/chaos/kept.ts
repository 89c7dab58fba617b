/**
 * Schedules that found something once: a bug, or a deliberate breakage.
 *
 * @module
 */

import schedules from "./schedules.json" with { type: "json" };
import type { Schedule } from "./schedule.ts";

/** A schedule with a name for what it found. */
export interface KeptSchedule {
  readonly name: string;
  readonly schedule: Schedule;
}

/** Smallest schedules, each with the name of what it found first. */
export const KEPT_SCHEDULES = schedules as unknown as readonly KeptSchedule[];
