/**
 * Times in text, as Go reads them by its layout for RFC 3339.
 *
 * @module
 */

const TIME =
  /^(?<year>\d{4})-(?<month>\d\d)-(?<day>\d\d)T(?<hour>\d{1,2}):(?<minute>\d\d):(?<second>\d\d)(?:[.,](?<fraction>\d+))?(?:Z|(?<sign>[+-])(?<hours>\d\d):(?<minutes>\d\d))$/;

/**
 * Parses a time such as `2026-03-09T14:30:00+09:00`, to the millisecond.
 *
 * @returns `undefined` if it is none or there is no such day.
 */
export function parseRfc3339(text: string): Date | undefined {
  const groups = TIME.exec(text)?.groups;
  if (groups === undefined) return undefined;
  const read = (name: string) => Number(groups[name] ?? 0);
  const [hour, minute, second] = [read("hour"), read("minute"), read("second")];
  const [hours, minutes] = [read("hours"), read("minutes")];
  if (hour > 23 || minute > 59 || second > 59) return undefined;
  if (hours > 24 || minutes > 60) return undefined;

  const time = new Date(0);
  // Date.UTC() takes the years before 100 for others.
  time.setUTCFullYear(read("year"), read("month") - 1, read("day"));
  if (time.getUTCMonth() !== read("month") - 1) return undefined;
  if (time.getUTCDate() !== read("day")) return undefined;
  const fraction = Number((groups.fraction ?? "").padEnd(3, "0").slice(0, 3));
  const offset = (groups.sign === "-" ? -1 : 1) * (hours * 60 + minutes);
  time.setUTCHours(hour, minute - offset, second, fraction);
  return time;
}
