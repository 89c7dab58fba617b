/** What README shows is what the program shows, and it stays short. */

import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import { drawCard } from "../../demo/card.ts";
import { createStyle } from "../../demo/style.ts";
import { encodePost } from "../../src/discord/rest/message_payload.ts";
import type { Announcement } from "../../src/message/announcement.ts";
import { renderMessage } from "../../src/message/announcement_message.ts";
import { fences, readPage } from "./pages.ts";

const README = await readPage("README.md");
const REVIEWING = await readPage("docs/reviewing.md");

const EXAMPLE_TIME = new Date("2026-03-02T09:20:00Z");

/** Returns what the messages in the README show. */
function exampleOf(fields: Partial<Announcement>): Announcement {
  const inHours = (hours: number) =>
    new Date(EXAMPLE_TIME.getTime() + hours * 3.6e6);
  return {
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
    created: EXAMPLE_TIME,
    requestExpires: inHours(1),
    accessStarts: undefined,
    accessExpires: inHours(8),
    promotedTo: undefined,
    userId: undefined,
    mentions: [],
    reviewerIds: new Map(),
    webLink:
      "https://teleport.example.com/web/requests/01958a5e-3c1f-7bb0-a1f4-6f0d4a5be2c7",
    canReview: false,
    ...fields,
  };
}

/** Returns an approval by one reviewer. */
function approvedWith(reason: string): Partial<Announcement> {
  const created = new Date("2026-03-02T09:19:08Z");
  return {
    reviews: [{
      author: "rita",
      proposedState: "APPROVED",
      reason,
      created,
      proposedStart: undefined,
    }],
    reviewCounts: { approvals: 1, denials: 0, promotions: 0 },
    reviewsCount: 1,
  };
}

function draw(announcement: Announcement): string {
  const body = encodePost(renderMessage(announcement), "");
  const message = {
    content: body.content ?? "",
    embeds: (body.embeds ?? []).map((embed) => ({ ...embed })),
    components: (body.components ?? []).map((row) => ({ ...row })),
  };
  const style = createStyle(false);
  const card = { channel: "access-requests", author: "Teleport", message };
  return drawCard(card, { style, now: EXAMPLE_TIME, columns: 100 })
    .map((line) => line.slice(4)).join("\n");
}

Deno.test("README and docs/reviewing.md: the examples are what messages look like", () => {
  const first = exampleOf(approvedWith("matches the ticket"));
  strictEqual(fences(README, "text")[0], draw(first));
  deepStrictEqual(fences(REVIEWING, "text"), [
    draw(exampleOf({ canReview: true })),
    draw(exampleOf({
      ...approvedWith(""),
      state: "APPROVED",
      canReview: true,
    })),
  ]);
});

Deno.test("README: it says how to see it at work and how to test it", () => {
  for (const task of ["demo", "test"] as const) {
    ok(README.includes(`\nnpx -y deno@2.9.6 task ${task}`));
  }
});
