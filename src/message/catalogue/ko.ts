/**
 * The texts in Korean, in the formal polite style (합니다체), with the words of docs/guide.ko.md.
 *
 * No particle directly follows a value: which one is right depends on how the value is read.
 *
 * @module
 */

import type { RequestState } from "../../ports/access_request.ts";
import type { Catalogue } from "./catalogue.ts";

const REVIEWED: Readonly<Record<RequestState, string>> = {
  APPROVED: "요청을 승인했습니다",
  DENIED: "요청을 거부했습니다",
  PROMOTED: "요청을 접근 목록으로 전환했습니다",
  PENDING: "요청을 검토했습니다",
  UNKNOWN: "요청을 검토했습니다",
};

export const KO: Catalogue = {
  titles: {
    announcement: {
      roles: "새 역할 요청이 있습니다:",
      resources: "새 리소스 요청이 있습니다:",
      longTerm: "새 리소스 요청이 있습니다(장기 접근):",
    },
    "news PENDING": "보내신 접근 요청이 검토되었습니다:",
    "news APPROVED": "보내신 접근 요청이 승인되었습니다:",
    "news DENIED": "보내신 접근 요청이 거부되었습니다:",
    "news PROMOTED": "보내신 접근 요청이 접근 목록으로 전환되었습니다:",
    "news EXPIRED": "보내신 접근 요청이 만료되었습니다:",
    reminder: "아직 아무도 검토하지 않은 접근 요청이 있습니다:",
    "thread review": "이 접근 요청이 검토되었습니다:",
    "thread reviews": "이 접근 요청에 새 검토가 있습니다:",
    "thread APPROVED": "이 접근 요청이 승인되었습니다:",
    "thread DENIED": "이 접근 요청이 거부되었습니다:",
    "thread PROMOTED": "이 접근 요청이 접근 목록으로 전환되었습니다:",
    "thread EXPIRED": "이 접근 요청이 만료되었습니다:",
    escalation: "아직 결정되지 않은 접근 요청이 있습니다:",
    "before end": "접근 권한이 곧 종료됩니다:",
  },
  labels: {
    cluster: "클러스터",
    user: "사용자",
    role: "역할",
    roles: "역할",
    logins: "로그인 계정",
    resources: "리소스",
    reason: "사유",
    access: "접근 기간",
    link: "링크",
    show: "보기",
    approve: "승인",
    deny: "거부",
    attention: "확인 요청",
    requested: "요청 시각",
    escalated: "추가 알림",
    askAgain: "다시 요청",
    review: "검토 번호",
    reviews: "검토",
    status: "상태",
    resolutionReason: "처리 사유",
  },
  lines: {
    states: {
      PENDING: "대기 중",
      APPROVED: "승인됨",
      DENIED: "거부됨",
      PROMOTED: "접근 목록으로 전환됨",
      EXPIRED: "만료됨",
    },
    toAccessList: (title) => `: ${title}`,
    accessStarts: (time) => `시작: ${time}`,
    accessEnds: (time) => `종료: ${time}`,
    accessEndedAt: (time) => `종료됨: ${time}`,
    accessEnded: ", 접근 종료됨",
    requestExpires: (time) => `요청 만료: ${time}`,
    hiddenParts:
      "⚠️ 이 버전의 플러그인에서 표시할 수 없는 내용이 요청에 있습니다. 승인하기 전에 Teleport에서 확인해 주십시오.",
    threadName: "접근 요청",
    moreMentions: (count) => ` …외 ${count}개 대상`,
    duration: (days, hours, minutes) =>
      ([[days, "일"], [hours, "시간"], [minutes, "분"]] as const)
        .flatMap(([count, unit]) => count > 0 ? [`${count}${unit}`] : [])
        .join(" "),
  },
  fields: {
    empty: "(비어 있음)",
    hidden: "(숨김)",
    truncated: " (이하 생략)",
    more: (count) => ` …외 ${count}개`,
    constraints: {
      aws_console: "AWS 역할",
      ssh: "SSH 로그인 계정",
      windows_desktop: "Windows 로그인 계정",
      unknown: "이 버전에서 표시할 수 없는 제한 있음",
    },
  },
  reviews: {
    title: (proposed) => REVIEWED[proposed],
    time: (time) => `검토 시각: ${time}`,
    start: (time) => `접근 시작: ${time}`,
    earlier: (count) => `이전 검토 ${count}건`,
  },
  buttons: { approve: "승인", deny: "거부", openTeleport: "Teleport에서 검토" },
  form: {
    title: { approve: "요청 승인", deny: "요청 거부" },
    placeholder: {
      shown: "메시지에 표시되고 Teleport 감사 로그에 남습니다",
      hidden: "이 메시지에는 표시되지 않지만 Teleport 감사 로그에는 남습니다",
    },
  },
  answers: {
    accepted: (verdict, user) =>
      `${
        verdict === "approve" ? "승인이" : "거부가"
      } 기록되었습니다. Teleport 사용자: ${user}`,
    "already reviewed": (user) =>
      `이 요청은 이미 검토하셨습니다. Teleport 사용자: ${user}`,
    "may not review": (user) =>
      `이 요청을 검토할 권한이 없습니다. Teleport 사용자: ${user}`,
    revealed:
      "메시지에 표시되지 않은 내용이 있어 아직 아무것도 기록되지 않았습니다. 아래 내용을 확인한 뒤 결정해 주십시오:",
    resolved: {
      APPROVED: "이미 승인된 요청입니다.",
      DENIED: "이미 거부된 요청입니다.",
      PROMOTED: "이미 접근 목록으로 전환된 요청입니다.",
      UNKNOWN: "더 이상 대기 중인 요청이 아닙니다.",
    },
    foreign:
      "이 메시지에 속하지 않는 버튼입니다. 요청은 Teleport에서 검토해 주십시오.",
    "not recorded":
      "메시지를 아직 기록하고 있습니다. 몇 초 뒤에 다시 눌러 주십시오.",
    gone: "이 요청은 더 이상 존재하지 않습니다.",
    expired: "이 요청은 만료되었습니다.",
    "long-term": "장기 접근은 Teleport 웹 화면에서만 검토할 수 있습니다.",
    "hidden parts":
      "이 버전의 플러그인에서 표시할 수 없는 내용이 요청에 있습니다. Teleport에서 확인하고 승인해 주십시오.",
    unmapped:
      "Discord 계정이 Teleport 사용자와 연결되어 있지 않습니다. Teleport 관리자에게 연결을 요청해 주십시오.",
    ambiguous:
      "Discord 계정이 둘 이상의 Teleport 사용자와 연결되어 있습니다. Teleport 관리자가 바로잡아야 합니다.",
    own: "본인이 보내신 요청입니다. 다른 사람이 검토해야 합니다.",
    "no reason": "사유가 필요합니다. 다시 눌러 사유를 적어 주십시오.",
    "not for others":
      "이 봇은 Teleport에 검토를 제출할 수 없습니다. 원인은 관리자가 로그에서 확인할 수 있습니다. " +
      "요청은 Teleport에서 검토해 주십시오.",
    "second factor":
      "Teleport가 추가 인증을 요구하지만 이 봇에는 인증 수단이 없습니다. 자세한 내용은 관리자가 로그에서 확인할 수 " +
      "있습니다. 요청은 Teleport에서 검토해 주십시오.",
    refused:
      "Teleport가 검토를 받아들이지 않았습니다. 요청은 Teleport에서 검토해 주십시오.",
    unreachable:
      "지금은 Teleport에 연결할 수 없어 아무것도 기록되지 않았습니다. 잠시 뒤에 다시 눌러 주십시오.",
    "not checked":
      "지금은 권한을 확인할 수 없어 아무것도 기록되지 않았습니다. 잠시 뒤에 다시 눌러 주십시오.",
    "in doubt":
      "Teleport가 응답하지 않아 검토가 기록되었는지 알 수 없습니다. 다시 눌러 주십시오. 두 번 기록되는 일은 없습니다.",
    "too many clicks":
      "버튼을 너무 많이 누르셨습니다. 1분 뒤에 다시 눌러 주십시오.",
    "clicked twice": "방금 누르신 버튼입니다. 결과를 기다려 주십시오.",
    "not ready":
      "대기 중인 요청을 아직 불러오고 있습니다. 잠시 뒤에 다시 눌러 주십시오.",
  },
  testMessage:
    "🧪 `teleport-discord check` 명령이 보낸 테스트 메시지입니다. 곧바로 삭제됩니다.",
};
