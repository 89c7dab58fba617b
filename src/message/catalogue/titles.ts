/**
 * The first lines by which this program recognises messages of its own: they may have been posted in another
 * language, by an earlier release, or (an announcement) by the official plugin.
 *
 * @module
 */

import type { Catalogue } from "./catalogue.ts";
import { CATALOGUES } from "./languages.ts";

/** What a message with a title is for. */
export type TitleKind = keyof Catalogue["titles"];

/** Titles that only earlier releases have used; none is ever forgotten. */
const FORMER: Readonly<Partial<Record<TitleKind, readonly string[]>>> = {
  "thread reviews": [
    "This access request has several new reviews:",
    "이 접근 요청에 새 검토가 여러 건 있습니다:",
  ],
};

/** Returns the titles of a purpose in all languages, and those that any release has used before. */
export function titlesOf(purpose: TitleKind): readonly string[] {
  const inUse = Object.values(CATALOGUES).flatMap(({ titles }) => {
    const title = titles[purpose];
    return typeof title === "string" ? [title] : Object.values(title);
  });
  return [...inUse, ...FORMER[purpose] ?? []];
}

/** Whether a line is a title of this purpose, in any language and of any release. */
export function isTitle(line: string, purpose: TitleKind): boolean {
  return titlesOf(purpose).includes(line);
}
