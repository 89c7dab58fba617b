/**
 * Which Discord user a Teleport user is, from `[users]` or from a trait of the user.
 *
 * `[users]` knows at once; a trait has to be read, which neither stops nor holds up an announcement.
 *
 * @module
 */

import type { Clock } from "../lib/async/clock.ts";
import { BoundedMap } from "../lib/bounded_map.ts";
import { FirstTimes } from "../lib/log/first_times.ts";
import type { Logger } from "../lib/log/logger.ts";
import type { Traits } from "../ports/user.ts";
import type { KnownPeople, PeopleConfig } from "./people_config.ts";

/** What {@linkcode DiscordUsers} need. */
export interface DiscordUsersOptions {
  readonly people: () => PeopleConfig;
  /** Reads the traits of a user; rejects with a `TeleportError`. */
  readonly traits: (user: string) => Promise<Traits>;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** People who are being looked up. */
export interface PeopleLookup {
  /** Who is known so far; it grows. */
  readonly soFar: KnownPeople;
  /** Settles when nobody more will become known; `undefined` if that is so already. It never rejects. */
  readonly rest: Promise<void> | undefined;
}

/** How long a user is remembered without asking again. */
const CACHE_MS = 60_000;

/** Users that are remembered. */
const MAX_REMEMBERED = 10_000;

const SNOWFLAKE = /^\d{17,20}$/;

/** Knows the Discord users of Teleport users. */
export class DiscordUsers {
  readonly #options: DiscordUsersOptions;
  readonly #read = new BoundedMap<
    string,
    { atMs: number; id: string | undefined }
  >(MAX_REMEMBERED);
  /** Users whose trait is no ID. */
  readonly #odd = new FirstTimes();

  constructor(options: DiscordUsersOptions) {
    this.#options = options;
  }

  /** Returns the Discord user ID of a user as far as it is known by now, even if that was a while ago. */
  known(user: string): string | undefined {
    return this.#options.people().users.get(user) ?? this.#read.get(user)?.id;
  }

  /**
   * Finds the Discord user ID of a user; `undefined` if the user has none.
   *
   * @throws {TeleportError} If the user cannot be read.
   */
  async find(user: string): Promise<string | undefined> {
    const { people, traits, clock, logger } = this.#options;
    const trait = people().userIdTrait;
    const known = this.#fresh(user);
    if (known !== undefined || trait === undefined) return known?.id;
    const values = (await traits(user)).get(trait) ?? [];
    const id = values.find((value) => SNOWFLAKE.test(value));
    const isOdd = id === undefined && values.some((value) => value !== "");
    if (isOdd && this.#odd.add(user)) {
      logger.warn("trait is not a Discord user ID", {
        user,
        trait,
        hint: "set it to the 17 to 20 digits that Copy User ID gives",
      });
    }
    this.#read.set(user, { atMs: clock.monotonic(), id });
    return id;
  }

  /** Starts to look people up. */
  lookUp(names: readonly string[]): PeopleLookup {
    const soFar = new Map<string, string | undefined>();
    const tasks: Promise<void>[] = [];
    for (const name of names) {
      const known = this.#fresh(name);
      if (known !== undefined) soFar.set(name, known.id);
      else {
        const found = this.find(name);
        tasks.push(found.then((id) => void soFar.set(name, id), () => {}));
      }
    }
    const ended = tasks.length === 0 ? undefined : Promise.all(tasks);
    return { soFar, rest: ended?.then(() => {}) };
  }

  /** Returns what is known of a user without asking; `undefined` if nothing is. */
  #fresh(user: string): { readonly id: string | undefined } | undefined {
    const { users, userIdTrait } = this.#options.people();
    const listed = users.get(user);
    if (listed !== undefined || userIdTrait === undefined) {
      return { id: listed };
    }
    const read = this.#read.get(user);
    const oldestMs = this.#options.clock.monotonic() - CACHE_MS;
    return read !== undefined && read.atMs > oldestMs ? read : undefined;
  }
}
