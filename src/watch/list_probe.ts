/**
 * Noticing that the `list` rule is missing for access requests alone, which looks like a cluster without requests. If it
 * is missing for plugin data too, the server says so (docs/design/paths.md 7).
 *
 * Source: docs/design/reconciler.md 5; docs/design/teleport-behaviour.md 5.
 *
 * @module
 */

import type { Clock } from "../lib/async/clock.ts";
import type { Logger } from "../lib/log/logger.ts";
import { addRules } from "../ports/admin_hints.ts";
import type { AuthService } from "../ports/auth_service.ts";

/** What a {@linkcode ListProbe} needs. */
export interface ListProbeOptions {
  readonly auth: Pick<AuthService, "within">;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly signal: AbortSignal;
}

/** A request that cannot be read although an event showed it may just be about to be deleted. */
const GRACE_MS = 10_000;

/** Reads a request that an event has just shown, until one was found once. */
export class ListProbe {
  readonly #options: ListProbeOptions;
  #state: "unknown" | "probing" | "may list" | "warned" = "unknown";
  #requestId = "";
  #deleted = new AbortController();

  constructor(options: ListProbeOptions) {
    this.#options = options;
  }

  /** An event showed this request. */
  put(requestId: string): void {
    if (this.#state !== "unknown") return;
    this.#state = "probing";
    this.#requestId = requestId;
    this.#deleted = new AbortController();
    this.#probe(requestId, this.#deleted.signal);
  }

  /** A request was deleted, so that it proves nothing. */
  deleted(requestId: string): void {
    if (this.#state === "probing" && requestId === this.#requestId) {
      this.#deleted.abort();
    }
  }

  async #probe(requestId: string, deleted: AbortSignal): Promise<void> {
    const { auth, clock, logger, signal } = this.#options;
    try {
      const request = await auth.within(signal).getAccessRequest(requestId);
      if (request === undefined) {
        await clock.sleep(GRACE_MS, AbortSignal.any([signal, deleted]));
        this.#state = "warned";
        logger.error(
          "cannot list access requests: those made while the plugin is down will be missed",
          { hint: addRules(["access_request", "list, read"]) },
        );
        return;
      }
      this.#state = "may list";
    } catch {
      // The call failed, or the request was deleted: the next event gives another chance.
      this.#state = "unknown";
    }
  }
}
