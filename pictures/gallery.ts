/**
 * The pictures of the documentation, each drawn from what the program really says.
 *
 * @module
 */

import type { Announcement } from "../src/message/announcement.ts";
import { renderMessage } from "../src/message/announcement_message.ts";
import { EN } from "../src/message/catalogue/en.ts";
import { KO } from "../src/message/catalogue/ko.ts";
import {
  renderBeforeEnd,
  renderEscalation,
  renderNews,
  renderReminder,
} from "../src/message/notice_message.ts";
import {
  renderThreadMessage,
  threadName,
} from "../src/message/thread_message.ts";
import { renderRevealed } from "../src/review/revealed_answer.ts";
import { ROOT } from "../packaging/source.ts";
import { type Arrow, drawDiagram, type Node } from "./diagram.ts";
import { drawDashboard, type Recording } from "./dashboard.ts";
import recording from "./dashboard.json" with { type: "json" };
import growth from "./growth.json" with { type: "json" };
import { drawGrowth } from "./growth.ts";
import roundTrips from "./round_trips.json" with { type: "json" };
import { drawRoundTrips, type RoundTrips } from "./round_trips.ts";
import { drawMessage } from "./discord_message.ts";
import { drawTerminal } from "./terminal.ts";

/** The moment in which all pictures are taken. */
const NOW = new Date("2026-03-02T09:14:00Z");
const PEOPLE = new Map([["120000000000000001", "rita"]]);

function minutes(count: number): Date {
  return new Date(NOW.getTime() + count * 60_000);
}

const PENDING: Announcement = {
  texts: EN,
  hidden: [],
  requestId: "01958a5e-3c1f-7bb0-a1f4-6f0d4a5be2c7",
  cluster: "example.com",
  user: "alice",
  roles: ["db-admin"],
  loginsByRole: new Map([["db-admin", ["dba", "postgres"]]]),
  resources: [],
  constraints: new Map(),
  hasHiddenParts: false,
  kind: "UNDEFINED",
  reason: "OPS-4711: slow queries in billing",
  state: "PENDING",
  resolveReason: "",
  reviews: [],
  reviewCounts: { approvals: 0, denials: 0, promotions: 0 },
  reviewsCount: 0,
  created: minutes(-31),
  requestExpires: minutes(29),
  accessStarts: undefined,
  accessExpires: minutes(8 * 60 - 31),
  accessEnded: false,
  promotedTo: undefined,
  webLink:
    "https://teleport.example.com/web/requests/01958a5e-3c1f-7bb0-a1f4-6f0d4a5be2c7",
  takesReviews: true,
  canReview: true,
  userId: undefined,
  mentions: ["user:120000000000000001"],
  reviewerIds: new Map(),
};

const HIDING: Announcement = { ...PENDING, hidden: ["reason", "logins"] };

const APPROVED: Announcement = {
  ...PENDING,
  state: "APPROVED",
  resolveReason: "",
  reviews: [
    {
      author: "rita",
      proposedState: "APPROVED",
      reason: "matches the ticket",
      created: minutes(-20),
      proposedStart: undefined,
    },
    {
      author: "rob",
      proposedState: "APPROVED",
      reason: "",
      created: minutes(-12),
      proposedStart: undefined,
    },
  ],
  reviewCounts: { approvals: 2, denials: 0, promotions: 0 },
  reviewsCount: 2,
};

const ENDING: Announcement = {
  ...APPROVED,
  created: minutes(15 - 8 * 60),
  accessExpires: minutes(15),
};

/** Returns all pictures by the names of their files in `docs/images/`. */
export async function drawGallery(): Promise<ReadonlyMap<string, string>> {
  const scene = { now: NOW, people: PEOPLE };
  const page = await Deno.readTextFile(`${ROOT}docs/check.md`);
  return new Map([
    [
      "pending.svg",
      drawMessage({
        ...scene,
        title:
          "A pending access request in a Discord channel, with buttons to approve and deny it",
        place: "# access-requests",
        message: renderMessage(PENDING),
      }),
    ],
    [
      "pending-korean.svg",
      drawMessage({
        ...scene,
        title: "A pending access request in a Discord channel, in Korean",
        place: "# 접근-요청",
        language: "ko",
        message: renderMessage({
          ...PENDING,
          texts: KO,
          reason: "OPS-4711: 결제 조회가 느립니다",
        }),
      }),
    ],
    [
      "hidden.svg",
      drawMessage({
        ...scene,
        title: "A pending access request whose reason and logins are hidden",
        place: "# access-requests",
        message: renderMessage(HIDING),
      }),
    ],
    [
      "revealed.svg",
      drawMessage({
        ...scene,
        title:
          "What a reviewer is shown after a click: the hidden fields, with buttons that review",
        place: "# access-requests",
        replyTo: renderMessage(HIDING).content.split("\n")[0] ?? "",
        message: renderRevealed({
          announcement: PENDING,
          hidden: HIDING.hidden,
          messageId: "1300000000000000001",
        }),
        ephemeral: true,
      }),
    ],
    [
      "approved.svg",
      drawMessage({
        ...scene,
        title:
          "The same message after two reviews: approved, with who said what",
        place: "# access-requests",
        message: renderMessage(APPROVED),
        edited: true,
      }),
    ],
    [
      "direct-message.svg",
      drawMessage({
        ...scene,
        title: "The direct message that tells the requester of the approval",
        place: "@ Teleport",
        message: renderNews(APPROVED, 0),
      }),
    ],
    [
      "reminder.svg",
      drawMessage({
        ...scene,
        title: "A reminder of a request that nobody has reviewed",
        place: "# access-requests",
        message: renderReminder(PENDING),
        replyTo: renderMessage(PENDING).content.split("\n")[0] ?? "",
      }),
    ],
    [
      "escalation.svg",
      drawMessage({
        ...scene,
        title:
          "A reply that calls others to a request that nobody has decided on",
        place: "# access-requests",
        message: renderEscalation(
          {
            ...PENDING,
            reviewCounts: { approvals: 1, denials: 0, promotions: 0 },
            reviewsCount: 1,
          },
          minutes(-1),
        ),
        replyTo: renderMessage(PENDING).content.split("\n")[0] ?? "",
      }),
    ],
    [
      "before-end.svg",
      drawMessage({
        ...scene,
        title:
          "The direct message that tells the requester that access ends soon",
        place: "@ Teleport",
        message: renderBeforeEnd(ENDING, {
          ...ENDING,
          unknownFields: [],
          resources: [],
        }),
      }),
    ],
    [
      "thread.svg",
      drawMessage({
        ...scene,
        title: "A review, told in the thread of its request",
        place: `# ${threadName(APPROVED, false)}`,
        message: renderThreadMessage(APPROVED, { kind: "review", number: 1 }),
      }),
    ],
    [
      "forum.svg",
      drawMessage({
        ...scene,
        title: "A post of a forum, with the tag of its state",
        place: threadName(APPROVED, false),
        tags: ["Approved"],
        message: renderMessage(APPROVED),
        edited: true,
      }),
    ],
    [
      "check-good.svg",
      drawTerminal(
        "What check prints for a set-up that works",
        blockOf(page, "$ teleport-discord check\n"),
      ),
    ],
    [
      "check-bad.svg",
      drawTerminal(
        "What check prints for a set-up with faults, each with its remedy",
        blockOf(page, "$ teleport-discord check -c "),
      ),
    ],
    [
      "dashboard.svg",
      drawDashboard(
        `The dashboard over ${recording.minutes} minutes of load and trouble`,
        recording as unknown as Recording,
      ),
    ],
    ["growth.svg", drawGrowth(growth)],
    ["round-trips.svg", drawRoundTrips(roundTrips as RoundTrips)],
    [
      "request.svg",
      drawDiagram(
        "The path of an access request through the program",
        REQUEST_NODES,
        REQUEST_ARROWS,
      ),
    ],
    [
      "routes.svg",
      drawDiagram(
        "The routes to the Auth Service",
        ROUTE_NODES,
        ROUTE_ARROWS,
      ),
    ],
  ]);
}

/** Returns what a page shows of a command; a test holds that the program prints just this. */
function blockOf(page: string, start: string): string {
  const block = [...page.matchAll(/```console\n([\s\S]*?)\n```/g)]
    .map(([, text = ""]) => text)
    .find((text) => text.startsWith(start));
  if (block === undefined) {
    throw new Error(`docs/check.md shows no "${start}"`);
  }
  return block;
}

const REQUEST_NODES: readonly Node[] = [
  {
    column: 0,
    row: 0,
    name: "Teleport",
    lines: ["Auth Service"],
    kind: "theirs",
  },
  {
    column: 1,
    row: 0,
    name: "watch",
    lines: ["event stream,", "list, sweep"],
    kind: "ours",
  },
  {
    column: 2,
    row: 0,
    name: "reconcile",
    lines: ["wanted against", "what is shown"],
    kind: "ours",
  },
  {
    column: 3,
    row: 0,
    name: "route",
    lines: ["rules, role map:", "who is told?"],
    kind: "ours",
  },
  {
    column: 0,
    row: 1,
    name: "plugin data",
    lines: ["what was shown,", "stored in Teleport"],
    kind: "store",
  },
  {
    column: 1,
    row: 1,
    name: "record",
    lines: ["compare and swap"],
    kind: "ours",
  },
  {
    column: 2,
    row: 1,
    name: "deliver",
    lines: ["post once,", "edit until equal"],
    kind: "ours",
  },
  {
    column: 3,
    row: 1,
    name: "Discord",
    lines: ["channels and", "direct messages"],
    kind: "theirs",
  },
];

const REQUEST_ARROWS: readonly Arrow[] = [
  { from: "Teleport", to: "watch", label: "PUT" },
  { from: "watch", to: "reconcile" },
  { from: "reconcile", to: "route" },
  { from: "reconcile", to: "deliver", label: "due" },
  { from: "deliver", to: "Discord", label: "POST" },
  { from: "deliver", to: "record", label: "shown" },
  { from: "record", to: "plugin data" },
  { from: "plugin data", to: "Teleport", dashed: true },
];

const ROUTE_NODES: readonly Node[] = [
  {
    column: 0,
    row: 1,
    name: "plugin",
    lines: ["tries all, uses", "the first"],
    kind: "ours",
  },
  {
    column: 1,
    row: 2,
    name: "load balancer",
    lines: ["ends TLS"],
    kind: "theirs",
  },
  {
    column: 2,
    row: 1,
    name: "Proxy",
    lines: ["passes bytes on"],
    kind: "theirs",
  },
  {
    column: 3,
    row: 0,
    name: "Auth Service",
    lines: ["mutual TLS,", "end to end"],
    kind: "theirs",
  },
];

const ROUTE_ARROWS: readonly Arrow[] = [
  { from: "plugin", to: "Auth Service", label: "direct" },
  { from: "plugin", to: "Proxy", label: "tls_routing" },
  { from: "plugin", to: "load balancer", label: "upgrade" },
  { from: "load balancer", to: "Proxy" },
  { from: "Proxy", to: "Auth Service" },
];
