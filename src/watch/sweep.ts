/**
 * The sweep: lists what events cannot tell.
 *
 * A watch has no history. So after each INIT, and again and again, the rules are listed, all plugin data is
 * read, then all requests are listed; events that arrive meanwhile are newer than the list, and are taken
 * in at once.
 *
 * Source: docs/design/reconciler.md 5; docs/design/teleport-behaviour.md 4.
 *
 * @module
 */

import { RecentKeys } from "../lib/async/recent_keys.ts";
import type { Logger } from "../lib/log/logger.ts";
import type { Clock } from "../lib/async/clock.ts";
import type { AccessRequest } from "../ports/access_request.ts";
import {
  type AuthService,
  LIST_LAG_MS,
  type StoredEntries,
  type StoredEntriesById,
} from "../ports/auth_service.ts";
import { TeleportError } from "../ports/teleport_error.ts";
import type { Reconciler } from "../reconcile/reconciler.ts";
import type { RuleBook } from "../route/rule_book.ts";
import { ProgressLog } from "./progress_log.ts";

/** What a {@linkcode Sweep} needs. */
export interface SweepOptions {
  readonly auth: AuthService;
  readonly reconciler: Reconciler;
  readonly ruleBook: RuleBook;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** Requests whose plugin data is read one by one, at the same time. */
const CONCURRENT_READS = 16;

/** Looks at every request and at all plugin data. */
export class Sweep {
  readonly #options: SweepOptions;
  readonly #progress: ProgressLog;
  /** Requests that events told the end of. */
  readonly #ended: RecentKeys;
  #oversizeWarned = false;
  #missesDeletions = false;

  constructor(options: SweepOptions) {
    this.#options = options;
    const { clock, logger, reconciler } = options;
    this.#ended = new RecentKeys(clock, LIST_LAG_MS);
    this.#progress = new ProgressLog({
      clock,
      logger,
      left: () => reconciler.workload.requests,
    });
  }

  /** Notes what an event told of a request. */
  note(id: string, hasEnded: boolean): void {
    if (hasEnded) this.#ended.add(id);
    else this.#ended.delete(id);
  }

  /**
   * Whether requests that were deleted while nobody watched may be unknown: nothing lists them, and all
   * plugin data together is too large for one answer, or could not be read.
   */
  get missesDeletions(): boolean {
    return this.#missesDeletions;
  }

  /**
   * Looks at every request and at all plugin data.
   *
   * @param isFirst Whether it is the first since the watch was opened: nobody watched before.
   */
  async run(signal: AbortSignal, isFirst: boolean): Promise<void> {
    const { reconciler, ruleBook, logger, clock } = this.#options;
    const auth = this.#options.auth.within(signal);
    await ruleBook.load(signal);
    this.#ended.expire();
    let readAtMs = clock.monotonic();
    const stored = await this.#allPluginData(auth);
    const listed = new Set<string>();
    let busy = 0;
    // Where plugin data is read one by one, a page that was read ahead would grow old.
    const reading = stored === undefined ? undefined : "ahead";
    for await (const page of auth.listAccessRequests(reading)) {
      if (stored === undefined) readAtMs = clock.monotonic();
      const read = stored ?? await this.#readEach(page, auth);
      for (const request of page) {
        listed.add(request.id);
        const entries = read.get(request.id);
        // The list is older than an event; of a request that was never announced nothing else remembers its end.
        if (request.state === "PENDING" && this.#ended.has(request.id)) {
          continue;
        }
        if (reconciler.observedInList(request, entries, readAtMs)) busy++;
      }
    }
    if (stored !== undefined) {
      this.#missesDeletions = false;
      this.#findMissing(stored, listed);
    } else if (isFirst || this.#missesDeletions) {
      await this.#findDeleted(listed, auth);
    }
    logger.debug("listed requests", { requests: listed.size, busy });
    if (busy > 0) this.#progress.follow(busy, signal);
  }

  /** Takes in which requests have plugin data and were not listed. */
  #findMissing(stored: StoredEntriesById, listed: ReadonlySet<string>): void {
    for (const id of stored.keys()) {
      const entries = listed.has(id) ? undefined : stored.get(id);
      if (entries === undefined) continue;
      this.#options.reconciler.missingFromList(id, entries, listed.size > 0);
    }
  }

  /** Finds requests that were deleted while nobody watched, by all plugin data in one large answer. */
  async #findDeleted(
    listed: ReadonlySet<string>,
    auth: AuthService,
  ): Promise<void> {
    const { logger } = this.#options;
    try {
      this.#findMissing(await auth.listPluginData("large"), listed);
      this.#missesDeletions = false;
    } catch (error) {
      // What is listed is followed all the same.
      if (!(error instanceof TeleportError)) throw error;
      if (!this.#missesDeletions) {
        logger.warn("cannot find requests that were deleted meanwhile", {
          err: error,
          code: error.code,
          hint:
            "their messages stay as they are; it is tried again at each sweep, and plugin data ends with the access. " +
            "If code is RESOURCE_EXHAUSTED, give the plugin more memory: three times the answer and 128 MiB",
        });
      }
      this.#missesDeletions = true;
    }
  }

  /** All plugin data in one answer; `undefined` if that is larger than an answer may be. */
  async #allPluginData(
    auth: AuthService,
  ): Promise<StoredEntriesById | undefined> {
    const { logger } = this.#options;
    try {
      return await auth.listPluginData();
    } catch (error) {
      if (
        !(error instanceof TeleportError) || error.code !== "RESOURCE_EXHAUSTED"
      ) throw error;
      if (!this.#oversizeWarned) {
        this.#oversizeWarned = true;
        logger.warn(
          "there is too much plugin data for one answer, reading it request by request",
        );
      }
      return undefined;
    }
  }

  async #readEach(
    requests: readonly AccessRequest[],
    auth: AuthService,
  ): Promise<Map<string, StoredEntries>> {
    const read = new Map<string, StoredEntries>();
    const waiting = requests.values();
    const reader = async () => {
      for (const { id } of waiting) {
        const entries = await auth.getPluginData(id);
        if (entries !== undefined) read.set(id, entries);
      }
    };
    await Promise.all(Array.from({ length: CONCURRENT_READS }, reader));
    return read;
  }
}
