/**
 * Which Discord user a Teleport user is.
 *
 * @module
 */

/** What `[users]` says, in both directions. */
export class UserTable {
  /** Discord user IDs by Teleport user name. */
  readonly idByUser: ReadonlyMap<string, string>;
  readonly #usersById: ReadonlyMap<string, readonly string[]>;

  constructor(idByUser: ReadonlyMap<string, string>) {
    this.idByUser = idByUser;
    const pairs = Map.groupBy(idByUser, ([, id]) => id);
    this.#usersById = new Map(
      [...pairs].map(([id, users]) => [id, users.map(([user]) => user)]),
    );
  }

  /** Returns the Teleport user behind a Discord user ID; `undefined` unless it is exactly one. */
  userOf(id: string): string | undefined {
    const [user, other] = this.#usersById.get(id) ?? [];
    return other === undefined ? user : undefined;
  }

  /** Discord user IDs that stand for several Teleport users, with those. */
  get shared(): readonly (readonly [string, readonly string[]])[] {
    return [...this.#usersById].filter(([, users]) => users.length > 1);
  }
}
