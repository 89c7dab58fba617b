/**
 * Points in time and durations as a message shows them.
 *
 * Source: docs/design/discord-text.md 3.
 *
 * @module
 */

import type { Catalogue } from "../catalogue/catalogue.ts";

const MINUTE_MS = 60_000;

/** Returns a timestamp that Discord counts down by itself; `undefined` for a time before 1970. */
export function relativeTimestamp(time: Date | undefined): string | undefined {
  if (time === undefined || !(time.getTime() > 0)) return undefined;
  return `<t:${Math.floor(time.getTime() / 1000)}:R>`;
}

/** Returns a timestamp that Discord shows as date and time; `undefined` for a time before 1970. */
export function fullTimestamp(time: Date | undefined): string | undefined {
  return relativeTimestamp(time)?.replace(/R>$/, "F>");
}

/** Returns the duration to the minute, such as `8h` or `1d12h`; `undefined` if there is none. */
export function formatDuration(
  start: Date | undefined,
  end: Date | undefined,
  texts: Catalogue,
): string | undefined {
  if (start === undefined || end === undefined || !(start.getTime() > 0)) {
    return undefined;
  }
  const minutes = Math.round((end.getTime() - start.getTime()) / MINUTE_MS);
  if (!(minutes > 0)) return undefined;
  const hours = Math.floor(minutes / 60);
  const days = Math.floor(hours / 24);
  return texts.lines.duration(days, hours % 24, minutes % 60);
}
