/**
 * What makes an announcement friendlier: logins of roles, names of resources.
 *
 * It never stops or holds up an announcement: what is not there in time is shown as plain IDs.
 *
 * @module
 */

import type { Clock } from "../lib/async/clock.ts";
import { rest } from "../lib/async/wait.ts";
import {
  type AccessRequest,
  formatResourceId,
  isNameable,
  type ResourceId,
} from "../ports/access_request.ts";
import { missingLogins, type MissingLookup } from "../record/missing.ts";
import type { Enrichment } from "./enrichment.ts";
import { expandLogins } from "./login_template.ts";
import type { TeleportLookups } from "./teleport_lookups.ts";

/** What {@linkcode RequestLookups} needs. */
export interface RequestLookupsOptions {
  readonly teleportLookups: TeleportLookups;
  readonly clock: Clock;
  /** Ends waiting. */
  readonly signal: AbortSignal;
}

/** A look-up under way. */
export interface PendingLookup {
  /** What it has brought so far. */
  readonly soFar: Enrichment;
  /** Settles when nothing more will come. It never rejects. */
  readonly rest: Promise<void>;
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
   * Starts to look things up, side by side.
   *
   * @param missing What is needed; everything if not given.
   */
  lookUp(request: AccessRequest, missing = EVERYTHING): PendingLookup {
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
      ? request.resources.filter(({ kind }) => isNameable(kind))
      : [];
    // Each kind by itself: the rule of one, `user_group` above all, may be missing in the plugin's role.
    for (const ids of Map.groupBy(nameable, ({ kind }) => kind).values()) {
      tasks.push(this.#readNames(ids, resourceNames));
    }
    return { soFar, rest: Promise.allSettled(tasks).then(() => {}) };
  }

  /** Waits until a look-up has ended, but no longer than a time. */
  async wait({ rest: ended }: PendingLookup, ms: number): Promise<void> {
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
      logins.map(([role, names]) => [role, expandLogins(names, traits)]),
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
