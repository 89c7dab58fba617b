import fc from "fast-check";
import assert from "node:assert/strict";
import type { Announcement } from "../../src/message/announcement.ts";
import {
  isAnnouncementOf,
  renderMessage,
  renderMinimalMessage,
} from "../../src/message/announcement_message.ts";
import { CATALOGUES } from "../../src/message/catalogue/languages.ts";
import type {
  AccessReview,
  ResourceConstraints,
} from "../../src/ports/access_request.ts";
import { HIDEABLE_FIELDS } from "../../src/record/hidden_fields.ts";
import type { RenderedMessage } from "../../src/ports/rendered_message.ts";
import {
  announce,
  CREATED,
  hoursLater,
  REQUEST_ID as ID,
  review,
  SHOWN_STATES,
} from "../fakes/samples.ts";

const permissions = "none";
const LINK = `https://teleport.example.com/web/requests/${ID}`;
const MARK = "LEAK";

/** Text as an enemy types it, up to some ten thousand characters. */
const hostileText = fc.oneof(
  fc.constant(""),
  fc.constant("dev"),
  fc.string({ unit: "binary", maxLength: 200 }),
  fc.tuple(
    fc.array(
      fc.constantFrom(
        MARK,
        "`",
        "``",
        "```",
        "\n",
        "\r\n",
        "\\",
        "*",
        "__",
        "||",
        "# ",
        "> ",
        "@everyone",
        "<@&123>",
        "[a](https://e.example)",
        "\0",
        "\x1b",
        "\u202e",
        "\u2066",
        "\u2028",
        "\ud83d",
        "\ude00",
        "👨‍👩‍👧‍👦",
        "a" + "\u0301".repeat(500),
        "승인",
        "ש",
        " ",
        "\ufeff",
        "x".repeat(300),
      ),
      { minLength: 1, maxLength: 12 },
    ),
    fc.constantFrom(1, 2, 30, 300),
  ).map(([pieces, times]) => pieces.join("").repeat(times).slice(0, 12_000)),
);

const hostileTexts = fc.oneof(
  fc.array(hostileText, { maxLength: 4 }),
  fc.tuple(hostileText, fc.integer({ min: 1, max: 300 })).map((
    [text, count],
  ) => Array.from({ length: count }, (_, n) => text.slice(0, 300) + n)),
);

const time = fc.option(fc.date({ noInvalidDate: false }), { nil: undefined });
const count = fc.nat();

const hostileReview: fc.Arbitrary<AccessReview> = fc.record({
  author: hostileText,
  proposedState: fc.constantFrom(
    "PENDING",
    "APPROVED",
    "DENIED",
    "PROMOTED",
    "UNKNOWN",
  ),
  reason: hostileText,
  created: fc.date({ noInvalidDate: false }),
  proposedStart: time,
});

const hostile: fc.Arbitrary<Announcement> = fc.record({
  texts: fc.constantFrom(...Object.values(CATALOGUES)),
  hidden: fc.subarray([...HIDEABLE_FIELDS]),
  requestId: fc.oneof(fc.constant(ID), fc.uuid(), hostileText),
  cluster: hostileText,
  user: hostileText,
  roles: hostileTexts,
  loginsByRole: fc.option(
    fc.array(fc.tuple(hostileText, hostileTexts), { maxLength: 3 }).map((
      entries,
    ) => new Map(entries)),
    { nil: undefined },
  ),
  resources: hostileTexts,
  constraints: fc.array(
    fc.tuple(
      fc.nat(5),
      fc.oneof(
        fc.record({
          kind: fc.constantFrom("aws_console", "ssh", "windows_desktop"),
          values: hostileTexts,
        }),
        fc.constant({ kind: "unknown" as const, values: [] }),
      ),
    ),
    { maxLength: 3 },
  ).map((entries) => new Map<number, ResourceConstraints>(entries)),
  hasHiddenParts: fc.boolean(),
  kind: fc.constantFrom("UNDEFINED", "SHORT_TERM", "LONG_TERM"),
  reason: hostileText,
  state: fc.constantFrom(...SHOWN_STATES),
  resolveReason: hostileText,
  reviews: fc.option(
    fc.oneof(
      fc.array(hostileReview, { maxLength: 14 }),
      hostileReview.map((one) => Array<AccessReview>(200).fill(one)),
    ),
    { nil: undefined },
  ),
  reviewCounts: fc.option(
    fc.record({ approvals: count, denials: count, promotions: count }),
    { nil: undefined },
  ),
  reviewsCount: count,
  created: time,
  requestExpires: time,
  accessStarts: time,
  accessExpires: time,
  accessEnded: fc.constant(false),
  promotedTo: fc.option(hostileText, { nil: undefined }),
  webLink: fc.option(fc.oneof(fc.constant(LINK), fc.webUrl(), hostileText), {
    nil: undefined,
  }),
  takesReviews: fc.boolean(),
  canReview: fc.boolean(),
  userId: fc.option(fc.constant("18446744073709551615"), { nil: undefined }),
  mentions: fc.array(
    fc.bigInt({ min: 10n ** 19n, max: 2n ** 64n - 1n }).map((id) =>
      `role:${id}`
    ),
    { maxLength: 30 },
  ),
  reviewerIds: hostileTexts.map((authors) =>
    new Map(authors.map((author) => [author, "18446744073709551615"]))
  ),
});

/** Drops code as Discord reads it, and escaped characters: what is left can have a meaning. */
function dropCode(markdown: string): string {
  const rules = [
    /```(?:[a-z0-9_+\-.#]+?\n)?\n*[^\n][\s\S]*?\n*```/iy,
    /(`+)[\s\S]*?[^`]\1(?!`)/y,
    /\\[^0-9A-Za-z\s]/y,
  ];
  let rest = "";
  let at = 0;
  while (at < markdown.length) {
    const rule = rules.find((rule) => {
      rule.lastIndex = at;
      return rule.test(markdown);
    });
    if (rule === undefined) rest += markdown.charAt(at++);
    else at = rule.lastIndex;
  }
  return rest;
}

function checkLimits(message: RenderedMessage): void {
  assert.ok(message.content.length <= 2000, `${message.content.length}`);
  const embeds = message.embeds ?? [];
  assert.ok(embeds.length <= 10);
  let sum = 0;
  for (const { title, description, author } of embeds) {
    const parts = [title, description, author?.name];
    [256, 4096, 256].forEach((limit, index) => {
      const part = parts[index];
      if (part === undefined) return;
      assert.ok(part.length <= limit && part.trim() !== "");
      sum += part.length;
    });
  }
  assert.ok(sum <= 6000, `${sum}`);
  assert.ok(message.buttons.length <= 5);
  for (const button of message.buttons) {
    assert.ok(button.label.length <= 80);
    if ("url" in button) {
      assert.ok(button.url.length <= 512);
      assert.match(button.url, /^https?:/);
    } else assert.match(button.customId, /^(approve|deny):[\w.-]{1,64}$/);
  }
  for (const alert of message.alerts ?? []) {
    assert.ok(message.content.includes(`<@&${alert.slice(5)}>`));
  }
}

/** Mentions of people who are known; nobody types an ID of 20 digits here. */
const KNOWN_MENTION = /<@&?\d{20}>/g;

const HIDDEN = /(?![\n\t])[\p{Cc}\u202a-\u202e\u2066-\u2069]/u;

Deno.test("limits and marks hold for any input", { permissions }, () => {
  fc.assert(
    fc.property(hostile, (announcement) => {
      for (const render of [renderMessage, renderMinimalMessage]) {
        const message = render(announcement);
        checkLimits(message);
        assert.ok(JSON.stringify(message).isWellFormed());
        assert.ok(isAnnouncementOf(message.content, announcement.requestId));
        const texts = [
          message.content,
          ...(message.embeds ?? []).map((embed) => embed.description ?? ""),
        ];
        for (const text of texts) {
          assert.ok(text.isWellFormed());
          assert.doesNotMatch(text, HIDDEN);
          // Discord reads a bare link as a whole, so nothing in it is a mark.
          const rest = dropCode(text.replace(/^\*(?:Link|링크)\*: .*$/m, ""))
            .replaceAll(KNOWN_MENTION, "");
          assert.doesNotMatch(
            rest,
            /[`[]|<(?!t:\d+:[RF]>)|@everyone|\/\/|__|\|\|/,
          );
        }
      }
    }),
    { numRuns: 300 },
  );
});

Deno.test("roles, resources and reasons stay inside code", {
  permissions,
}, () => {
  const fields = fc.record({
    roles: hostileTexts,
    loginsByRole: fc.array(fc.tuple(hostileText, hostileTexts), {
      maxLength: 3,
    }).map((entries) => new Map(entries)),
    resources: hostileTexts,
    reason: hostileText,
    resolveReason: hostileText,
    promotedTo: hostileText,
    state: fc.constantFrom(...SHOWN_STATES),
  });
  fc.assert(
    fc.property(fields, (fields) => {
      const { content } = renderMessage(announce(fields));
      assert.ok(!dropCode(content).includes(MARK), content);
    }),
    { numRuns: 300 },
  );
});

Deno.test("the lines that matter survive any input", { permissions }, () => {
  fc.assert(
    fc.property(hostile, (announcement) => {
      const { texts } = announcement;
      const { content } = renderMessage({
        ...announcement,
        hidden: [],
        requestId: ID,
        user: "alice",
        userId: "18446744073709551615",
        state: "PENDING",
        requestExpires: hoursLater(1),
        reviewCounts: { approvals: 1, denials: 2, promotions: 0 },
        reviewsCount: 3,
        webLink: LINK,
      });
      const lines = new Set(content.split("\n"));
      assert.ok(lines.has(`*ID*: ${ID}`));
      const { user, link, reviews, status } = texts.labels;
      assert.ok(lines.has(`*${user}*: alice (<@18446744073709551615>)`));
      assert.ok(lines.has(texts.lines.requestExpires("<t:1795384280:R>")));
      assert.ok(lines.has(`*${link}*: <${LINK}>`));
      assert.ok(lines.has(`*${reviews}*: ✅ 1 ❌ 2`));
      assert.ok(lines.has(`*${status}*: ⏳ ${texts.lines.states.PENDING}`));
    }),
    { numRuns: 200 },
  );
});

Deno.test(
  "the worst of every field at once still fits",
  { permissions },
  () => {
    const bad = "`*".repeat(5000);
    for (const state of SHOWN_STATES) {
      const message = renderMessage(announce({
        requestId: bad,
        cluster: bad,
        user: bad,
        roles: Array<string>(300).fill(bad),
        loginsByRole: new Map([[bad, [bad, bad]]]),
        resources: Array<string>(300).fill(bad),
        kind: "LONG_TERM",
        reason: bad,
        state,
        resolveReason: bad,
        reviews: Array<AccessReview>(500).fill(
          review({ author: bad, reason: bad }),
        ),
        reviewCounts: { approvals: 1e21, denials: 1e21, promotions: 1e21 },
        created: CREATED,
        requestExpires: new Date(8.64e15),
        accessExpires: new Date(8.64e15),
        promotedTo: bad,
        webLink: LINK.padEnd(512, "x"),
        userId: "18446744073709551615",
        mentions: Array<string>(100).fill("role:18446744073709551615"),
        reviewerIds: new Map([[bad, "18446744073709551615"]]),
      }));
      checkLimits(message);
      assert.ok(message.content.includes(`*Status*: `));
    }
  },
);

Deno.test("a reason of long emoji stays inside its embed", {
  permissions,
}, () => {
  const reason = "👨‍👩‍👧‍👦".repeat(400);
  const message = renderMessage(announce({ reviews: [review({ reason })] }));
  checkLimits(message);
  assert.ok((message.embeds?.[0]?.description ?? "").length > 4000);
});
