/**
 * What the configuration says of people and notices.
 *
 * @module
 */

import type { RoutingTable } from "../route/role_map.ts";

/** Discord user IDs by Teleport user: what `[users]` says. */
export type UserTable = ReadonlyMap<string, string>;

/** How suggested reviewers hear of a request: pinged in the announcement, by direct message, or not. */
export const REVIEWER_NOTICES = ["mention", "dm", "off"] as const;

/** One of {@linkcode REVIEWER_NOTICES}. */
export type ReviewerNotice = typeof REVIEWER_NOTICES[number];

/** What the configuration says about notices. */
export interface NoticeSettings {
  /** Whether the requester is told of reviews and the outcome by direct message. */
  readonly requester: boolean;
  readonly reviewers: ReviewerNotice;
  /** How old an unreviewed request is each time that it is reminded of, growing; none for never. */
  readonly remindAfterMs: readonly number[];
  /** How long before granted access ends the requester is told of it; `undefined` for never. */
  readonly beforeEndMs: number | undefined;
  /** Who else is told of requests that nobody has decided on. */
  readonly escalations: readonly Escalation[];
  /** Whether each announcement in a channel gets a thread, for reviews and the outcome. */
  readonly threads: boolean;
}

/** Who else is told of a request that nobody has decided on for some time. */
export interface Escalation {
  /** How old the request is then; whole seconds. */
  readonly afterMs: number;
  /** For requests of one of these roles; `undefined` for all. */
  readonly roles: readonly string[] | undefined;
  /** At least one. */
  readonly recipients: readonly string[];
  /** Whom they mention: `role:` or `user:` and an ID. */
  readonly mentions: readonly string[];
}

/**
 * Discord user IDs by Teleport user; `undefined` if a user has none. Whoever is not in it is not known
 * yet.
 */
export type KnownPeople = ReadonlyMap<string, string | undefined>;

/** What the configuration says about people: who is who, and who is told what. */
export interface PeopleConfig {
  readonly users: UserTable;
  /** User trait that holds Discord user IDs; `undefined` if none is to be read. */
  readonly userIdTrait: string | undefined;
  /** Whom announcements mention, by Teleport role: `role:` or `user:` and an ID. */
  readonly mentions: RoutingTable;
  readonly notices: NoticeSettings;
}

/** Whether Discord users of Teleport users are known at all. */
export function knowsUsers(
  { users, userIdTrait }: Pick<PeopleConfig, "users" | "userIdTrait">,
): boolean {
  return users.size > 0 || userIdTrait !== undefined;
}
