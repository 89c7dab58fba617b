/** What is hidden is nowhere in a message, and a line says so. */

import fc from "fast-check";
import assert from "node:assert/strict";
import type { Announcement } from "../../src/message/announcement.ts";
import {
  renderMessage,
  renderMinimalMessage,
} from "../../src/message/announcement_message.ts";
import { EN } from "../../src/message/catalogue/en.ts";
import { CATALOGUES } from "../../src/message/catalogue/languages.ts";
import {
  allHidden,
  hiddenAt,
  type HiddenFields,
  hiddenFor,
  HIDEABLE_FIELDS,
  type HideableField,
  type HideChoice,
} from "../../src/record/hidden_fields.ts";
import {
  renderThreadMessage,
  threadName,
} from "../../src/message/thread_message.ts";
import {
  renderBeforeEnd,
  renderNews,
  renderReminder,
} from "../../src/message/notice_message.ts";
import { renderRevealed } from "../../src/review/revealed_answer.ts";
import { announce, review, SHOWN_STATES } from "../fakes/samples.ts";

const permissions = "none";

/** What stands in each field; nothing else in a message has these words. */
const VALUES: Readonly<Record<HideableField, readonly string[]>> = {
  user: ["valerie", "<@71>"],
  roles: ["role-1", "role-2"],
  reason: ["why-it-is-asked"],
  review_reasons: ["why-it-is-approved", "why-it-ended"],
  resources: ["node/web-1", "narrowed-to"],
  logins: ["login-a", "login-b"],
};

function full(fields: Partial<Announcement>): Announcement {
  return announce({
    user: "valerie",
    userId: "71",
    roles: ["role-1", "role-2"],
    loginsByRole: new Map([["role-1", ["login-a"]], ["role-2", ["login-b"]]]),
    resources: ["node/web-1"],
    constraints: new Map([[0, { kind: "ssh", values: ["narrowed-to"] }]]),
    kind: "SHORT_TERM",
    reason: "why-it-is-asked",
    resolveReason: "why-it-ended",
    reviews: [review({ reason: "why-it-is-approved" }), review()],
    reviewCounts: { approvals: 2, denials: 0, promotions: 0 },
    reviewsCount: 2,
    canReview: true,
    ...fields,
  });
}

Deno.test("what is hidden is in no message, what is not is in it", {
  permissions,
}, () => {
  const fields = fc.record({
    hidden: fc.subarray([...HIDEABLE_FIELDS]),
    state: fc.constantFrom(...SHOWN_STATES),
    texts: fc.constantFrom(...Object.values(CATALOGUES)),
  });
  fc.assert(
    fc.property(fields, (fields) => {
      const announcement = full(fields);
      const message = JSON.stringify(renderMessage(announcement));
      const all = [
        message,
        ...[
          renderMinimalMessage(announcement),
          renderNews(announcement, 0),
          renderReminder(announcement),
          renderThreadMessage(announcement, { kind: "review", number: 1 }),
          renderThreadMessage(announcement, {
            kind: "outcome",
            state: "DENIED",
          }),
          renderBeforeEnd(announcement, {
            roles: ["role-1", "role-2"],
            resources: [],
            unknownFields: [],
          }),
        ].map((each) => JSON.stringify(each)),
        threadName(announcement, false),
      ].join();
      for (const [field, values] of Object.entries(VALUES)) {
        const isHidden = fields.hidden.includes(field as HideableField);
        for (const value of values) {
          if (isHidden) assert.ok(!all.includes(value), `${value} in ${all}`);
          else assert.ok(message.includes(value), `no ${value} in ${message}`);
        }
      }
    }),
  );
});

Deno.test("the name of a thread leaves out what is hidden", {
  permissions,
}, () => {
  const name = (hidden: HiddenFields) => threadName(full({ hidden }), false);
  const id = announce().requestId.slice(0, 8);
  assert.equal(name([]), `valerie: role-1, role-2 · ${id}`);
  assert.equal(name(["user"]), `role-1, role-2 · ${id}`);
  assert.equal(name(["roles"]), `valerie · ${id}`);
  assert.equal(name(["user", "roles"]), threadName(full({}), true));
});

Deno.test("a line says what is hidden", { permissions }, () => {
  const { content, embeds } = renderMessage(
    full({ hidden: HIDEABLE_FIELDS, state: "APPROVED" }),
  );
  assert.deepEqual(content.split("\n").slice(3), [
    "*User*: (hidden)",
    "*Role(s)*: (hidden)",
    "*Login(s)*: (hidden)",
    "*Resource(s)*: (hidden)",
    "*Reason*: (hidden)",
    "*Reviews*: ✅ 2 ❌ 0",
    "*Status*: ✅ APPROVED",
    "*Resolution reason*: (hidden)",
  ]);
  // Where there is nothing, nothing is hidden.
  assert.deepEqual(embeds?.map(({ description }) => description), [
    "Reason: (hidden)",
    undefined,
  ]);
  const bare = renderMessage(announce({ hidden: HIDEABLE_FIELDS }));
  assert.doesNotMatch(bare.content, /Reason|Resource|Login/);
});

Deno.test(
  "logins without roles stand in one line, and roles without logins as well",
  {
    permissions,
  },
  () => {
    const lines = (hidden: HiddenFields) =>
      renderMessage(full({ hidden })).content.split("\n").slice(4, 6);
    assert.deepEqual(lines(["roles"]), [
      "*Role(s)*: (hidden)",
      "*Login(s)*: `login-a,login-b`",
    ]);
    assert.deepEqual(lines(["logins"]), [
      "*Role(s)*: `role-1,role-2`",
      "*Login(s)*: (hidden)",
    ]);
  },
);

Deno.test("a reviewer is shown exactly what is hidden, within every limit", {
  permissions,
}, () => {
  const revealed = renderRevealed({
    announcement: full({ hidden: HIDEABLE_FIELDS, resolveReason: "" }),
    hidden: [
      "user",
      "roles",
      "reason",
      "review_reasons",
      "resources",
      "logins",
    ],
    messageId: "900",
  });
  assert.equal(
    revealed.content,
    `${EN.answers.revealed}
*User*: valerie (<@71>)
*Role*: \`role-1\` *Login(s)*: \`login-a\`
*Role*: \`role-2\` *Login(s)*: \`login-b\`
*Resource(s)*: \`node/web-1 (SSH logins: narrowed-to)\`
*Reason*: \`\`\`
why-it-is-asked\`\`\``,
  );
  assert.match(JSON.stringify(revealed.embeds), /why-it-is-approved/);
  assert.deepEqual(
    revealed.buttons.map((button) => "customId" in button && button.customId),
    ["approve", "deny"].map((verdict) =>
      `${verdict}:${announce().requestId}:900`
    ),
  );
  const one = renderRevealed({
    announcement: full({}),
    hidden: ["reason"],
    messageId: "900",
  });
  assert.doesNotMatch(JSON.stringify(one), /valerie|role-1|web-1|approved"/);
  const long = renderRevealed({
    announcement: full({
      reason: "`".repeat(9000),
      resources: Array.from({ length: 900 }, (_, i) => `node/${i}`),
      roles: Array.from({ length: 900 }, (_, i) => `role-${i}`),
    }),
    hidden: HIDEABLE_FIELDS,
    messageId: "900",
  });
  assert.ok(long.content.length <= 2000);
});

Deno.test(
  "of a request with parts that nobody can show only the denial is offered",
  {
    permissions,
  },
  () => {
    const { buttons } = renderRevealed({
      announcement: full({ hasHiddenParts: true }),
      hidden: ["reason"],
      messageId: "900",
    });
    assert.deepEqual(buttons.map(({ label }) => label), ["Deny"]);
  },
);

Deno.test("what a recipient is not shown is its own, else that of all", {
  permissions,
}, () => {
  const choice = {
    hide: ["reason"],
    hideByRecipient: new Map<string, HiddenFields>([
      ["7", []],
      ["user:8", ["user", "logins"]],
    ]),
  } as const;
  assert.deepEqual(hiddenFor(choice, "6"), ["reason"]);
  assert.deepEqual(hiddenFor(choice, "7"), []);
  assert.deepEqual(hiddenFor(choice, "7/70"), []);
  assert.deepEqual(hiddenFor(choice, "user:8"), ["user", "logins"]);
  assert.deepEqual(allHidden(["logins", "user"], ["reason", "user"]), [
    "user",
    "reason",
    "logins",
  ]);
});

Deno.test("in a post of a forum is hidden what the forum is not shown", {
  permissions,
}, () => {
  const choice: HideChoice = {
    hide: ["user"],
    hideByRecipient: new Map([["1", ["reason"]]]),
  };
  const post = { guildId: "9", channelId: "2", parentId: "1", userId: "3" };
  assert.deepEqual(hiddenAt(choice, post), ["reason"]);
  assert.deepEqual(hiddenAt(choice, { ...post, parentId: "4" }), ["user"]);
});
