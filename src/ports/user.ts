/**
 * Users of Teleport, free of any wire form.
 *
 * Source: docs/design/teleport-api.md 8.
 *
 * @module
 */

/** Lists of texts by name; a name may have an empty list, and most users have several of those. */
export type Traits = ReadonlyMap<string, readonly string[]>;

/** What is known of one user. */
export interface User {
  readonly traits: Traits;
}

/** A user of the cluster, with the name that reviews are signed with. */
export interface NamedUser extends User {
  readonly name: string;
}
