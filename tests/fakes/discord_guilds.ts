/**
 * Servers, roles, members and what they may do, as Discord keeps and answers them.
 *
 * Source: Discord developer docs, "Permissions", "Guild Resource", read 2026-08. The computation is
 * one of its own, so that it can contradict the one of the plugin.
 *
 * @module
 */

/** A role of a server; that of everybody has the ID of the server. */
export interface FakeRole {
  readonly id: string;
  name: string;
  permissions: bigint;
  mentionable: boolean;
}

/** A member of a server. */
export interface FakeMember {
  /** IDs of roles, without that of everybody. */
  roles: string[];
  /** ISO 8601. */
  silencedUntil: string | null;
}

/** A server. */
export interface FakeGuild {
  readonly id: string;
  name: string;
  ownerId: string;
  roles: FakeRole[];
  /** 1 if moderators need two-factor authentication, else 0. */
  mfaLevel: 0 | 1;
  readonly members: Map<string, FakeMember>;
}

/** What a channel changes for a role (type 0) or a member (type 1). */
export interface FakeOverwrite {
  readonly id: string;
  readonly type: 0 | 1;
  readonly allow: bigint;
  readonly deny: bigint;
}

/** A person or a bot. */
export interface FakeUser {
  readonly id: string;
  readonly username: string;
  readonly bot: boolean;
}

/** Source: "Bitwise Permission Flags". */
export const BITS = {
  administrator: 1n << 3n,
  view: 1n << 10n,
  send: 1n << 11n,
  embedLinks: 1n << 14n,
  history: 1n << 16n,
  connect: 1n << 20n,
  manageThreads: 1n << 34n,
  createThreads: 1n << 35n,
  sendInThreads: 1n << 38n,
} as const;

/** What the invitation in docs/permissions.md asks for, with threads; voice channels need the last one. */
const INVITED = 309237730304n | BITS.connect;

/** Makes a server in which everybody may do what the invitation asks for. */
export function newGuild(id: string, name = `server-${id}`): FakeGuild {
  const everyone = {
    id,
    name: "@everyone",
    permissions: INVITED,
    mentionable: false,
  };
  return {
    id,
    name,
    ownerId: "2",
    roles: [everyone],
    mfaLevel: 1,
    members: new Map(),
  };
}

/** Adds a user to a server. */
export function addMember(
  guild: FakeGuild,
  userId: string,
  roles: readonly string[] = [],
): FakeMember {
  const member = { roles: [...roles], silencedUntil: null };
  guild.members.set(userId, member);
  return member;
}

/** Whether a member has a permission where these overwrites hold. */
export function mayIn(
  guild: FakeGuild,
  overwrites: readonly FakeOverwrite[],
  userId: string,
  bit: bigint,
  nowMs: number,
): boolean {
  const member = guild.members.get(userId);
  if (member === undefined) return false;
  if (guild.ownerId === userId) return true;
  const roleIds = [guild.id, ...member.roles];
  const roles = guild.roles.filter(({ id }) => roleIds.includes(id));
  const has = (mask: bigint) =>
    roles.some(({ permissions }) => (permissions & mask) !== 0n);
  if (has(BITS.administrator)) return true;
  const isSilenced = Date.parse(member.silencedUntil ?? "") > nowMs;
  if (isSilenced && bit !== BITS.view && bit !== BITS.history) return false;
  // The most particular overwrite that says anything decides; of several roles, one that allows.
  const levels = [
    overwrites.filter(({ type, id }) => type === 1 && id === userId),
    overwrites.filter(({ type, id }) =>
      type === 0 && member.roles.includes(id)
    ),
    overwrites.filter(({ type, id }) => type === 0 && id === guild.id),
  ];
  for (const level of levels) {
    if (level.some(({ allow }) => (allow & bit) !== 0n)) return true;
    if (level.some(({ deny }) => (deny & bit) !== 0n)) return false;
  }
  return has(bit);
}

/** The form of a server in an answer. */
export function guildJson(guild: FakeGuild): unknown {
  return {
    id: guild.id,
    name: guild.name,
    owner_id: guild.ownerId,
    mfa_level: guild.mfaLevel,
    roles: guild.roles.map(({ permissions, ...role }, position) => ({
      ...role,
      position,
      permissions: `${permissions}`,
    })),
  };
}

/** The form of a member in an answer. */
export function memberJson(member: FakeMember, user: FakeUser): unknown {
  return {
    user: userJson(user),
    roles: member.roles,
    communication_disabled_until: member.silencedUntil,
    nick: null,
  };
}

/** The form of a user in an answer; `bot` is left out of those of people. */
export function userJson({ bot, ...user }: FakeUser): unknown {
  return { ...user, discriminator: "0", ...bot ? { bot } : {} };
}

/** The form of overwrites in an answer. */
export function overwritesJson(overwrites: readonly FakeOverwrite[]): unknown {
  return overwrites.map(({ allow, deny, ...target }) => ({
    ...target,
    allow: `${allow}`,
    deny: `${deny}`,
  }));
}
