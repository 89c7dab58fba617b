/**
 * Look-ups at the Auth Service: roles, users, resources.
 *
 * Each answer is remembered for a minute, for every request. A look-up that is refused for want of a rule is
 * logged once, with the rule to add.
 *
 * @module
 */

import type { Clock } from "../lib/async/clock.ts";
import { withDeadline } from "../lib/async/deadline.ts";
import { TimedCache } from "../lib/async/timed_cache.ts";
import { FirstTimes } from "../lib/log/first_times.ts";
import type { Logger } from "../lib/log/logger.ts";
import {
  formatResourceId,
  type Resource,
  type ResourceId,
} from "../ports/access_request.ts";
import { lookupHint } from "../ports/admin_hints.ts";
import type { AuthService } from "../ports/auth_service.ts";
import { TeleportError, unless } from "../ports/teleport_error.ts";
import type { Traits } from "../ports/user.ts";

/** What a {@linkcode TeleportLookups} needs. */
export interface TeleportLookupsOptions {
  readonly auth: Pick<AuthService, "within">;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Ends every look-up. */
  readonly signal: AbortSignal;
}

/** How long an answer is remembered. */
const CACHE_MS = 60_000;

/** How long one call may take. */
const CALL_MS = 3000;

/** The server has nothing to tell us, and the next best may be asked. */
const NOTHING_TOLD = ["PERMISSION_DENIED", "UNIMPLEMENTED"] as const;

/** Knows what the Auth Service knows. Every method rejects with a `TeleportError`, or when it is stopped. */
export class TeleportLookups {
  readonly #options: TeleportLookupsOptions;
  readonly #logins: TimedCache<readonly string[]>;
  readonly #traits: TimedCache<Traits>;
  readonly #resources: TimedCache<Resource | undefined>;
  readonly #denied = new FirstTimes();

  constructor(options: TeleportLookupsOptions) {
    const { clock } = options;
    this.#options = options;
    this.#logins = new TimedCache(CACHE_MS, clock);
    this.#traits = new TimedCache(CACHE_MS, clock);
    this.#resources = new TimedCache(CACHE_MS, clock);
  }

  /** Returns the logins that a role allows, as written in the role. */
  logins(role: string): Promise<readonly string[]> {
    const read = (auth: AuthService) => auth.getRoleLogins(role);
    return this.#logins.getOrAsk(
      role,
      () => this.#call("GetRole", "role", read),
    );
  }

  /**
   * Returns the traits of a user: those of the last login, which grants of access lists add to, else those
   * that are set on the user. A user who is not known has none.
   */
  traits(user: string): Promise<Traits> {
    return this.#traits.getOrAsk(user, () => this.#readTraits(user));
  }

  /** Returns those of the resources that are found, by `formatResourceId`. */
  async resources(ids: readonly ResourceId[]): Promise<Map<string, Resource>> {
    const unknown = ids.filter((id) =>
      this.#resources.get(formatResourceId(id)) === undefined
    );
    // Each kind by itself: the rule of one, `user_group` above all, may be missing in the plugin's role.
    for (const [kind, wanted] of Map.groupBy(unknown, ({ kind }) => kind)) {
      const read = (auth: AuthService) => auth.findResources(wanted);
      const answer = this.#call("ListResources", kind, read);
      for (const id of wanted.map(formatResourceId)) {
        this.#resources.set(id, answer.then((resources) => resources.get(id)));
      }
    }
    const found = new Map<string, Resource>();
    await Promise.all(
      ids.map(formatResourceId).map(async (id) => {
        const resource = await this.#resources.get(id);
        if (resource !== undefined) found.set(id, resource);
      }),
    );
    return found;
  }

  async #readTraits(name: string): Promise<Traits> {
    const atLogin = this.#call(
      "GetUserLoginState",
      "user",
      (auth) => auth.getUserLoginState(name),
    );
    const user = await unless(NOTHING_TOLD, atLogin) ?? await this.#call(
      "GetUser",
      "user",
      (auth) => auth.getUser(name),
    );
    return user?.traits ?? new Map();
  }

  /**
   * Makes one call, which is left alone when its time is up.
   *
   * @param what `role`, `user` or a kind of resource: whose rule may be missing.
   */
  async #call<Answer>(
    method: string,
    what: string,
    call: (auth: AuthService) => Promise<Answer>,
  ): Promise<Answer> {
    const { auth, clock, signal } = this.#options;
    const ask = (ending: AbortSignal) => call(auth.within(ending));
    const late = () =>
      new TeleportError(method, "DEADLINE_EXCEEDED", "no answer in 3 s");
    try {
      return await withDeadline(ask, { ms: CALL_MS, clock, signal, late });
    } catch (error) {
      if (!signal.aborted) this.#log(what, error);
      throw error;
    }
  }

  #log(what: string, error: unknown): void {
    const { logger } = this.#options;
    const isDenied = error instanceof TeleportError &&
      error.code === "PERMISSION_DENIED";
    if (!isDenied) {
      logger.debug("look-up failed", { what, err: error });
    } else if (this.#denied.add(what)) {
      const hint = lookupHint(what);
      logger.warn("look-up denied, continuing without", {
        what,
        err: error,
        hint,
      });
    }
  }
}
