/**
 * Requests that nothing can be done for.
 *
 * @module
 */

import { BoundedMap } from "../lib/bounded_map.ts";
import type { Logger } from "../lib/log/logger.ts";

/** Skipped requests that are remembered, so that each is logged once. */
const MAX_REMEMBERED = 10_000;

/** Remembers why requests are skipped, and says it once, where an admin can do something about it. */
export class SkippedRequests {
  readonly #logger: Logger;
  readonly #reasons = new BoundedMap<string, string>(MAX_REMEMBERED);

  constructor(logger: Logger) {
    this.#logger = logger;
  }

  /** The requests that had nobody to tell. */
  get withoutRecipients(): string[] {
    return [...this.#reasons.keys()].filter((id) => this.hasNoRecipients(id));
  }

  /** Whether the request had nobody to tell. */
  hasNoRecipients(id: string): boolean {
    return this.#reasons.get(id) === "no recipients";
  }

  /** @param reason As the plan says it. */
  add(id: string, reason: string): void {
    if (reason === "up to date" || reason === "never announced") {
      this.#reasons.delete(id);
      return;
    }
    if (this.#reasons.get(id) === reason) return;
    this.#reasons.set(id, reason);
    this.#logger.warn("request is not announced", { request_id: id, reason });
  }
}
