/**
 * Points in time and durations as a message shows them.
 *
 * Sources: docs/design/discord-text.md 3 (timestamps);
 * docs/design/official-message.md 2 (review titles).
 *
 * @module
 */

const WEEKDAYS = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"];
const MONTHS = [
  "Jan",
  "Feb",
  "Mar",
  "Apr",
  "May",
  "Jun",
  "Jul",
  "Aug",
  "Sep",
  "Oct",
  "Nov",
  "Dec",
];

const MINUTE_MS = 60_000;
const UNITS = [["d", 24 * 60], ["h", 60], ["m", 1]] as const;

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
): string | undefined {
  if (start === undefined || end === undefined || !(start.getTime() > 0)) {
    return undefined;
  }
  let minutes = Math.round((end.getTime() - start.getTime()) / MINUTE_MS);
  if (!(minutes > 0)) return undefined;
  let text = "";
  for (const [unit, size] of UNITS) {
    const count = Math.floor(minutes / size);
    if (count > 0) text += `${count}${unit}`;
    minutes %= size;
  }
  return text;
}

/** Returns Go's "UnixDate" form in UTC: `Mon Jan  2 15:04:05 UTC 2006`. */
export function formatUnixDate(time: Date): string {
  const weekday = WEEKDAYS[time.getUTCDay()];
  const month = MONTHS[time.getUTCMonth()];
  const day = String(time.getUTCDate()).padStart(2, " ");
  const clock = [
    time.getUTCHours(),
    time.getUTCMinutes(),
    time.getUTCSeconds(),
  ].map((part) => String(part).padStart(2, "0")).join(":");
  const year = String(time.getUTCFullYear()).padStart(4, "0");
  return `${weekday} ${month} ${day} ${clock} UTC ${year}`;
}
