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
    "새 역할 요청이 있습니다:",
    "새 리소스 요청이 있습니다:",
    "새 리소스 요청이 있습니다(장기 접근):",
  ],
  "news PENDING": [
    "Your access request was reviewed:",
    "보내신 접근 요청이 검토되었습니다:",
  ],
  "news APPROVED": [
    "Your access request was approved:",
    "보내신 접근 요청이 승인되었습니다:",
  ],
  "news DENIED": [
    "Your access request was denied:",
    "보내신 접근 요청이 거부되었습니다:",
  ],
  "news PROMOTED": [
    "Your access request was promoted:",
    "보내신 접근 요청이 접근 목록으로 전환되었습니다:",
  ],
  "news EXPIRED": [
    "Your access request has expired:",
    "보내신 접근 요청이 만료되었습니다:",
  ],
  reminder: [
    "Nobody has reviewed this access request yet:",
    "아직 아무도 검토하지 않은 접근 요청이 있습니다:",
  ],
  "thread review": [
    "This access request was reviewed:",
    "이 접근 요청이 검토되었습니다:",
  ],
  "thread reviews": [
    "This access request has several new reviews:",
    "이 접근 요청에 새 검토가 여러 건 있습니다:",
    "This access request has new reviews:",
    "이 접근 요청에 새 검토가 있습니다:",
  ],
  "thread APPROVED": [
    "This access request was approved:",
    "이 접근 요청이 승인되었습니다:",
  ],
  "thread DENIED": [
    "This access request was denied:",
    "이 접근 요청이 거부되었습니다:",
  ],
  "thread PROMOTED": [
    "This access request was promoted:",
    "이 접근 요청이 접근 목록으로 전환되었습니다:",
  ],
  "thread EXPIRED": [
    "This access request has expired:",
    "이 접근 요청이 만료되었습니다:",
  ],
  escalation: [
    "This access request still waits for a decision:",
    "아직 결정되지 않은 접근 요청이 있습니다:",
  ],
  "before end": [
    "Your access ends soon:",
    "접근 권한이 곧 종료됩니다:",
  ],
} as const satisfies
  & Readonly<Record<`news ${ShownState}`, readonly string[]>>
  & Readonly<Record<string, readonly string[]>>;

/** What a message with a title is for. */
export type TitleKind = keyof typeof TITLES;

/** A title of this purpose: a catalogue with any other does not compile. */
export type Title<P extends TitleKind> = (typeof TITLES)[P][number];

/** Whether a line is a title of this purpose, in any language and of any release. */
export function isTitle(line: string, purpose: TitleKind): boolean {
  const titles: readonly string[] = TITLES[purpose];
  return titles.includes(line);
}
