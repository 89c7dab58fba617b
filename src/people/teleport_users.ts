/**
 * Which Teleport users a Discord user is.
 *
 * @module
 */

import type { Clock } from "../lib/async/clock.ts";
import type { Logger } from "../lib/log/logger.ts";
import { addRules } from "../ports/admin_hints.ts";
import type { ReviewService } from "../ports/review_service.ts";
import { TeleportError } from "../ports/teleport_error.ts";
import type { NamedUser } from "../ports/user.ts";
import type { PeopleConfig } from "./people_config.ts";

/** What {@linkcode TeleportUsers} need. */
export interface TeleportUsersOptions {
  readonly auth: Pick<ReviewService, "listUsers">;
  /** Who is who by today's configuration: whoever was taken out of it must not review. */
  readonly people: () => Pick<PeopleConfig, "users" | "userIdTrait">;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** How long a list of users is good for once it is there: a trait that was taken away counts no longer. */
const LIST_MS = 10_000;

/** How long it is good for since it was asked for, however long that took. */
const SLOW_LIST_MS = 30_000;

/** A list of all users, which may still be on its way. */
interface List {
  readonly users: Promise<readonly NamedUser[]>;
  /** On the monotonic clock; it gets less once the list is there. */
  goodUntilMs: number;
}

const HINT = addRules(["user", "list, read"]);

/** Finds the Teleport users behind a Discord user. */
export class TeleportUsers {
  readonly #options: TeleportUsersOptions;
  #list: List | undefined;
  #isDenied = false;

  constructor(options: TeleportUsersOptions) {
    this.#options = options;
  }

  /**
   * Returns every Teleport user that a Discord user is; only exactly one may review.
   *
   * @throws {TeleportError} If users cannot be listed for now.
   */
  async find(userId: string): Promise<readonly string[]> {
    const { users, userIdTrait } = this.#options.people();
    const found = new Set<string>();
    for (const [name, id] of users) {
      if (id === userId) found.add(name);
    }
    if (userIdTrait === undefined) return [...found];
    for (const { name, traits } of await this.#allUsers()) {
      // Where the configuration names a Discord user, the trait does not count.
      if (users.has(name)) continue;
      if (traits.get(userIdTrait)?.includes(userId)) found.add(name);
    }
    return [...found];
  }

  #allUsers(): Promise<readonly NamedUser[]> {
    const { clock } = this.#options;
    const nowMs = clock.monotonic();
    if (this.#list !== undefined && nowMs < this.#list.goodUntilMs) {
      return this.#list.users;
    }
    const goodUntilMs = nowMs + SLOW_LIST_MS;
    const list: List = { users: this.#read(), goodUntilMs };
    this.#list = list;
    list.users.then(() => {
      list.goodUntilMs = Math.min(goodUntilMs, clock.monotonic() + LIST_MS);
    }, () => {
      if (this.#list === list) this.#list = undefined;
    });
    return list.users;
  }

  async #read(): Promise<readonly NamedUser[]> {
    const { auth, logger, people } = this.#options;
    try {
      const users = await auth.listUsers();
      this.#isDenied = false;
      return users;
    } catch (error) {
      const isDenied = error instanceof TeleportError &&
        error.code === "PERMISSION_DENIED";
      if (!isDenied) throw error;
      if (!this.#isDenied) {
        logger.warn("may not list users, only [users] says who may review", {
          err: error,
          trait: people().userIdTrait,
          hint: HINT,
        });
      }
      this.#isDenied = true;
      return [];
    }
  }
}
