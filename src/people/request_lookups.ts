/**
 * What is looked up for a request: who has to do with it, logins of its roles, names of its resources.
 *
 * It never fails, and never stops an announcement or holds it up for long: what is not there in time is
 * shown as plain names and IDs, and added later.
 *
 * @module
 */

import type { Clock } from "../lib/async/clock.ts";
import { rest } from "../lib/async/wait.ts";
import {
  type AccessRequest,
  formatResourceId,
  RESOURCE_KINDS,
  type ResourceId,
} from "../ports/access_request.ts";
import { missingLogins, type MissingLookup } from "../record/missing.ts";
import type { PluginData } from "../record/plugin_data.ts";
import type { DiscordUsers } from "./discord_users.ts";
import { enrich, type Enrichment } from "./enrichment.ts";
import { expandLogins } from "./login_template.ts";
import { knowsUsers, type PeopleConfig } from "./people_config.ts";
import { completePeople, peopleOf, withPeople } from "./people_of_request.ts";
import type { TeleportLookups } from "./teleport_lookups.ts";

/** What {@linkcode RequestLookups} need. */
export interface RequestLookupsOptions {
  readonly teleportLookups: TeleportLookups;
  readonly discordUsers: DiscordUsers;
  readonly people: () => PeopleConfig;
  readonly clock: Clock;
  /** Ends waiting. */
  readonly signal: AbortSignal;
}

/** What is looked up for one request, as it becomes known. */
export interface PendingLookups {
  /** Who has to do with it. */
  readonly people: PendingLookup & {
    /** Returns the data of a claim with those who are known. */
    readonly claim: (data: PluginData) => PluginData;
  };
  /** Logins of roles and names of resources. */
  readonly names: PendingLookup & {
    /** What is known so far; it grows. */
    readonly soFar: Enrichment;
    readonly rest: Promise<void>;
  };
}

interface PendingLookup {
  /** Settles when nothing more will become known; `undefined` if that is so already. It never rejects. */
  readonly rest: Promise<void> | undefined;
  /** Returns stored data with what became known since; the same object if that is nothing. */
  readonly complete: (data: PluginData) => PluginData;
}

const EVERYTHING: ReadonlySet<MissingLookup> = new Set(
  ["logins", "resource names"] as const,
);

/** Looks up what can be known about a request. */
export class RequestLookups {
  readonly #options: RequestLookupsOptions;

  constructor(options: RequestLookupsOptions) {
    this.#options = options;
  }

  /**
   * Looks things up side by side, and waits for them no longer than a time.
   *
   * @param missing What is needed beside people; everything if not given.
   */
  async find(
    request: AccessRequest,
    waitMs: number,
    missing = EVERYTHING,
  ): Promise<PendingLookups> {
    const people = this.#findPeople(request);
    const names = this.#findNames(request, missing);
    await this.#wait(Promise.all([people.rest, names.rest]), waitMs);
    return { people, names };
  }

  /** Gets to know who has reviewed a request, and waits for that no longer than a time. */
  async findReviewers(
    request: AccessRequest | undefined,
    waitMs: number,
  ): Promise<void> {
    const { discordUsers, people } = this.#options;
    const reviews = request?.reviews ?? [];
    if (!knowsUsers(people()) || reviews.length === 0) return;
    const names = new Set(reviews.map(({ author }) => author));
    const lookup = discordUsers.lookUp([...names]);
    if (lookup.rest !== undefined) await this.#wait(lookup.rest, waitMs);
  }

  #findPeople(request: AccessRequest): PendingLookups["people"] {
    const { people, discordUsers } = this.#options;
    const config = people();
    const { soFar, rest } = discordUsers.lookUp(peopleOf(request, config));
    return {
      rest,
      claim: (data) => withPeople(data, request, soFar, config),
      complete: (data) => completePeople(data, request, soFar, config),
    };
  }

  #findNames(
    request: AccessRequest,
    missing: ReadonlySet<MissingLookup>,
  ): PendingLookups["names"] {
    const resourceNames = new Map<string, string>();
    const soFar: Changing<Enrichment> = {
      loginsByRole: undefined,
      resourceNames,
    };
    const tasks: Promise<void>[] = [];
    if (missing.has("logins") || missing.has("login traits")) {
      tasks.push(this.#readLogins(request, soFar));
    }
    const nameable = missing.has("resource names")
      ? request.resources.filter(({ kind }) =>
        RESOURCE_KINDS.get(kind)?.isNameable
      )
      : [];
    // Each kind by itself: the rule of one, `user_group` above all, may be missing in the plugin's role.
    for (const ids of Map.groupBy(nameable, ({ kind }) => kind).values()) {
      tasks.push(this.#readNames(ids, resourceNames));
    }
    return {
      soFar,
      rest: Promise.allSettled(tasks).then(() => {}),
      complete: (data) => enrich(data, request, soFar),
    };
  }

  async #wait(ended: Promise<unknown>, ms: number): Promise<void> {
    const { clock, signal } = this.#options;
    await rest(ms, ended, clock, signal);
  }

  async #readLogins(
    request: AccessRequest,
    soFar: Changing<Enrichment>,
  ): Promise<void> {
    const { teleportLookups } = this.#options;
    const logins = await Promise.all(
      request.roles.map(async (role) =>
        [role, await teleportLookups.logins(role)] as const
      ),
    );
    soFar.loginsByRole = new Map(logins);
    if (missingLogins(soFar.loginsByRole) === undefined) return;
    const traits = await teleportLookups.traits(request.user);
    soFar.loginsByRole = new Map(
      await Promise.all(
        logins.map(async ([role, names]) =>
          [role, await expandLogins(names, traits)] as const
        ),
      ),
    );
  }

  async #readNames(
    ids: readonly ResourceId[],
    names: Map<string, string>,
  ): Promise<void> {
    const { teleportLookups } = this.#options;
    const found = await teleportLookups.resources(ids);
    for (const resource of ids) {
      const id = formatResourceId(resource);
      const name = found.get(id)?.friendlyName;
      if (name !== undefined) names.set(id, `${resource.kind}/${name}`);
    }
  }
}

type Changing<T> = { -readonly [Key in keyof T]: T[Key] };
