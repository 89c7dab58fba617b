import fc from "fast-check";
import assert from "node:assert/strict";
import { encodeAction, parseAction } from "../../src/message/review_button.ts";
import {
  type ClickFacts,
  type ClickVerdict,
  judgeClick,
  needsReason,
} from "../../src/review/judge_click.ts";
import type { HideableField } from "../../src/record/hidden_fields.ts";
import type { PluginData } from "../../src/record/plugin_data.ts";
import {
  accessRequest,
  hoursLater,
  pluginData,
  REQUEST_ID,
} from "../fakes/samples.ts";

const permissions = "none";

Deno.test("a custom ID says what its button is for, and nothing else does", {
  permissions,
}, () => {
  fc.assert(
    fc.property(
      fc.constantFrom("approve" as const, "deny" as const),
      fc.oneof(fc.uuid(), fc.string(), fc.string({ maxLength: 90 })),
      (verdict, requestId) => {
        const customId = encodeAction({ verdict, requestId });
        if (customId === undefined) return;
        assert.ok(customId.length <= 100);
        assert.deepEqual(parseAction(customId), { verdict, requestId });
      },
    ),
  );
  const wrong = [
    "",
    "approve",
    "approve:",
    "Approve:1",
    "promote:1",
    "approve:a b",
    "approve:../x",
    "approve:1\n",
    " approve:1",
    `approve:${"x".repeat(65)}`,
    "approve:1:x",
    "approve:1:2:3",
    "approve:1:",
  ];
  for (const text of wrong) assert.equal(parseAction(text), undefined, text);
});

Deno.test(
  "a button below what was hidden names the message, in at most 93 characters",
  {
    permissions,
  },
  () => {
    const action = {
      verdict: "approve",
      requestId: "x".repeat(64),
      messageId: "1".repeat(20),
    } as const;
    const customId = encodeAction(action) ?? "";
    assert.equal(customId.length, 93);
    assert.deepEqual(parseAction(customId), action);
  },
);

Deno.test("a reason is needed as configured", { permissions }, () => {
  const table = (["never", "deny", "always"] as const).map((rule) => [
    needsReason(rule, "approve"),
    needsReason(rule, "deny"),
  ]);
  assert.deepEqual(table, [[false, false], [false, true], [true, true]]);
});

const CHANNEL = "7";
const MESSAGE = "70";
const BOT = "2";

const STORED = pluginData({
  deliveries: new Map([
    ["6", { kind: "dropped" }],
    [CHANNEL, {
      kind: "posted",
      message: { channelId: CHANNEL, messageId: MESSAGE },
      generation: 1,
      shows: "x",
      hides: [],
    }],
  ]),
  requestExpires: hoursLater(1),
  accessExpires: hoursLater(8),
});

function facts(changes: Partial<ClickFacts> = {}): ClickFacts {
  return {
    action: { verdict: "approve", requestId: REQUEST_ID },
    click: {
      channelId: CHANNEL,
      messageId: MESSAGE,
      guildId: "1",
      authorId: BOT,
      isEphemeral: false,
    },
    botId: BOT,
    mustReveal: false,
    hiddenFor: () => [],
    guildId: "1",
    reason: "",
    rule: "deny",
    stored: STORED,
    request: accessRequest(),
    users: ["rita"],
    now: hoursLater(0.5),
    ...changes,
  };
}

const CLICK = facts().click;

/** Requests that ask for something that this build cannot show. */
const HIDING = accessRequest({ unknownFields: ["AccessRequestSpecV3.28"] });
const CONSTRAINED = accessRequest({
  resources: [{
    cluster: "c",
    kind: "db",
    name: "a",
    subResource: "",
    constraints: { kind: "unknown", values: [] },
  }],
});

const CASES: readonly (readonly [string, Partial<ClickFacts>, unknown])[] = [
  ["a click that is fine", {}, "rita"],
  ["another channel", { click: { ...CLICK, channelId: "8" } }, "foreign"],
  ["another message", { click: { ...CLICK, messageId: "71" } }, "foreign"],
  ["another server", { click: { ...CLICK, guildId: "2" } }, "foreign"],
  ["direct messages", { click: { ...CLICK, guildId: undefined } }, "foreign"],
  [
    "direct messages that are meant",
    { click: { ...CLICK, guildId: undefined }, guildId: undefined },
    "rita",
  ],
  ["a request that was never announced", { stored: undefined }, "foreign"],
  ["nothing at all", { stored: undefined, request: undefined }, "gone"],
  [
    "a message that is not recorded yet",
    {
      stored: {
        ...STORED,
        deliveries: new Map([[CHANNEL, { kind: "owed", generation: 1 }]]),
      },
    },
    "not recorded",
  ],
  [
    "another request",
    { request: accessRequest({ id: "other" }) },
    "gone",
  ],
  ["a request that was deleted", { request: undefined }, "gone"],
  [
    "a request whose time is over",
    { request: undefined, now: hoursLater(2) },
    "expired",
  ],
  [
    "a request that was seen to expire",
    {
      request: undefined,
      stored: { ...STORED, resolution: "EXPIRED" },
    },
    "expired",
  ],
  [
    "an approved request",
    { request: accessRequest({ state: "APPROVED" }) },
    "resolved",
  ],
  [
    "a promoted request",
    { request: accessRequest({ state: "PROMOTED" }) },
    "resolved",
  ],
  [
    "a state that nobody knows",
    { request: accessRequest({ state: "UNKNOWN" }) },
    "resolved",
  ],
  [
    "long-term access",
    { request: accessRequest({ kind: "LONG_TERM" }) },
    "long-term",
  ],
  ["what cannot be shown", { request: HIDING }, "hidden parts"],
  [
    "constraints that cannot be shown",
    { request: CONSTRAINED },
    "hidden parts",
  ],
  [
    "a denial of what cannot be shown",
    {
      request: HIDING,
      action: { verdict: "deny", requestId: REQUEST_ID },
      reason: "no",
    },
    "rita",
  ],
  ["somebody unknown", { users: [] }, "unmapped"],
  ["somebody without a name", { users: [""] }, "unmapped"],
  ["somebody who is two", { users: ["rita", "rob"] }, "ambiguous"],
  ["the requester", { users: ["alice"] }, "own"],
  [
    "a denial without a reason",
    { action: { verdict: "deny", requestId: REQUEST_ID }, reason: "  " },
    "no reason",
  ],
  ...["\u200b", "\u2800", " \u2800\u00ad\u3164\n", "\u202e\u2066"].map(
    (reason) =>
      [
        `a denial with a reason of nothing visible, ${
          [...reason].map((char) => char.codePointAt(0)?.toString(16)).join(" ")
        }`,
        { action: { verdict: "deny", requestId: REQUEST_ID }, reason },
        "no reason",
      ] as const,
  ),
  [
    "a denial with a reason",
    { action: { verdict: "deny", requestId: REQUEST_ID }, reason: "no" },
    "rita",
  ],
  ["an approval that needs a reason", { rule: "always" }, "no reason"],
];

Deno.test("judgeClick()", async (t) => {
  for (const [name, changes, expected] of CASES) {
    await t.step(name, () => {
      assert.equal(outcome(judgeClick(facts(changes))), expected);
    });
  }
});

Deno.test("of several faults the first in the order of the checks is told", {
  permissions,
}, () => {
  const all: readonly (readonly [Partial<ClickFacts>, string])[] = [
    [{ users: ["alice"] }, "own"],
    [{ users: [] }, "unmapped"],
    [{ request: accessRequest({ kind: "LONG_TERM" }) }, "long-term"],
    [{ request: accessRequest({ state: "DENIED" }) }, "resolved"],
    [{ click: { ...CLICK, messageId: "71" } }, "foreign"],
  ];
  let changes: Partial<ClickFacts> = {};
  for (const [more, expected] of all) {
    changes = { ...changes, ...more };
    assert.equal(outcome(judgeClick(facts(changes))), expected);
  }
});

function outcome(verdict: ClickVerdict): string {
  switch (verdict.kind) {
    case "submit":
      return verdict.author;
    case "reveal":
      return `reveal ${verdict.hidden} of ${verdict.recipient}`;
    default:
      return verdict.kind;
  }
}

Deno.test("nobody reviews what the message does not show", {
  permissions,
}, async (t) => {
  const hides = (...hides: HideableField[]): PluginData => ({
    ...STORED,
    deliveries: new Map([[CHANNEL, {
      kind: "posted",
      message: { channelId: CHANNEL, messageId: MESSAGE },
      generation: 1,
      shows: "x",
      hides,
    }]]),
  });
  const approve = { verdict: "approve", requestId: REQUEST_ID } as const;
  const answered = { ...approve, messageId: MESSAGE };
  const answer: ClickFacts["click"] = {
    channelId: CHANNEL,
    messageId: "99",
    guildId: "1",
    authorId: BOT,
    isEphemeral: true,
  };
  const rows: [string, Partial<ClickFacts>, string][] = [
    [
      "by the configuration",
      { hiddenFor: () => ["reason"] },
      "reveal reason of 7",
    ],
    ["by the message", { stored: hides("logins") }, "reveal logins of 7"],
    [
      "by both",
      { stored: hides("user"), hiddenFor: () => ["roles"] },
      "reveal user,roles of 7",
    ],
    [
      "nothing that matters",
      { stored: hides("user", "review_reasons") },
      "rita",
    ],
    [
      "the place hides something",
      { mustReveal: true },
      "reveal user,roles,reason,review_reasons,resources,logins of 7",
    ],
    [
      "before the reason is asked for",
      { rule: "always", stored: hides("resources") },
      "reveal resources of 7",
    ],
    [
      "the requester",
      { stored: hides("reason"), users: ["alice"] },
      "own",
    ],
    ["somebody unknown", { stored: hides("reason"), users: [] }, "unmapped"],
    [
      "below what was hidden",
      { stored: hides("reason"), action: answered, click: answer },
      "rita",
    ],
    [
      "below it, still without a reason",
      {
        stored: hides("reason"),
        action: answered,
        click: answer,
        rule: "always",
      },
      "no reason",
    ],
    [
      "below it, in another channel",
      {
        stored: hides("reason"),
        action: answered,
        click: { ...answer, channelId: "8" },
      },
      "foreign",
    ],
    [
      "below it, about another message",
      {
        stored: hides("reason"),
        action: { ...answered, messageId: "71" },
        click: answer,
      },
      "foreign",
    ],
    [
      "on a message that all can see",
      {
        stored: hides("reason"),
        action: answered,
        click: { ...answer, isEphemeral: false },
      },
      "foreign",
    ],
    [
      "on a message of another bot",
      {
        stored: hides("reason"),
        action: answered,
        click: { ...answer, authorId: "3" },
      },
      "foreign",
    ],
  ];
  for (const [what, changes, expected] of rows) {
    await t.step(what, () => {
      const users = changes.users ?? ["rita"];
      const judged = judgeClick(facts({ ...changes, users }));
      assert.equal(outcome(judged), expected);
    });
  }
});
