import assert from "node:assert/strict";
import { EN } from "../../src/message/catalogue/en.ts";
import {
  isTitle,
  type TitleKind,
  titlesOf,
} from "../../src/message/catalogue/titles.ts";

const permissions = "none";

/** Titles that releases have used: with them messages of that time are found. Append, never change. */
const RELEASED: readonly [TitleKind, string][] = [
  ["announcement", "You have a new Role Request:"],
  ["announcement", "You have a new Resource Request:"],
  ["announcement", "You have a new Resource Request (long-term access):"],
  ["news PENDING", "Your access request was reviewed:"],
  ["news APPROVED", "Your access request was approved:"],
  ["news DENIED", "Your access request was denied:"],
  ["news PROMOTED", "Your access request was promoted:"],
  ["news EXPIRED", "Your access request has expired:"],
  ["reminder", "Nobody has reviewed this access request yet:"],
  ["announcement", "새 역할 요청이 있습니다:"],
  ["announcement", "새 리소스 요청이 있습니다:"],
  ["announcement", "새 리소스 요청이 있습니다(장기 접근):"],
  ["news PENDING", "보내신 접근 요청이 검토되었습니다:"],
  ["news APPROVED", "보내신 접근 요청이 승인되었습니다:"],
  ["news DENIED", "보내신 접근 요청이 거부되었습니다:"],
  ["news PROMOTED", "보내신 접근 요청이 접근 목록으로 전환되었습니다:"],
  ["news EXPIRED", "보내신 접근 요청이 만료되었습니다:"],
  ["reminder", "아직 아무도 검토하지 않은 접근 요청이 있습니다:"],
  ["escalation", "This access request still waits for a decision:"],
  ["escalation", "아직 결정되지 않은 접근 요청이 있습니다:"],
  ["before end", "Your access ends soon:"],
  ["before end", "접근 권한이 곧 종료됩니다:"],
  ["thread review", "This access request was reviewed:"],
  ["thread review", "이 접근 요청이 검토되었습니다:"],
  ["thread reviews", "This access request has several new reviews:"],
  ["thread reviews", "이 접근 요청에 새 검토가 여러 건 있습니다:"],
  ["thread reviews", "This access request has new reviews:"],
  ["thread reviews", "이 접근 요청에 새 검토가 있습니다:"],
  ["thread APPROVED", "This access request was approved:"],
  ["thread APPROVED", "이 접근 요청이 승인되었습니다:"],
  ["thread DENIED", "This access request was denied:"],
  ["thread DENIED", "이 접근 요청이 거부되었습니다:"],
  ["thread PROMOTED", "This access request was promoted:"],
  ["thread PROMOTED", "이 접근 요청이 접근 목록으로 전환되었습니다:"],
  ["thread EXPIRED", "This access request has expired:"],
  ["thread EXPIRED", "이 접근 요청이 만료되었습니다:"],
];

Deno.test("no title that was ever used is forgotten", { permissions }, () => {
  for (const [purpose, title] of RELEASED) {
    assert.ok(isTitle(title, purpose), title);
  }
});

Deno.test("no title stands for two purposes, or twice", { permissions }, () => {
  const all = (Object.keys(EN.titles) as TitleKind[]).flatMap(titlesOf);
  assert.deepEqual([...new Set(all)], all);
  // Discord trims a message, and a title is one line.
  for (const title of all) assert.match(title, /^\S[^\n]{1,254}\S$/);
});
