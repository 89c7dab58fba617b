/**
 * What a member may do in a channel, computed from roles and overwrites.
 *
 * Source: Discord developer docs, "Permissions", read 2026-08.
 *
 * @module
 */

/** Bits of the permissions that matter to this plugin, under the names that Discord's settings show. */
export const PERMISSION_BITS = {
  "View Channel": 1n << 10n,
  "Send Messages": 1n << 11n,
  "Embed Links": 1n << 14n,
  "Read Message History": 1n << 16n,
  "Mention Everyone": 1n << 17n,
  "Connect": 1n << 20n,
  "Manage Threads": 1n << 34n,
  "Create Public Threads": 1n << 35n,
  "Send Messages in Threads": 1n << 38n,
} as const;

/** Name of a permission, as Discord's settings show it. */
export type PermissionName = keyof typeof PERMISSION_BITS;

/** A role of a server. */
export interface GuildRole {
  readonly id: string;
  readonly name: string;
  readonly permissions: bigint;
  /** Whether anybody may mention it. */
  readonly mentionable: boolean;
}

/** A server. The role whose ID is that of the server is `@everyone`. */
export interface Guild {
  readonly id: string;
  readonly name: string;
  readonly ownerId: string;
  readonly roles: readonly GuildRole[];
  /** Whether moderators need two-factor authentication. */
  readonly demandsSecondFactor: boolean;
}

/** A member of a server. */
export interface GuildMember {
  readonly userId: string;
  /** IDs of the roles, without `@everyone`. */
  readonly roleIds: readonly string[];
  /** When a time-out ends; `undefined` if there was none. */
  readonly silencedUntil: Date | undefined;
}

/** What a channel allows and denies to a role or a member. */
export interface Overwrite {
  readonly kind: "role" | "member";
  readonly id: string;
  readonly allow: bigint;
  readonly deny: bigint;
}

const ALL = (1n << 64n) - 1n;
const NONE = 0n;
const ADMINISTRATOR = 1n << 3n;

/** What is left to a member in a time-out. */
const LEFT_IN_TIME_OUT = PERMISSION_BITS["View Channel"] |
  PERMISSION_BITS["Read Message History"];

/** What goes with Send Messages: mentioning everyone, text to speech, files and embeds. */
const NEEDS_SENDING = PERMISSION_BITS["Mention Everyone"] | 1n << 12n |
  1n << 15n | PERMISSION_BITS["Embed Links"];

/** Public, private and announcement threads. Source: Discord developer docs, "Channel Types". */
const THREAD_TYPES: readonly number[] = [10, 11, 12];
const VOICE_TYPES: readonly number[] = [2, 13];

/** Whether a channel is a thread, which has the overwrites of the channel that it hangs from. */
export function isThread({ type }: { readonly type: number }): boolean {
  return THREAD_TYPES.includes(type);
}

/** Whether a channel is one to talk in, with a chat beside. */
export function isVoice({ type }: { readonly type: number }): boolean {
  return VOICE_TYPES.includes(type);
}

/**
 * Returns the bits of everything that a member may do in a channel or a thread.
 *
 * @param parent Whose overwrites count: the channel that a thread hangs from, else the channel itself.
 */
export function permissionsIn(
  channel: { readonly type: number },
  parent: { readonly type: number; readonly overwrites: readonly Overwrite[] },
  guild: Guild,
  member: GuildMember,
  now: Date,
): bigint {
  if (guild.ownerId === member.userId) return ALL;
  const ofRoles = guild.roles
    .filter(({ id }) => id === guild.id || member.roleIds.includes(id))
    .reduce((bits, { permissions }) => bits | permissions, NONE);
  if (ofRoles & ADMINISTRATOR) return ALL;
  let bits = applyOverwrites(ofRoles, parent.overwrites, guild.id, member);
  if (member.silencedUntil !== undefined && member.silencedUntil > now) {
    bits &= LEFT_IN_TIME_OUT;
  }
  if (!(bits & PERMISSION_BITS["View Channel"])) return NONE;
  if (isVoice(parent) && !(bits & PERMISSION_BITS.Connect)) {
    return PERMISSION_BITS["View Channel"];
  }
  const sending = isThread(channel)
    ? "Send Messages in Threads"
    : "Send Messages";
  return bits & PERMISSION_BITS[sending] ? bits : bits & ~NEEDS_SENDING;
}

/** Whether these bits hold a permission. */
export function holds(bits: bigint, name: PermissionName): boolean {
  return (bits & PERMISSION_BITS[name]) !== NONE;
}

/** `@everyone` first, then all roles together, then the member; each time what is allowed counts more. */
function applyOverwrites(
  bits: bigint,
  overwrites: readonly Overwrite[],
  everyoneId: string,
  member: GuildMember,
): bigint {
  const steps: ((each: Overwrite) => boolean)[] = [
    ({ kind, id }) => kind === "role" && id === everyoneId,
    ({ kind, id }) =>
      kind === "role" && id !== everyoneId && member.roleIds.includes(id),
    ({ kind, id }) => kind === "member" && id === member.userId,
  ];
  return steps.reduce((bits, isMeant) => {
    const meant = overwrites.filter(isMeant);
    const union = (side: "allow" | "deny") =>
      meant.reduce((sum, each) => sum | each[side], NONE);
    return bits & ~union("deny") | union("allow");
  }, bits);
}
