/** What must hold of the texts of every language, and of Korean in particular. */

import assert from "node:assert/strict";
import type { Announcement } from "../../src/message/announcement.ts";
import {
  isAnnouncementOf,
  renderMessage,
  renderMinimalMessage,
} from "../../src/message/announcement_message.ts";
import type { Catalogue } from "../../src/message/catalogue/catalogue.ts";
import { EN } from "../../src/message/catalogue/en.ts";
import { KO } from "../../src/message/catalogue/ko.ts";
import { CATALOGUES } from "../../src/message/catalogue/languages.ts";
import { HIDEABLE_FIELDS } from "../../src/record/hidden_fields.ts";
import { renderRevealed } from "../../src/review/revealed_answer.ts";
import {
  isBeforeEndOf,
  isEscalationOf,
  isNews,
  isReminderOf,
  renderBeforeEnd,
  renderEscalation,
  renderNews,
  renderReminder,
} from "../../src/message/notice_message.ts";
import {
  isThreadMessage,
  renderThreadMessage,
  type ThreadText,
} from "../../src/message/thread_message.ts";
import type { RenderedMessage } from "../../src/ports/rendered_message.ts";
import type { ShownState } from "../../src/record/plugin_data.ts";
import { renderOutcome } from "../../src/review/review_outcome.ts";
import {
  announce,
  CREATED,
  hoursLater,
  REQUEST_ID,
  review,
  SHOWN_STATES,
} from "../fakes/samples.ts";

const permissions = "none";

/** Stands for whatever is inserted: no letter of any language, and no mark of Markdown. */
const VALUE = "☃";

/** Returns every text of a catalogue with its place, values inserted. */
function textsOf(texts: Catalogue): [string, string][] {
  const found: [string, string][] = [];
  walk("", texts);
  return found;

  function walk(path: string, node: unknown): void {
    if (typeof node === "string") found.push([path, node]);
    else if (typeof node === "function") {
      for (const args of ARGUMENTS[path] ?? [[VALUE]]) {
        walk(path, Reflect.apply(node, undefined, args));
      }
    } else if (typeof node === "object" && node !== null) {
      for (const [key, value] of Object.entries(node)) {
        walk(path === "" ? key : `${path}.${key}`, value);
      }
    }
  }
}

/** What functions with other arguments than one text are called with. */
const ARGUMENTS: Readonly<Record<string, readonly (readonly unknown[])[]>> = {
  "lines.duration": [
    [1, 2, 3],
    [0, 0, 59],
  ],
  "reviews.title": ["APPROVED", "DENIED", "PROMOTED", "PENDING", "UNKNOWN"]
    .map((state) => [state, CREATED]),
  "answers.accepted": [["approve", VALUE], ["deny", VALUE]],
};

for (const [code, catalogue] of Object.entries(CATALOGUES)) {
  Deno.test(`${code}: every text says something, and fits where it goes`, {
    permissions,
  }, () => {
    const most = (path: string) =>
      /^buttons\./.test(path)
        ? 80
        : /^form\.placeholder/.test(path)
        ? 100
        : /^(?:form|labels)\./.test(path)
        ? 45
        : /^(?:titles|reviews)\./.test(path)
        ? 256
        : 400;
    for (const [path, text] of textsOf(catalogue)) {
      assert.notEqual(text.trim(), "", path);
      assert.ok(text.length <= most(path), path);
      const isTail = /truncated|more|moreMentions|toAccessList$/.test(path);
      assert.ok(isTail || !text.startsWith(" "), path);
      assert.equal(text, text.trimEnd(), path);
    }
  });

  Deno.test(`${code}: the shortest form of a field leaves room for others`, {
    permissions,
  }, () => {
    const { empty, truncated, more } = catalogue.fields;
    for (const text of [empty, truncated + more(999)]) {
      assert.ok(text.length <= 33, text);
    }
  });

  Deno.test(`${code}: each message is known again, whatever is spoken then`, {
    permissions,
  }, async (t) => {
    for (const announcement of announcements(catalogue)) {
      const { state, kind } = announcement;
      await t.step(`${state} ${kind}`, () => {
        for (const render of [renderMessage, renderMinimalMessage]) {
          const { content } = render(announcement);
          assert.ok(isAnnouncementOf(content, REQUEST_ID));
          assert.equal(content.split("\n")[1], `*ID*: ${REQUEST_ID}`);
        }
        const { content } = renderNews(announcement, 0);
        const reminder = renderReminder(announcement).content;
        for (const texts of Object.values(CATALOGUES)) {
          assert.ok(isNews(content, { ...announcement, texts }));
          assert.ok(!isNews(reminder, { ...announcement, texts }));
        }
        assert.ok(!isAnnouncementOf(content, REQUEST_ID));
        assert.ok(!isAnnouncementOf(reminder, REQUEST_ID));
      });
    }
  });
}

/** One of each state and kind, with a value of each sort in each place. */
function announcements(texts: Catalogue): Announcement[] {
  return SHOWN_STATES.flatMap((state) =>
    (["UNDEFINED", "SHORT_TERM", "LONG_TERM"] as const).map((kind) =>
      announce({
        texts,
        state,
        kind,
        cluster: VALUE,
        user: VALUE,
        roles: [VALUE],
        loginsByRole: new Map([[VALUE, [VALUE]]]),
        resources: [VALUE, VALUE],
        constraints: new Map([[0, { kind: "ssh", values: [VALUE] }]]),
        hasHiddenParts: kind === "SHORT_TERM",
        reason: VALUE.repeat(500),
        resolveReason: state === "PENDING" ? "" : VALUE,
        reviews: Array.from({ length: 12 }, (_, i) =>
          review({
            author: VALUE,
            reason: i % 2 === 0 ? VALUE : "",
            proposedStart: CREATED,
            proposedState: i < 9 ? "APPROVED" : "DENIED",
          })),
        reviewCounts: { approvals: 9, denials: 3, promotions: 0 },
        reviewsCount: 12,
        created: CREATED,
        requestExpires: hoursLater(1),
        accessStarts: state === "APPROVED" ? hoursLater(2) : undefined,
        accessExpires: hoursLater(30),
        promotedTo: VALUE,
        webLink: kind === "LONG_TERM"
          ? "https://teleport.example.com/web/requests/1"
          : undefined,
        canReview: true,
        userId: "71",
        mentions: Array.from({ length: 14 }, (_, i) => `user:${70 + i}`),
        reviewerIds: new Map([[VALUE, "72"]]),
      })
    )
  );
}

function readablePartsOf(message: RenderedMessage): string[] {
  const { content, embeds = [], buttons } = message;
  return [
    content,
    ...embeds.flatMap(({ title = "", description = "" }) => [
      title,
      description,
    ]),
    ...buttons.map(({ label }) => label),
  ];
}

Deno.test(
  "what is said beside announcements is known again in every language",
  {
    permissions,
  },
  async (t) => {
    const all = Object.values(CATALOGUES);
    for (const announcement of all.flatMap(announcements)) {
      const { state, kind, texts } = announcement;
      const language = texts === EN ? "en" : "ko";
      await t.step(`${language} ${state} ${kind}`, () => {
        const others = all.map((texts) => ({ ...announcement, texts }));
        const reminder = renderReminder(announcement).content;
        assert.ok(isReminderOf(reminder, REQUEST_ID));
        const since = hoursLater(1);
        const call = renderEscalation(announcement, since).content;
        assert.ok(isEscalationOf(call, REQUEST_ID, since));
        assert.ok(!isEscalationOf(call, REQUEST_ID, hoursLater(2)));
        assert.ok(!isReminderOf(call, REQUEST_ID));
        for (const text of threadTexts(state)) {
          const { content } = renderThreadMessage(announcement, text);
          for (const other of others) {
            for (const each of threadTexts(state)) {
              const isSame = isThreadMessage(content, other, each);
              assert.equal(isSame, same(text, each), content);
            }
          }
        }
        if (state !== "APPROVED" || kind === "LONG_TERM") return;
        const end = renderBeforeEnd(announcement, undefined).content;
        assert.ok(isBeforeEndOf(end, REQUEST_ID, hoursLater(30)));
        assert.ok(!isBeforeEndOf(end, REQUEST_ID, hoursLater(31)));
      });
    }
  },
);

/** Each text of a thread, and one that is not about all reviews that were counted. */
function threadTexts(state: ShownState): ThreadText[] {
  return [
    { kind: "review", number: 1 },
    { kind: "review", number: 12 },
    { kind: "reviews", number: 12 },
    { kind: "reviews", number: 11 },
    ...(state === "PENDING" ? [] : [{ kind: "outcome", state } as const]),
  ];
}

function same(a: ThreadText, b: ThreadText): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}

/** Everything in Korean that a person can be shown. */
const KOREAN = [
  ...textsOf(KO).map(([, text]) => text),
  ...announcements(KO).flatMap((announcement) =>
    [
      renderMessage(announcement),
      renderMinimalMessage(announcement),
      renderNews(announcement, 0),
      renderReminder(announcement),
      renderEscalation(announcement, CREATED),
      ...threadTexts(announcement.state).map((text) =>
        renderThreadMessage(announcement, text)
      ),
      renderBeforeEnd({ ...announcement, accessEnded: true }, {
        roles: ["dev"],
        resources: [],
        unknownFields: [],
      }),
      renderMessage({ ...announcement, accessEnded: true }),
      renderMessage({ ...announcement, hidden: HIDEABLE_FIELDS }),
      renderRevealed({
        announcement,
        hidden: HIDEABLE_FIELDS,
        messageId: "900",
      }),
    ].flatMap(readablePartsOf)
  ),
  ...([
    { kind: "accepted", verdict: "deny", author: VALUE },
    { kind: "already reviewed", author: VALUE },
    { kind: "may not review", author: VALUE },
  ] as const).map((outcome) => renderOutcome(outcome, KO)),
];

/** Names that Koreans write so, too. */
const NAMES = /\b(?:Teleport|Discord|AWS|SSH|Windows)\b|^\*ID\*: \S+$/gm;

/** Code, links, timestamps and mentions. */
const MARKED = /```[^]*?```|``.*?``|`[^`]*`|<[^>]*>/g;

Deno.test("ko: no Latin letters outside code, IDs, mentions and names", {
  permissions,
}, () => {
  for (const text of KOREAN) {
    const left = text.replaceAll(MARKED, "").replaceAll(NAMES, "");
    assert.doesNotMatch(left, /\p{Script=Latin}/u, text);
  }
});

Deno.test("ko: no particle directly follows an inserted value", {
  permissions,
}, () => {
  const counters = ["일", "시간", "분", "건", "개"];
  for (const text of KOREAN) {
    const behind = text.replaceAll(/(?:\d+|☃+)(?=\p{Script=Hangul})/gu, VALUE)
      .matchAll(/(?:☃|[`>)])+(\p{Script=Hangul}+)/gu);
    for (const [, word = ""] of behind) {
      // Names of commands stand in the text itself, and are no values.
      if (text.includes("teleport-discord check` 명령")) continue;
      assert.ok(counters.includes(word), `${word} in ${text}`);
    }
  }
});

Deno.test("ko: sentences end politely, and alike", { permissions }, () => {
  for (const [path, text] of textsOf(KO)) {
    if (!path.startsWith("answers.") && !/^titles/.test(path)) continue;
    const sentences = text.replace(/Teleport 사용자: ☃$/, "")
      .split(/(?<=[.:])\s/).map((each) => each.trim()).filter(Boolean);
    for (const sentence of sentences) {
      assert.match(sentence, /(?:니다|십시오)(?:\(.*\))?[.:]$/, path);
    }
  }
});

Deno.test("news with other counts, another state or start are others", {
  permissions,
}, () => {
  const counts = { approvals: 1, denials: 0, promotions: 0 };
  const known = announce({
    texts: KO,
    state: "APPROVED",
    reviewCounts: counts,
    reviewsCount: 1,
    created: CREATED,
    accessStarts: hoursLater(2),
    accessExpires: hoursLater(8),
  });
  const { content } = renderNews(known, 0);
  const same = { ...known, texts: EN, cluster: "other", user: "" };
  assert.ok(isNews(content, same));
  // Discord trims a message; other releases may say more in it.
  const [title, id, ...rest] = content.split("\n");
  assert.ok(isNews([title, id, rest[0], "new", ...rest].join("\n"), same));
  assert.ok(!isNews(content, { ...same, requestId: "other" }));
  assert.ok(!isNews(content, { ...same, state: "PENDING" }));
  assert.ok(!isNews(content, { ...same, accessStarts: hoursLater(3) }));
  const more = { ...same, reviewsCount: 2 };
  assert.ok(
    !isNews(content, { ...more, reviewCounts: { ...counts, denials: 1 } }),
  );
  assert.ok(!isNews(content, { ...more, reviewCounts: undefined }));
  const none = { approvals: 0, denials: 0, promotions: 0 };
  assert.ok(
    !isNews(content, { ...same, reviewsCount: 0, reviewCounts: none }),
  );
});
