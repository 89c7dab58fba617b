import assert from "node:assert/strict";
import type { Announcement } from "../../src/message/announcement.ts";
import {
  isAnnouncementOf,
  renderMessage,
  renderMinimalMessage,
} from "../../src/message/announcement_message.ts";
import { EN } from "../../src/message/catalogue/en.ts";
import {
  isBeforeEndOf,
  renderBeforeEnd,
  renderNews,
  renderReminder,
} from "../../src/message/notice_message.ts";
import type {
  AccessRequest,
  AccessReview,
  ResourceConstraints,
} from "../../src/ports/access_request.ts";
import type { Embed } from "../../src/ports/rendered_message.ts";
import type { ShownState } from "../../src/record/plugin_data.ts";
import {
  accessRequest,
  announce,
  CREATED,
  hoursLater,
  REQUEST_ID as ID,
  review,
  SHOWN_STATES,
} from "../fakes/samples.ts";
import officialMessages from "../fixtures/official-messages.json" with {
  type: "json",
};

const permissions = "none";
const LINK = `https://teleport.example.com/web/requests/${ID}`;

Deno.test("a pending message with everything", { permissions }, () => {
  const message = renderMessage(announce({
    user: "alice_o",
    roles: ["ops", "dev"],
    loginsByRole: new Map([["dev", ["ubuntu", "dev"]]]),
    resources: ["node/web-2", "node/web-1"],
    kind: "LONG_TERM",
    reason: "fix `db`",
    reviews: [review({ reason: "fine" })],
    reviewCounts: { approvals: 1, denials: 0, promotions: 0 },
    reviewsCount: 1,
    created: CREATED,
    requestExpires: hoursLater(1),
    accessExpires: hoursLater(8),
    webLink: LINK,
  }));
  assert.deepEqual(message, {
    content: `You have a new Resource Request (long-term access):
*ID*: ${ID}
*Cluster*: example.com
*User*: alice\\_o
*Role*: \`dev\` *Login(s)*: \`dev, ubuntu\`
*Role*: \`ops\` *Login(s)*: \`-\`
*Resource(s)*: \`node/web-1,node/web-2\`
*Reason*: \`\`\`
fix \`\ufeffdb\`\ufeff\`\`\`
Request expires <t:1795384280:R>
*Link*: <${LINK}>
*Reviews*: ✅ 1 ❌ 0
*Status*: ⏳ PENDING`,
    embeds: [{
      title: "Approved request at Mon Nov  2 08:05:09 UTC 2026",
      color: 2328611,
      author: { name: "rita" },
      description: "Reason: ```\nfine```",
    }],
    buttons: [{ label: "Review in Teleport", url: LINK }],
  });
});

Deno.test("people who are known in Discord are mentioned", {
  permissions,
}, () => {
  const announcement = announce({
    userId: "71",
    mentions: ["role:72", "user:73"],
    reviews: [review({ reason: "fine" }), review(), review({ author: "rob" })],
    reviewerIds: new Map([["rita", "74"]]),
  });
  const { content, embeds, alerts } = renderMessage(announcement);
  assert.match(content, /^\*User\*: alice \(<@71>\)$/m);
  assert.match(content, /^\*Attention\*: <@&72> <@73>$/m);
  assert.deepEqual(embeds?.map(({ description }) => description), [
    "<@74>\nReason: ```\nfine```",
    "<@74>",
    undefined,
  ]);
  // Whoever asks or reviewed is named, and not alerted.
  assert.deepEqual(alerts, ["role:72", "user:73"]);
  const bare = renderMinimalMessage(announcement);
  assert.match(bare.content, /^\*Attention\*: <@&72> <@73>$/m);
  assert.deepEqual(bare.alerts, alerts);
});

Deno.test("of many mentions the first are shown, and only those alert", {
  permissions,
}, () => {
  const mentions = Array.from({ length: 14 }, (_, n) => `role:${n}`);
  const { content, alerts } = renderMessage(announce({ mentions }));
  assert.match(content, /^\*Attention\*: <@&0> .* <@&11> …and 2 more$/m);
  assert.deepEqual(alerts, mentions.slice(0, 12));
});

/** The lines that the official plugin does not have. */
const OWN_LINE = /^(\*Reviews\*|\*Access\*|Request expires) ?.*\n/gm;

Deno.test("the official messages, line by line", { permissions }, async (t) => {
  for (const official of officialMessages) {
    await t.step(official.what, () => {
      const data: Record<string, string | undefined> = official.data;
      const embeds: Embed[] | undefined = official.message.embeds;
      const reviews = (embeds ?? []).map((embed) =>
        review({
          author: embed.author?.name ?? "",
          reason: embed.description === undefined ? "" : "fine by `me` *now*",
          created: new Date(embed.title?.replace(/.* at /, "") ?? ""),
        })
      );
      const logins: Record<string, string[]> = JSON.parse(
        data.logins_by_role ?? "{}",
      );
      const message = renderMessage(announce({
        requestId: official.request,
        user: data.user ?? "",
        roles: (data.roles ?? "").split(","),
        loginsByRole: new Map(Object.entries(logins)),
        resources: JSON.parse(data.resources ?? "[]"),
        reason: data.request_reason ?? "",
        state: SHOWN_STATES.find((state) => state === data.resolution) ??
          "PENDING",
        resolveReason: data.resolve_reason ?? "",
        reviews,
        reviewCounts: {
          approvals: reviews.length,
          denials: 0,
          promotions: 0,
        },
        reviewsCount: reviews.length,
        created: CREATED,
        requestExpires: hoursLater(1),
        accessExpires: hoursLater(8),
      }));
      // The official plugin cuts at 400 bytes.
      const content = official.message.content
        .replace(/(승인)+승?(?=```)/, "승인".repeat(200));
      assert.equal(message.content.replace(OWN_LINE, ""), content);
      assert.deepEqual(message.embeds, embeds ?? []);
    });
  }
});

Deno.test("the status line and what belongs to a state", {
  permissions,
}, async (t) => {
  const status: Record<ShownState, string> = {
    PENDING: "*Status*: ⏳ PENDING",
    APPROVED: "*Status*: ✅ APPROVED",
    DENIED: "*Status*: ❌ DENIED",
    PROMOTED: "*Status*: ⏫ PROMOTED to access list `On call`",
    EXPIRED: "*Status*: ⌛ EXPIRED",
  };
  for (const state of SHOWN_STATES) {
    await t.step(state, () => {
      const { content, buttons } = renderMessage(announce({
        state,
        promotedTo: "On call",
        created: CREATED,
        requestExpires: hoursLater(1),
        accessExpires: hoursLater(8),
        webLink: LINK,
      }));
      const pending = state === "PENDING";
      const granted = pending || state === "APPROVED";
      assert.equal(content.split("\n").at(-1), status[state]);
      assert.equal(content.includes("Request expires <t:"), pending);
      assert.equal(content.includes("*Access*: 8h, ends <t:"), granted);
      assert.ok(content.includes(`\n*Link*: <${LINK}>\n`));
      assert.equal(buttons.length, pending ? 1 : 0);
    });
  }
  const plain = renderMessage(announce({ state: "PROMOTED" })).content;
  assert.ok(plain.endsWith("\n*Status*: ⏫ PROMOTED"));
});

Deno.test("titles follow kind and resources", { permissions }, async (t) => {
  const rows = [
    ["UNDEFINED", 0, "roles"],
    ["UNDEFINED", 1, "roles"],
    ["SHORT_TERM", 0, "roles"],
    ["SHORT_TERM", 1, "resources"],
    ["LONG_TERM", 0, "roles"],
    ["LONG_TERM", 1, "longTerm"],
  ] as const;
  for (const [kind, count, title] of rows) {
    await t.step(`${kind}, ${count} resources`, () => {
      const resources = Array<string>(count).fill("node/a");
      const { content } = renderMessage(announce({ kind, resources }));
      assert.equal(content.split("\n")[0], EN.titles.announcement[title]);
    });
  }
});

Deno.test("a host that Discord takes for none gets a link, but no button", {
  permissions,
}, () => {
  const webLink = `https://teleport:3080/web/requests/${ID}`;
  const message = renderMessage(announce({ webLink, canReview: true }));
  assert.ok(message.content.includes(`\n*Link*: <${webLink}>\n`));
  assert.deepEqual(message.buttons.map(({ label }) => label), [
    "Approve",
    "Deny",
  ]);
});

Deno.test(
  "no rendering of a long-term request names an end of access, or a command that approves",
  {
    permissions,
  },
  () => {
    for (const state of SHOWN_STATES) {
      for (const webLink of [undefined, LINK]) {
        for (const resources of [[], ["node/a"]]) {
          const announcement = announce({
            kind: "LONG_TERM",
            state,
            resources,
            webLink,
            canReview: true,
            created: CREATED,
            requestExpires: hoursLater(1),
            accessExpires: hoursLater(8),
          });
          for (
            const message of [
              renderMessage(announcement),
              renderMinimalMessage(announcement),
              renderNews(announcement, 0),
              renderReminder(announcement),
            ]
          ) {
            const said = JSON.stringify(message);
            assert.doesNotMatch(said, /Access\*|--approve/);
          }
          const deny = renderMinimalMessage(announcement).content.includes(
            "--deny",
          );
          assert.equal(deny, state === "PENDING");
        }
      }
    }
  },
);

Deno.test("the line that counts reviews", { permissions }, async (t) => {
  const counts = (approvals: number, denials: number, promotions: number) => ({
    approvals,
    denials,
    promotions,
  });
  const rows: [Announcement["reviewCounts"], number, string | undefined][] = [
    [counts(0, 0, 0), 0, undefined],
    [counts(1, 0, 0), 1, "*Reviews*: ✅ 1 ❌ 0"],
    [counts(2, 1, 0), 3, "*Reviews*: ✅ 2 ❌ 1"],
    [counts(0, 0, 1), 1, "*Reviews*: ✅ 0 ❌ 0 ⏫ 1"],
    [counts(0, 0, 0), 1, "*Reviews*: 1"],
    [counts(1, 0, 0), 2, "*Reviews*: 2"],
    [undefined, 2, "*Reviews*: 2"],
    [undefined, 0, undefined],
  ];
  for (const [reviewCounts, reviewsCount, expected] of rows) {
    await t.step(String(expected), () => {
      const { content } = renderMessage(
        announce({ reviewCounts, reviewsCount }),
      );
      assert.equal(content.match(/^\*Reviews\*.*$/m)?.[0], expected);
    });
  }
});

Deno.test("how long access lasts", { permissions }, async (t) => {
  const rows: [number, string][] = [
    [8, "*Access*: 8h, ends"],
    [1.5, "*Access*: 1h30m, ends"],
    [36, "*Access*: 1d12h, ends"],
    [168, "*Access*: 7d, ends"],
    [0.001, "*Access*: ends"],
    [-1, "*Access*: ends"],
  ];
  for (const [hours, expected] of rows) {
    await t.step(`${hours} h`, () => {
      const { content } = renderMessage(
        announce({ created: CREATED, accessExpires: hoursLater(hours) }),
      );
      assert.equal(content.match(/^\*Access\*.*ends/m)?.[0], expected);
    });
  }
  const goZero = new Date("0001-01-01T00:00:00Z");
  for (const time of [goZero, new Date(NaN), undefined]) {
    const fields = {
      requestExpires: time,
      accessStarts: time,
      accessExpires: time,
    };
    const { content } = renderMessage(announce(fields));
    assert.ok(!content.includes("<t:"));
  }
});

Deno.test("access that begins later lasts from then on", {
  permissions,
}, () => {
  const accessOf = (fields: Partial<Announcement>) =>
    renderMessage(announce({
      created: CREATED,
      accessStarts: hoursLater(20),
      accessExpires: hoursLater(24),
      ...fields,
    })).content.match(/^\*Access\*.*$/m)?.[0];
  assert.equal(
    accessOf({}),
    "*Access*: 4h, starts <t:1795452680:F>, ends <t:1795467080:F>",
  );
  assert.equal(accessOf({ state: "APPROVED" }), accessOf({}));
  assert.equal(accessOf({ state: "DENIED" }), undefined);
  assert.equal(
    accessOf({ accessExpires: undefined }),
    "*Access*: starts <t:1795452680:F>",
  );
  // It ends before it begins.
  assert.equal(
    accessOf({ accessStarts: hoursLater(25) }),
    "*Access*: starts <t:1795470680:F>, ends <t:1795467080:F>",
  );
});

Deno.test("a review that asks for another start says so", {
  permissions,
}, () => {
  const describe = (fields: Partial<AccessReview>, id?: string) =>
    renderMessage(announce({
      reviews: [review({ proposedStart: hoursLater(2), ...fields })],
      reviewerIds: new Map(id === undefined ? [] : [["rita", id]]),
    })).embeds?.[0]?.description;
  assert.equal(describe({}), "Start: <t:1795387880:F>");
  assert.equal(
    describe({ reason: "later" }, "7"),
    "<@7>\nStart: <t:1795387880:F>\nReason: ```\nlater```",
  );
});

Deno.test("a resource stands with what the access to it is narrowed to", {
  permissions,
}, () => {
  const resources = ["node/web-1", "app/aws", "desktop/d", "db/x", "node/a"];
  const constraints = new Map<number, ResourceConstraints>([
    [0, { kind: "ssh", values: ["root", "ubuntu"] }],
    [1, { kind: "aws_console", values: ["arn:aws:iam::1:role/Admin"] }],
    [2, { kind: "windows_desktop", values: ["Administrator"] }],
    [3, { kind: "unknown", values: [] }],
  ]);
  const { content } = renderMessage(announce({ resources, constraints }));
  assert.equal(
    content.match(/^\*Resource.*$/m)?.[0],
    "*Resource(s)*: `app/aws (AWS roles: arn:aws:iam::1:role/Admin)," +
      "db/x (with constraints that this version cannot show)," +
      "desktop/d (Windows logins: Administrator),node/a," +
      "node/web-1 (SSH logins: root, ubuntu)`",
  );
});

Deno.test("what cannot be shown is not to be approved here", {
  permissions,
}, () => {
  const render = (fields: Partial<Announcement> = {}) =>
    renderMessage(
      announce({ canReview: true, hasHiddenParts: true, ...fields }),
    );
  const { content, buttons } = render();
  assert.match(content, /^⚠️ This request has parts that .* cannot show/m);
  assert.match(
    content,
    new RegExp(`^\\*Show\\*: .tsh request show ${ID}.$`, "m"),
  );
  assert.doesNotMatch(content, /--approve/);
  assert.deepEqual(buttons, [
    { label: "Deny", customId: `deny:${ID}`, style: "danger" },
  ]);
  assert.doesNotMatch(render({ state: "APPROVED" }).content, /⚠️/);
  const minimal =
    renderMinimalMessage(announce({ hasHiddenParts: true })).content;
  assert.match(minimal, /⚠️ This request has parts/);
  assert.doesNotMatch(minimal, /--approve/);
});

Deno.test("reviews beyond ten are counted in one embed", {
  permissions,
}, () => {
  const reviews = Array.from({ length: 12 }, (_, n) =>
    review({
      author: `r${n}`,
      proposedState: n === 0 ? "DENIED" : "APPROVED",
    }));
  const ten = renderMessage(announce({ reviews: reviews.slice(0, 10) })).embeds;
  assert.equal(ten?.length, 10);
  assert.equal(ten?.[0]?.author?.name, "r0");
  const embeds = renderMessage(announce({ reviews })).embeds ?? [];
  assert.equal(embeds.length, 10);
  assert.deepEqual(embeds[0], {
    title: "3 earlier reviews",
    description: "✅ 2 ❌ 1",
  });
  assert.equal(embeds[1]?.author?.name, "r3");
  assert.equal(embeds[9]?.author?.name, "r11");
});

Deno.test("embeds of every verdict", { permissions }, () => {
  const created = new Date(NaN);
  const render = (fields: Partial<AccessReview>) =>
    renderMessage(announce({ reviews: [review({ created, ...fields })] }))
      .embeds?.[0];
  assert.deepEqual(render({ proposedState: "DENIED", reason: " " }), {
    title: "Denied request",
    color: 13771309,
    author: { name: "rita" },
    description: "Reason: (empty)",
  });
  assert.equal(
    render({ proposedState: "PROMOTED" })?.title,
    "Promoted request",
  );
  assert.deepEqual(render({ proposedState: "UNKNOWN", author: "\u200b" }), {
    title: "Reviewed request",
  });
  assert.equal(
    renderMessage(announce({ reviews: undefined })).embeds,
    undefined,
  );
});

Deno.test(
  "where nobody can review, the commands are those of an administrator",
  {
    permissions,
  },
  () => {
    const { content } = renderMessage(announce({ takesReviews: false }));
    assert.ok(content.includes(`*Approve*: \`tctl requests approve ${ID}\``));
    assert.ok(content.includes(`*Deny*: \`tctl requests deny ${ID}\``));
    assert.ok(!content.includes("tsh"));
    const longTerm = { takesReviews: false, kind: "LONG_TERM" } as const;
    assert.ok(!renderMessage(announce(longTerm)).content.includes("approve"));
  },
);

Deno.test("a link that Discord refuses gives way to the commands", {
  permissions,
}, () => {
  for (const webLink of ["javascript:alert(1)", LINK.padEnd(513, "x")]) {
    const { content, buttons } = renderMessage(announce({ webLink }));
    assert.ok(!content.includes("*Link*"));
    assert.ok(content.includes(`\`tsh request review --deny ${ID}\``));
    assert.deepEqual(buttons, []);
  }
  const requestId = "x; rm -rf ~";
  assert.ok(!renderMessage(announce({ requestId })).content.includes("tsh"));
});

Deno.test("a long message loses logins, then resources, then roles", {
  permissions,
}, () => {
  const names = (kind: string, count: number) =>
    Array.from({ length: count }, (_, n) => `${kind}-${n}-${"x".repeat(30)}`);
  const logins = names("login", 40);
  const long = (roleCount: number, webLink?: string) => {
    const roles = names("role", roleCount);
    return renderMessage(announce({
      roles,
      loginsByRole: new Map(roles.map((role) => [role, logins])),
      resources: names("resource", 300),
      reason: "r".repeat(400),
      resolveReason: "s".repeat(400),
      state: "DENIED",
      webLink,
    })).content;
  };
  assert.match(long(2), /^\*Role\*: `role-0-x+` \*Login.*` …and 38 more$/m);
  const content = long(300, LINK.padEnd(400, "x"));
  assert.match(content, /^\*Role\(s\)\*: `role-0-.*` …and 29\d more$/m);
  assert.match(content, /^\*Resource\(s\)\*: `resource-0-.*` …and 29\d more$/m);
  const lengthOf = (line: RegExp) => content.match(line)?.[0].length ?? 0;
  assert.ok(lengthOf(/^\*Role.*$/m) > lengthOf(/^\*Resource.*$/m) + 50);
  assert.ok(content.includes("r".repeat(400) + "```\n"));
  assert.ok(content.endsWith("s".repeat(400) + "```"));
});

Deno.test("a pending request can be reviewed by buttons beside the link", {
  permissions,
}, () => {
  const buttonsOf = (fields: Partial<Announcement>) =>
    renderMessage(announce({ canReview: true, webLink: LINK, ...fields }))
      .buttons;
  const link = { label: "Review in Teleport", url: LINK };
  const review = [
    { label: "Approve", customId: `approve:${ID}`, style: "success" },
    { label: "Deny", customId: `deny:${ID}`, style: "danger" },
  ];
  assert.deepEqual(buttonsOf({}), [...review, link]);
  assert.deepEqual(buttonsOf({ webLink: undefined }), review);
  assert.deepEqual(buttonsOf({ canReview: false }), [link]);
  assert.deepEqual(buttonsOf({ requestId: "a:b" }), [link]);
  for (const state of ["APPROVED", "DENIED", "PROMOTED", "EXPIRED"] as const) {
    assert.deepEqual(buttonsOf({ state }), []);
  }
  assert.deepEqual(
    renderMinimalMessage(announce({ canReview: true })).buttons,
    [],
  );
});

Deno.test("a minimal message shows nothing that a person typed", {
  permissions,
}, () => {
  const notice = renderMinimalMessage(announce({
    cluster: "typed",
    user: "typed",
    roles: ["typed"],
    loginsByRole: new Map([["typed", ["typed"]]]),
    resources: ["typed"],
    reason: "typed",
    resolveReason: "typed",
    reviews: [review({ author: "typed", reason: "typed" })],
    reviewCounts: { approvals: 0, denials: 1, promotions: 0 },
    reviewsCount: 1,
    promotedTo: "typed",
    webLink: "https://typed.example/",
    requestExpires: hoursLater(1),
  }));
  assert.deepEqual(notice, {
    content: `You have a new Role Request:
*ID*: ${ID}
Request expires <t:1795384280:R>
*Approve*: \`tsh request review --approve ${ID}\`
*Deny*: \`tsh request review --deny ${ID}\`
*Reviews*: ✅ 0 ❌ 1
*Status*: ⏳ PENDING`,
    embeds: [],
    buttons: [],
  });
});

Deno.test("isAnnouncementOf() wants a title and the whole ID", {
  permissions,
}, () => {
  const { content } = renderMessage(announce());
  assert.ok(isAnnouncementOf(content, ID));
  assert.ok(!isAnnouncementOf(content, ID.slice(0, -1)));
  assert.ok(!isAnnouncementOf(content, `${ID}0`));
  assert.ok(!isAnnouncementOf(`Reminder\n${content}`, ID));
  // Until now the link was a bare one, as that of the official plugin is.
  const { content: linked } = renderMessage(announce({ webLink: LINK }));
  const bare = linked.replace(`<${LINK}>`, LINK);
  assert.notEqual(bare, linked);
  assert.ok(isAnnouncementOf(linked, ID));
  assert.ok(isAnnouncementOf(bare, ID));
  assert.ok(!isAnnouncementOf("", ID));
  for (const official of officialMessages) {
    assert.ok(isAnnouncementOf(official.message.content, official.request));
  }
});

Deno.test("what is said once access is over", { permissions }, () => {
  const over = announce({
    state: "APPROVED",
    created: CREATED,
    accessExpires: hoursLater(8),
    accessEnded: true,
  });
  const lines = renderMessage(over).content.split("\n");
  assert.ok(lines.includes("*Access*: 8h, ended <t:1795409480:R>"));
  assert.equal(lines.at(-1), "*Status*: ✅ APPROVED, access has ended");
  const [, ...bare] = renderMinimalMessage(over).content.split("\n");
  assert.deepEqual(bare.slice(-2), [
    "*Access*: 8h, ended <t:1795409480:R>",
    "*Status*: ✅ APPROVED, access has ended",
  ]);
});

Deno.test("the command that asks again", { permissions }, async (t) => {
  const resource = {
    cluster: "example.com",
    kind: "node",
    name: "3b1f",
    subResource: "",
  };
  const pod = { ...resource, kind: "pod", name: "k8s", subResource: "ns/web" };
  const rows: [string, Partial<AccessRequest>, string | undefined][] = [
    ["roles", { roles: ["dev", "prod-root"] }, "--roles=dev,prod-root"],
    [
      "resources, whose roles Teleport finds again",
      { roles: ["dev"], resources: [resource, pod] },
      "--resource=/example.com/node/3b1f --resource=/example.com/pod/k8s/ns/web",
    ],
    ["a role with a blank", { roles: ["dev", "prod root"] }, undefined],
    ["a role that a shell expands", { roles: ["$(id)"] }, undefined],
    ["a role that ends the code", { roles: ["`x`"] }, undefined],
    ["a role with a comma", { roles: ["a,b"] }, undefined],
    ["nothing", { roles: [] }, undefined],
    [
      "a resource that is narrowed",
      {
        resources: [
          { ...resource, constraints: { kind: "ssh", values: ["root"] } },
        ],
      },
      undefined,
    ],
    ["parts unknown", { unknownFields: ["X.1"] }, undefined],
    ["too many", { roles: Array(200).fill("role-name") }, undefined],
  ];
  for (const [what, fields, flags] of rows) {
    await t.step(what, () => {
      const request = accessRequest({ state: "APPROVED", ...fields });
      const shown = announce({
        state: "APPROVED",
        created: CREATED,
        accessExpires: hoursLater(8),
      });
      const { content } = renderBeforeEnd(shown, request);
      assert.equal(
        content,
        [
          "Your access ends soon:",
          `*ID*: ${ID}`,
          "*Cluster*: example.com",
          "*Access*: 8h, ends <t:1795409480:R>",
          ...(flags === undefined
            ? []
            : [`*Ask again*: \`tsh request create ${flags}\``]),
        ].join("\n"),
      );
      assert.ok(isBeforeEndOf(content, ID, hoursLater(8)));
      assert.ok(!isBeforeEndOf(content, ID, hoursLater(9)));
      assert.ok(!isBeforeEndOf(content, "other", hoursLater(8)));
    });
  }
});
