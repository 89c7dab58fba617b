/**
 * Which Discord user a Teleport user is.
 *
 * @module
 */

/** What `[users]` says. */
export class UserTable {
  /** Discord user IDs by Teleport user name. */
  readonly idByUser: ReadonlyMap<string, string>;

  constructor(idByUser: ReadonlyMap<string, string>) {
    this.idByUser = idByUser;
  }

  /** Discord user IDs that stand for several Teleport users, with those. */
  get shared(): readonly (readonly [string, readonly string[]])[] {
    const entries = Map.groupBy(this.idByUser, ([, id]) => id);
    return [...entries].filter(([, same]) => same.length > 1)
      .map(([id, same]) => [id, same.map(([user]) => user)]);
  }
}
