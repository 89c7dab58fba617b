import assert from "node:assert/strict";
import fc from "fast-check";
import {
  type Guild,
  type GuildMember,
  holds,
  type Overwrite,
  PERMISSION_BITS,
  type PermissionName,
  permissionsIn,
} from "../../src/discord/permissions.ts";
import { BITS, mayIn } from "../fakes/discord_guilds.ts";

const GUILD_ID = "1";
const BOT = "900";
const NOW = new Date("2026-03-02T09:00:00Z");

const VIEW = PERMISSION_BITS["View Channel"];
const SEND = PERMISSION_BITS["Send Messages"];
const EMBED = PERMISSION_BITS["Embed Links"];
const HISTORY = PERMISSION_BITS["Read Message History"];
const IN_THREADS = PERMISSION_BITS["Send Messages in Threads"];
const ADMINISTRATOR = 8n;

const [TEXT, VOICE, THREAD] = [0, 2, 11];

/** What a case is about: permissions of roles, overwrites, and who the bot is. */
interface Case {
  readonly everyone?: bigint;
  readonly role?: bigint;
  readonly overwrites?: readonly Overwrite[];
  readonly roleIds?: readonly string[];
  readonly isOwner?: boolean;
  readonly silencedUntil?: Date;
  /** Type of the channel: a text channel if it is not given; a thread hangs from one. */
  readonly type?: number;
}

function compute(
  { everyone = 0n, role = 0n, overwrites = [], ...rest }: Case,
): PermissionName[] {
  const { roleIds = ["20"], isOwner = false, silencedUntil, type = TEXT } =
    rest;
  const guild: Guild = {
    id: GUILD_ID,
    name: "Example",
    ownerId: isOwner ? BOT : "2",
    roles: [
      { id: GUILD_ID, name: "@everyone", permissions: everyone },
      { id: "20", name: "bots", permissions: role },
      { id: "21", name: "others", permissions: ADMINISTRATOR },
    ].map((each) => ({ ...each, mentionable: false })),
    demandsSecondFactor: true,
  };
  const member: GuildMember = { userId: BOT, roleIds, silencedUntil };
  const parent = { type: type === THREAD ? TEXT : type, overwrites };
  const bits = permissionsIn({ type }, parent, guild, member, NOW);
  const names = Object.keys(PERMISSION_BITS) as PermissionName[];
  return names.filter((name) => holds(bits, name));
}

const change = (
  id: string,
  change: { allow?: bigint; deny?: bigint },
  kind: Overwrite["kind"] = "role",
): Overwrite => ({ kind, id, allow: 0n, deny: 0n, ...change });

const ALL = Object.keys(PERMISSION_BITS);
const inTimeOut = new Date("2026-03-02T09:00:01Z");
const afterTimeOut = new Date("2026-03-02T08:59:59Z");

const CASES: Readonly<Record<string, readonly [Case, readonly string[]]>> = {
  "nothing is given": [{}, []],
  "everybody's and the role's count together": [
    { everyone: VIEW, role: SEND },
    ["View Channel", "Send Messages"],
  ],
  "a role that the member lacks does not count": [
    { everyone: VIEW, role: SEND, roleIds: [] },
    ["View Channel"],
  ],
  "the owner may do everything": [{ isOwner: true }, ALL],
  "an administrator may do everything, whatever a channel denies": [
    { role: ADMINISTRATOR, overwrites: [change(GUILD_ID, { deny: VIEW })] },
    ALL,
  ],
  "without View Channel nothing is left": [
    { everyone: SEND | EMBED | HISTORY },
    [],
  ],
  "without Send Messages there are no embeds": [
    { everyone: VIEW | EMBED | HISTORY },
    ["View Channel", "Read Message History"],
  ],
  "a channel hides itself from everybody": [
    { everyone: VIEW | SEND, overwrites: [change(GUILD_ID, { deny: VIEW })] },
    [],
  ],
  "a private channel lets the role in": [
    {
      everyone: VIEW | SEND,
      overwrites: [
        change("20", { allow: VIEW }),
        change(GUILD_ID, { deny: VIEW }),
      ],
    },
    ["View Channel", "Send Messages"],
  ],
  "of two roles, the one that allows counts": [
    {
      everyone: VIEW | SEND,
      roleIds: ["20", "22"],
      overwrites: [
        change("22", { allow: SEND }),
        change("20", { deny: SEND }),
      ],
    },
    ["View Channel", "Send Messages"],
  ],
  "the member's own overwrite comes last": [
    {
      everyone: VIEW | SEND,
      overwrites: [
        change(BOT, { deny: SEND }, "member"),
        change("20", { allow: SEND }),
      ],
    },
    ["View Channel"],
  ],
  "an overwrite of somebody else means nothing": [
    {
      everyone: VIEW | SEND,
      overwrites: [change("901", { deny: SEND }, "member")],
    },
    ["View Channel", "Send Messages"],
  ],
  "a role with the ID of the member is not the member": [
    { everyone: VIEW | SEND, overwrites: [change(BOT, { deny: SEND })] },
    ["View Channel", "Send Messages"],
  ],
  "in a thread, another permission lets one send": [
    { everyone: VIEW | IN_THREADS | EMBED, type: THREAD },
    ["View Channel", "Embed Links", "Send Messages in Threads"],
  ],
  "in a thread, Send Messages does not count": [
    { everyone: VIEW | SEND | EMBED, type: THREAD },
    ["View Channel", "Send Messages"],
  ],
  "a voice channel is closed to who may not connect": [
    { everyone: VIEW | SEND, type: VOICE },
    ["View Channel"],
  ],
  "a time-out leaves reading": [
    { everyone: VIEW | SEND | HISTORY, silencedUntil: inTimeOut },
    ["View Channel", "Read Message History"],
  ],
  "a time-out ends": [
    { everyone: VIEW | SEND, silencedUntil: afterTimeOut },
    ["View Channel", "Send Messages"],
  ],
  "a time-out does not hold an administrator": [
    { role: ADMINISTRATOR, silencedUntil: inTimeOut },
    ALL,
  ],
};

for (const [name, [given, expected]] of Object.entries(CASES)) {
  Deno.test({
    name: `permissions: ${name}`,
    permissions: "none",
    fn: () => assert.deepEqual(compute(given), expected),
  });
}

Deno.test({
  name: "permissions: the plugin and the stand-in agree",
  permissions: "none",
  fn() {
    const bit = fc.constantFrom(VIEW, SEND, EMBED, HISTORY, ADMINISTRATOR);
    const bits = fc.array(bit).map((all) => all.reduce((a, b) => a | b, 0n));
    // Discord stores no bit as both allowed and denied, and one overwrite for each target.
    const overwrite = fc.record({
      target: fc.constantFrom("role 1", "role 20", "role 21", `member ${BOT}`),
      allow: bits,
      deny: bits,
    }).map(({ target, allow, deny }) => {
      const [kind = "", id = ""] = target.split(" ");
      return { type: kind === "role" ? 0 : 1, id, allow, deny: deny & ~allow };
    });
    const overwrites = fc.uniqueArray(overwrite, {
      selector: ({ type, id }) => `${type} ${id}`,
    });
    const roles = fc.subarray(["20", "21"]);
    fc.assert(fc.property(
      fc.record({ everyone: bits, a: bits, b: bits, overwrites, roles }),
      ({ everyone, a, b, overwrites, roles }) => {
        const all = [["1", everyone], ["20", a], ["21", b]] as const;
        const guild = {
          id: "1",
          name: "Example",
          ownerId: "2",
          roles: all.map(([id, permissions]) => ({
            id,
            name: id,
            permissions,
            mentionable: false,
          })),
          demandsSecondFactor: true,
        };
        const member = { roles, silencedUntil: null };
        const members = new Map([[BOT, member]]);
        const fake = { ...guild, mfaLevel: 1, members } as const;
        const may = (bit: bigint) =>
          mayIn(
            fake,
            overwrites.map((each) => ({ ...each, type: each.type ? 1 : 0 })),
            BOT,
            bit,
            0,
          );
        const channel = {
          type: TEXT,
          overwrites: overwrites.map(({ type, ...rest }) => ({
            ...rest,
            kind: type === 0 ? "role" as const : "member" as const,
          })),
        };
        const computed = permissionsIn(
          channel,
          channel,
          guild,
          { userId: BOT, roleIds: roles, silencedUntil: undefined },
          NOW,
        );
        const canSee = may(BITS.view);
        assert.equal(holds(computed, "View Channel"), canSee);
        assert.equal(
          holds(computed, "Send Messages"),
          canSee && may(BITS.send),
        );
        assert.equal(
          holds(computed, "Embed Links"),
          canSee && may(BITS.send) && may(BITS.embedLinks),
        );
      },
    ));
  },
});
