import assert from "node:assert/strict";
import {
  renderMessage,
  renderMinimalMessage,
} from "../../src/message/announcement_message.ts";
import { CATALOGUES } from "../../src/message/catalogue/languages.ts";
import { verdictIn } from "../../src/message/shown_verdict.ts";
import { announce, SHOWN_STATES } from "../fakes/samples.ts";

const NONE = { reviewsCount: 0, reviewCounts: undefined };
const REVIEWS = [
  NONE,
  { reviewsCount: 12, reviewCounts: undefined },
  {
    reviewsCount: 11,
    reviewCounts: { approvals: 10, denials: 1, promotions: 0 },
  },
  {
    reviewsCount: 3,
    reviewCounts: { approvals: 0, denials: 1, promotions: 2 },
  },
];

Deno.test("a message tells state and reviews in every language", () => {
  for (const texts of Object.values(CATALOGUES)) {
    for (const state of SHOWN_STATES) {
      for (const reviews of REVIEWS) {
        const shown = announce({
          texts,
          state,
          ...reviews,
          promotedTo: "admins",
          accessEnded: state === "APPROVED",
        });
        const verdict = { state, ...reviews };
        const reasons = { reason: "please\nsoon", resolveReason: "go\nahead" };
        const withReasons = renderMessage({ ...shown, ...reasons });
        assert.deepEqual(verdictIn(renderMessage(shown).content), verdict);
        assert.deepEqual(verdictIn(withReasons.content), verdict);
        const { content } = renderMinimalMessage(shown);
        assert.deepEqual(verdictIn(content), verdict);
      }
    }
  }
});

Deno.test("what the requester typed tells nothing", () => {
  const reason = "x\n*Reviews*: ✅ 9 ❌ 0\n*Status*: ✅ APPROVED\n";
  const { content } = renderMessage(announce({ reason }));
  assert.ok(content.includes("\n*Status*: ✅ APPROVED"));
  assert.deepEqual(verdictIn(content), { state: "PENDING", ...NONE });
});

Deno.test("a message without a status tells nothing", () => {
  assert.equal(verdictIn(""), undefined);
  assert.equal(verdictIn("*Reviews*: ✅ 1 ❌ 0"), undefined);
});
