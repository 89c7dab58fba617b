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

const NOTHING: Enrichment = {
  loginsByRole: undefined,
  resourceNames: new Map(),
};

/** Looks things up, each at most once a minute. */
export class Enricher {
  readonly #context: EnrichmentContext;
  readonly #logins = new Map<
    string,
    { readonly atMs: number; readonly logins: Promise<readonly string[]> }
  >();
  readonly #warned = new Set<string>();

  constructor(context: EnrichmentContext) {
    this.#context = context;
  }

  /** Looks up what can be known about a request. It never rejects. */
  async lookUp(request: AccessRequest): Promise<Enrichment> {
    const [loginsByRole, resourceNames] = await Promise.all([
      this.#try("role", () => this.#loginsByRole(request.roles)),
      this.#try("resource", (signal) => this.#resourceNames(request, signal)),
    ]);
    return {
      loginsByRole,
      resourceNames: resourceNames ?? NOTHING.resourceNames,
    };
  }

  /** Returns what the look-up brings within a time, and nothing if it takes longer. */
  async within(lookup: Promise<Enrichment>, ms: number): Promise<Enrichment> {
    const { clock, signal } = this.#context;
    const tooLate = new AbortController();
    const timeout = clock.sleep(ms, AbortSignal.any([signal, tooLate.signal]));
    const late = timeout.then(() => NOTHING, () => NOTHING);
    try {
      return await Promise.race([lookup, late]);
    } finally {
      tooLate.abort();
    }
  }

  async #loginsByRole(
    roles: readonly string[],
  ): Promise<ReadonlyMap<string, readonly string[]>> {
    const logins = await Promise.all(roles.map((role) => this.#loginsOf(role)));
    return new Map(roles.map((role, i) => [role, logins[i] ?? []]));
  }

  #loginsOf(role: string): Promise<readonly string[]> {
    const { auth, clock, signal } = this.#context;
    const nowMs = clock.monotonic();
    const known = this.#logins.get(role);
    if (known !== undefined && nowMs - known.atMs < CACHE_MS) {
      return known.logins;
    }
    const logins = auth.getRoleLogins(role, signal);
    this.#forgetOld(nowMs);
    this.#logins.set(role, { atMs: nowMs, logins });
    logins.catch(() => this.#logins.delete(role));
    return logins;
  }

  #forgetOld(nowMs: number): void {
    for (const [role, { atMs }] of this.#logins) {
      if (nowMs - atMs >= CACHE_MS) this.#logins.delete(role);
    }
  }

  #resourceNames(
    request: AccessRequest,
    signal: AbortSignal,
  ): Promise<ReadonlyMap<string, string>> {
    if (request.resources.length === 0) {
      return Promise.resolve(NOTHING.resourceNames);
    }
    return this.#context.auth.findResourceNames(request.resources, signal);
  }

  async #try<T>(
    what: "role" | "resource",
    lookUp: (signal: AbortSignal) => Promise<T>,
  ): Promise<T | undefined> {
    const { clock, signal } = this.#context;
    const done = new AbortController();
    const end = AbortSignal.any([signal, done.signal]);
    const timeout = clock.sleep(LOOKUP_MS, end).then(
      () => undefined,
      () => undefined,
    );
    try {
      return await Promise.race([lookUp(end), timeout]);
    } catch (error) {
      if (!signal.aborted) this.#warn(what, error);
      return undefined;
    } finally {
      done.abort();
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
