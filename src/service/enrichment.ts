/**
 * Look-ups that make an announcement friendlier: logins of roles, names of resources.
 *
 * They never stop or hold up an announcement: what is not there in time is shown as plain IDs.
 *
 * @module
 */

import type { AccessRequest } from "../domain/access_request.ts";
import type { Enrichment } from "../domain/decide.ts";
import type { Clock } from "../lib/clock.ts";
import type { Logger } from "../lib/log.ts";
import { TeleportError } from "../teleport/errors.ts";
import type { AuthService } from "./ports.ts";

/** What {@linkcode Enricher} needs. */
export interface EnrichmentContext {
  readonly auth: Pick<AuthService, "getRoleLogins" | "findResourceNames">;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Ends every look-up. */
  readonly signal: AbortSignal;
}

/** How long a role is remembered. */
const CACHE_MS = 60_000;

/** How long one look-up may take. */
const LOOKUP_MS = 3000;

/** Ends a timer that is not needed any more; made once, as an error with its stack is not cheap. */
const NOT_NEEDED = new DOMException("Not needed any more", "AbortError");

/** A look-up under way. */
export interface Lookup {
  /** What it has brought so far. */
  readonly soFar: Enrichment;
  /** Settles when nothing more will come; `undefined` if that is so already. It never rejects. */
  readonly rest: Promise<void> | undefined;
}

interface KnownLogins {
  readonly atMs: number;
  readonly logins: readonly string[];
}

/** Looks things up, a role at most once a minute. */
export class Enricher {
  readonly #context: EnrichmentContext;
  readonly #logins = new Map<string, KnownLogins>();
  readonly #warned = new Set<string>();

  constructor(context: EnrichmentContext) {
    this.#context = context;
  }

  /** Starts to look up what can be known about a request. */
  lookUp(request: AccessRequest): Lookup {
    const { auth } = this.#context;
    const resourceNames = new Map<string, string>();
    const found = {
      loginsByRole: this.#knownLogins(request.roles),
      resourceNames,
    };
    const tasks: Promise<void>[] = [];
    if (found.loginsByRole === undefined) {
      tasks.push(this.#try("role", async (signal) => {
        found.loginsByRole = await this.#readLogins(request.roles, signal);
      }));
    }
    // Each kind by itself: the rule of one, `user_group` above all, may be missing in the plugin's role.
    const kinds = Map.groupBy(request.resources, ({ kind }) => kind);
    for (const resources of kinds.values()) {
      tasks.push(this.#try("resource", async (signal) => {
        const names = await auth.findResourceNames(resources, signal);
        for (const [id, name] of names) resourceNames.set(id, name);
      }));
    }
    const rest = tasks.length === 0
      ? undefined
      : Promise.all(tasks).then(() => {});
    return { soFar: found, rest };
  }

  /** Waits until a look-up has ended, but no longer than a time. */
  async wait({ rest }: Lookup, ms: number): Promise<void> {
    if (rest !== undefined) await this.#within(ms, () => rest);
  }

  #knownLogins(
    roles: readonly string[],
  ): ReadonlyMap<string, readonly string[]> | undefined {
    const oldestMs = this.#context.clock.monotonic() - CACHE_MS;
    const logins = new Map<string, readonly string[]>();
    for (const role of roles) {
      const known = this.#logins.get(role);
      if (known === undefined || known.atMs < oldestMs) return undefined;
      logins.set(role, known.logins);
    }
    return logins;
  }

  async #readLogins(
    roles: readonly string[],
    signal: AbortSignal,
  ): Promise<ReadonlyMap<string, readonly string[]>> {
    const { auth, clock } = this.#context;
    const read = await Promise.all(
      roles.map((role) => auth.getRoleLogins(role, signal)),
    );
    const logins = new Map(roles.map((role, i) => [role, read[i] ?? []]));
    const atMs = clock.monotonic();
    for (const [role, known] of this.#logins) {
      if (known.atMs < atMs - CACHE_MS) this.#logins.delete(role);
    }
    for (const [role, known] of logins) {
      this.#logins.set(role, { atMs, logins: known });
    }
    return logins;
  }

  async #try(
    what: "role" | "resource",
    lookUp: (signal: AbortSignal) => Promise<void>,
  ): Promise<void> {
    try {
      await this.#within(LOOKUP_MS, lookUp);
    } catch (error) {
      if (!this.#context.signal.aborted) this.#warn(what, error);
    }
  }

  /** Does something, and leaves it alone when its time is up. */
  async #within(
    ms: number,
    work: (signal: AbortSignal) => Promise<void>,
  ): Promise<void> {
    const { clock, signal } = this.#context;
    const over = new AbortController();
    const either = AbortSignal.any([signal, over.signal]);
    try {
      await Promise.race([
        work(either),
        clock.sleep(ms, either).catch(() => {}),
      ]);
    } finally {
      over.abort(NOT_NEEDED);
    }
  }

  #warn(what: "role" | "resource", error: unknown): void {
    const { logger } = this.#context;
    const denied = error instanceof TeleportError &&
      error.code === "PERMISSION_DENIED";
    if (!denied) {
      return logger.debug(`cannot look up a ${what}`, { err: error });
    }
    if (this.#warned.has(what)) return;
    this.#warned.add(what);
    logger.warn(`cannot look up a ${what}, showing plain names`, {
      err: error,
      hint: RULES[what],
    });
  }
}

const RULES = {
  role: "add to the plugin's role: rules: [{resources: [role], verbs: [read]}]",
  resource:
    "add to the plugin's role: rules with verbs [list, read] for each kind of resource that is requested, " +
    "and label access to it",
};
