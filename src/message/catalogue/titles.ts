/**
 * The first lines by which this program recognises messages of its own.
 *
 * After a crash a message that may have been posted is searched for by its title and the line of the
 * request's ID below it, and it may have been posted in another language, by an earlier release, or (an
 * announcement) by the official plugin.
 *
 * @module
 */

import type { ShownState } from "../../record/plugin_data.ts";

/**
 * Every title that any release has used in any language, by what it is for. Titles are appended here, and
 * never changed or removed; none stands below two purposes. Those in use are in the catalogues.
 */
export const TITLES = {
  announcement: [
    "You have a new Role Request:",
    "You have a new Resource Request:",
    "You have a new Resource Request (long-term access):",
  ],
  "news PENDING": ["Your access request was reviewed:"],
  "news APPROVED": ["Your access request was approved:"],
  "news DENIED": ["Your access request was denied:"],
  "news PROMOTED": ["Your access request was promoted:"],
  "news EXPIRED": ["Your access request has expired:"],
  reminder: ["Nobody has reviewed this access request yet:"],
} as const satisfies
  & Readonly<Record<`news ${ShownState}`, readonly string[]>>
  & Readonly<Record<string, readonly string[]>>;

/** What a message with a title is for. */
export type Purpose = keyof typeof TITLES;

/** A title of this purpose: a catalogue with any other does not compile. */
export type Title<P extends Purpose> = (typeof TITLES)[P][number];

/** Whether a line is a title of this purpose, in any language and of any release. */
export function isTitle(line: string, purpose: Purpose): boolean {
  const titles: readonly string[] = TITLES[purpose];
  return titles.includes(line);
}
