import assert from "node:assert/strict";
import { judgeMonitoringRules } from "../../../src/check/judge/judge_monitoring_rules.ts";
import {
  judgeMention,
  judgeUsers,
  type UserFacts,
} from "../../../src/check/judge/judge_people.ts";
import {
  judgeRecipient,
  judgeThreads,
} from "../../../src/check/judge/judge_recipients.ts";
import type { Channel } from "../../../src/discord/inspector.ts";
import {
  PERMISSION_BITS,
  type PermissionName,
} from "../../../src/discord/permissions.ts";
import { prepareRule } from "../../../src/route/routing_rule.ts";
import { monitoringRule } from "../../fakes/samples.ts";

const ID = "1100000000000000001";

const CHANNEL: Channel = {
  type: 0,
  name: "ops",
  guildId: "1",
  parentId: undefined,
  overwrites: [],
  isArchived: false,
  isLocked: false,
  forum: undefined,
};

/** A forum with tags; those in parentheses are for moderators. */
function forum(requiresTag: boolean, ...names: readonly string[]): Channel {
  const tags = names.map((name, i) => ({
    id: String(i + 1),
    name: name.replace(/^\((.*)\)$/, "$1"),
    isModerated: name.startsWith("("),
  }));
  const forum = { id: ID, guildId: "1", tags, requiresTag };
  return { ...CHANNEL, type: 15, forum };
}

const POSTS = ["View Channel", "Send Messages"] as const;
const READS = ["Embed Links", "Read Message History"] as const;

/** A channel of a kind in which the bot has permissions, and what is said of it. */
const CHANNELS: readonly (readonly [
  Partial<Channel>,
  readonly PermissionName[],
  string,
])[] = [
  [{}, [...POSTS, ...READS], "ok: the bot may post, embed links and read"],
  [{}, [], "failed: the bot lacks View Channel and Send Messages"],
  [{}, ["View Channel", ...READS], "failed: the bot lacks Send Messages"],
  [{}, [...POSTS, "Embed Links"], "warning: the bot lacks Read Message"],
  [{}, POSTS, "warning: the bot lacks Embed Links: who reviewed, and why, is"],
  [{ type: 5 }, [...POSTS, ...READS], "ok: "],
  [
    { type: 2 },
    [...POSTS, ...READS],
    "failed: the bot lacks Connect: nothing can",
  ],
  [{ type: 2 }, [...POSTS, ...READS, "Connect"], "ok: "],
  [
    { type: 11 },
    [...POSTS, ...READS],
    "failed: the bot lacks Send Messages in Threads",
  ],
  [
    { type: 11, isArchived: true },
    ["View Channel", "Send Messages in Threads", ...READS],
    "ok: ",
  ],
  [
    { type: 12, isLocked: true },
    ["View Channel", "Send Messages in Threads", ...READS],
    "failed: the thread is locked",
  ],
  [
    { type: 12, isLocked: true },
    ["View Channel", "Send Messages in Threads", "Manage Threads", ...READS],
    "ok: ",
  ],
  [{ type: 1 }, [], "ok: is a conversation with one user"],
  [{ type: 3 }, [], "failed: is a group of users, which bots cannot join"],
  [{ type: 4 }, [], "failed: is a category of channels"],
  [{ type: 14 }, [], "failed: is a directory of servers"],
  [
    forum(false),
    [...POSTS, ...READS, "Send Messages in Threads"],
    "ok: the bot may make posts, write in them, embed links and read",
  ],
  [forum(false), ["View Channel", ...READS], "failed: the bot lacks Send Mess"],
  [
    forum(false),
    [...POSTS, ...READS],
    "warning: the bot lacks Send Messages in Threads: reviews, outcomes",
  ],
  [
    forum(true, "urgent"),
    [...POSTS, ...READS, "Send Messages in Threads"],
    "failed: the forum demands a tag of each post, and has none",
  ],
  [
    forum(true, "대기 중"),
    [...POSTS, ...READS, "Send Messages in Threads"],
    "ok: ",
  ],
  [
    forum(true, "(Pending)"),
    [...POSTS, ...READS, "Send Messages in Threads"],
    "failed: the forum demands a tag of each post, and has none",
  ],
  [
    forum(false, "pending", "(approved)", "(urgent)"),
    [...POSTS, ...READS, "Send Messages in Threads"],
    'warning: only moderators may set "approved", and the bot lacks Manage',
  ],
  [
    forum(true, "(pending)"),
    [...POSTS, ...READS, "Send Messages in Threads", "Manage Threads"],
    "ok: ",
  ],
  [{ type: 99 }, POSTS, "failed: is of a kind that is not known"],
];

for (const [channel, names, expected] of CHANNELS) {
  Deno.test({
    name: `recipients: ${JSON.stringify(channel)} with ${
      names.join(", ")
    }: ${expected}`,
    permissions: "none",
    fn() {
      const bits = names.reduce((sum, name) => sum | PERMISSION_BITS[name], 0n);
      const { status, detail } = judgeRecipient(ID, ['"*"'], {
        kind: "channel",
        channel: { ...CHANNEL, ...channel },
        guildName: "Example",
        bits,
        silencedUntil: undefined,
      });
      assert.ok(`${status}: ${detail}`.startsWith(expected), detail);
    },
  });
}

Deno.test({
  name:
    "a name that tries to look like something else is quoted or made harmless",
  permissions: "none",
  fn() {
    const { subject } = judgeRecipient(ID, [], {
      kind: "channel",
      channel: CHANNEL,
      guildName: 'Ex"\nample',
      bits: 0n,
      silencedUntil: undefined,
    });
    assert.equal(subject, `recipient #ops in "Ex\\"\\nample" (${ID})`);
  },
});

const THREADS: readonly (readonly [
  Partial<Channel>,
  readonly PermissionName[],
  string,
])[] = [
  [
    {},
    ["Create Public Threads", "Send Messages in Threads"],
    "ok: the bot may make threads and write in them",
  ],
  [
    { type: 5 },
    ["Send Messages in Threads"],
    "warning: the bot lacks Create Public Threads: requests get no thread",
  ],
  [{}, [], "warning: the bot lacks Create Public Threads and Send Messages in"],
  [{ type: 1 }, [], "skipped: there are none: only text"],
  [{ type: 2 }, [], "skipped: there are none: only text"],
  [{ type: 11 }, [], "skipped: there are none: only text"],
  [forum(false), [], "skipped: each post of a forum is a thread already"],
];

for (const [channel, names, expected] of THREADS) {
  Deno.test({
    name: `threads: ${JSON.stringify(channel)} with ${
      names.join(", ")
    }: ${expected}`,
    permissions: "none",
    fn() {
      const [finding] = judgeThreads(ID, {
        kind: "channel",
        channel: { ...CHANNEL, ...channel },
        guildName: "Example",
        bits: names.reduce((sum, name) => sum | PERMISSION_BITS[name], 0n),
        silencedUntil: undefined,
      });
      const said = `${finding?.status}: ${finding?.detail}`;
      assert.ok(said.startsWith(expected), said);
    },
  });
}

const alice = (isBot = false): UserFacts => ({
  kind: "user",
  user: { username: "alice", isBot },
});
const silent: UserFacts = { kind: "unanswered", detail: "no answer" };
const role = (mentionable: boolean) => ({
  id: "9",
  name: "duty",
  permissions: 0n,
  mentionable,
});

const MENTIONS: readonly (readonly [
  Parameters<typeof judgeMention>[1],
  string,
])[] = [
  [
    { kind: "role", role: role(true), closedChannels: ["#a"] },
    "ok: its members are pinged",
  ],
  [
    { kind: "role", role: role(false), closedChannels: [] },
    "ok: its members are pinged",
  ],
  [
    { kind: "role", role: role(false), closedChannels: ["#a", "#b"] },
    "failed: nobody is pinged: not everybody may mention it, and the bot lacks Mention Everyone in #a, #b",
  ],
  [
    { kind: "role", role: undefined, closedChannels: [] },
    "failed: no server of the recipients has such a role",
  ],
  [{ kind: "user", user: alice(), isMember: true }, "ok: is pinged"],
  [{ kind: "user", user: alice(), isMember: undefined }, "ok: is pinged"],
  [
    { kind: "user", user: alice(), isMember: false },
    "failed: is in no server of the recipients, and so is not pinged",
  ],
  [
    { kind: "user", user: { kind: "none" }, isMember: false },
    "failed: Discord knows no such user",
  ],
  [
    { kind: "user", user: silent, isMember: undefined },
    "unanswered: no answer",
  ],
  [
    { kind: "unknown" },
    "skipped: skipped because no server of a recipient could be looked at",
  ],
];

for (const [facts, expected] of MENTIONS) {
  Deno.test({
    name: `mentions: ${facts.kind}: ${expected}`,
    permissions: "none",
    fn() {
      const { status, detail } = judgeMention("role:9", facts);
      assert.equal(`${status}: ${detail}`, expected);
    },
  });
}

Deno.test({
  name: "judgeUsers() gives a line each for what is wrong, one for the rest",
  permissions: "none",
  fn() {
    const users = [
      { name: "alice", id: "7", facts: alice() },
      { name: "robot", id: "8", facts: alice(true) },
      { name: "bob", id: "9", facts: { kind: "none" } },
      { name: "eve", id: "10", facts: silent },
    ] as const;
    assert.deepEqual(
      judgeUsers(users, 6).map(({ status, subject, detail }) =>
        `${status}: ${subject}: ${detail}`
      ),
      [
        "ok: [users]: 1 of 4 are users of Discord; 2 were not looked at",
        'failed: user "robot", 8: is a bot',
        'failed: user "bob", 9: Discord knows no such user',
        'unanswered: user "eve", 10: no answer',
      ],
    );
    assert.deepEqual(judgeUsers([], 0), []);
  },
});

Deno.test({
  name: "a monitoring rule with invalid recipients alone is told of once",
  permissions: "none",
  fn() {
    const prepared = {
      rule: undefined,
      flaw: "condition: at 3: expected )",
      warnings: [],
      invalidRecipients: ["ops"],
    };
    const found = judgeMonitoringRules(
      [{ ...prepared, name: "prod" }],
      "18.2.8",
      new Map([["node", true]]),
    )
      .map(({ status, detail }) => `${status}: ${detail}`);
    assert.deepEqual(found, [
      "failed: it is not applied: condition: at 3: expected )",
      'failed: expected a channel ID or "user:" and a user ID, found "ops"; it is left out',
    ]);
  },
});

Deno.test("a rule that asks for labels needs resources to be seen", () => {
  const warningsOf = (condition: string, seen: Record<string, boolean>) => {
    const rule = monitoringRule({ condition });
    const prepared = prepareRule(rule);
    return judgeMonitoringRules(
      [prepared],
      "18.2.8",
      new Map(Object.entries(seen)),
    )
      .filter(({ status }) => status === "warning").length;
  };
  const labels =
    'access_request.spec.resource_labels_union["env"].contains("prod")';
  assert.equal(warningsOf(labels, { node: false, app: false }), 1);
  assert.equal(warningsOf(labels, { node: false, app: true }), 0);
  assert.equal(warningsOf("true", { node: false }), 0);
});
