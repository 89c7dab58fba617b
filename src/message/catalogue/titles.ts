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
import type { Language } from "./catalogue.ts";

/**
 * The titles in use, by what a message is for and by language, and all that any release has used before. One
 * that is to change moves to `former`: titles are never forgotten, and none stands below two purposes.
 */
export const TITLES = {
  // For roles, for resources, and for long-term access to resources.
  announcement: {
    en: [
      "You have a new Role Request:",
      "You have a new Resource Request:",
      "You have a new Resource Request (long-term access):",
    ],
    ko: [
      "새 역할 요청이 있습니다:",
      "새 리소스 요청이 있습니다:",
      "새 리소스 요청이 있습니다(장기 접근):",
    ],
  },
  "news PENDING": {
    en: "Your access request was reviewed:",
    ko: "보내신 접근 요청이 검토되었습니다:",
  },
  "news APPROVED": {
    en: "Your access request was approved:",
    ko: "보내신 접근 요청이 승인되었습니다:",
  },
  "news DENIED": {
    en: "Your access request was denied:",
    ko: "보내신 접근 요청이 거부되었습니다:",
  },
  "news PROMOTED": {
    en: "Your access request was promoted:",
    ko: "보내신 접근 요청이 접근 목록으로 전환되었습니다:",
  },
  "news EXPIRED": {
    en: "Your access request has expired:",
    ko: "보내신 접근 요청이 만료되었습니다:",
  },
  reminder: {
    en: "Nobody has reviewed this access request yet:",
    ko: "아직 아무도 검토하지 않은 접근 요청이 있습니다:",
  },
  "thread review": {
    en: "This access request was reviewed:",
    ko: "이 접근 요청이 검토되었습니다:",
  },
  "thread reviews": {
    en: "This access request has new reviews:",
    ko: "이 접근 요청에 새 검토가 있습니다:",
    former: [
      "This access request has several new reviews:",
      "이 접근 요청에 새 검토가 여러 건 있습니다:",
    ],
  },
  "thread APPROVED": {
    en: "This access request was approved:",
    ko: "이 접근 요청이 승인되었습니다:",
  },
  "thread DENIED": {
    en: "This access request was denied:",
    ko: "이 접근 요청이 거부되었습니다:",
  },
  "thread PROMOTED": {
    en: "This access request was promoted:",
    ko: "이 접근 요청이 접근 목록으로 전환되었습니다:",
  },
  "thread EXPIRED": {
    en: "This access request has expired:",
    ko: "이 접근 요청이 만료되었습니다:",
  },
  escalation: {
    en: "This access request still waits for a decision:",
    ko: "아직 결정되지 않은 접근 요청이 있습니다:",
  },
  "before end": {
    en: "Your access ends soon:",
    ko: "접근 권한이 곧 종료됩니다:",
  },
} as const satisfies
  & Readonly<Record<`news ${ShownState}`, Titles>>
  & Readonly<Record<string, Titles>>;

type Titles =
  & Readonly<Record<Language, string | readonly string[]>>
  & { readonly former?: readonly string[] };

/** What a message with a title is for. */
export type TitleKind = keyof typeof TITLES;

/** Whether a line is a title of this purpose, in any language and of any release. */
export function isTitle(line: string, purpose: TitleKind): boolean {
  const titles: readonly string[] = Object.values(TITLES[purpose]).flat();
  return titles.includes(line);
}
