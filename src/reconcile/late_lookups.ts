/**
 * Names, logins and people that look-ups bring too late for the call that they were made for.
 *
 * @module
 */

import { untoldState } from "../deliver/due/due.ts";
import type { Subject } from "../deliver/due/subject.ts";
import { Backoff } from "../lib/async/backoff.ts";
import type { Cancellation } from "../lib/async/cancellation.ts";
import type { Clock } from "../lib/async/clock.ts";
import type { Logger } from "../lib/log/logger.ts";
import type {
  PendingLookups,
  RequestLookups,
} from "../people/request_lookups.ts";
import { recoverTeleport } from "../ports/recovery.ts";
import { TeleportError } from "../ports/teleport_error.ts";
import { missingLookups } from "../record/missing.ts";
import { type PluginData, withOwedTimes } from "../record/plugin_data.ts";
import type { Change } from "../record/request_record.ts";
import type { TrackedRequest } from "./tracked_request.ts";

/** What {@linkcode LateLookups} need. */
export interface LateLookupsOptions {
  readonly requestLookups: RequestLookups;
  readonly cancellation: Cancellation;
  readonly clock: Clock;
  readonly logger: Logger;
}

const RETRY_WAIT = { minMs: 100, maxMs: 60_000 };

/** Records what comes late, so that messages get to show it. */
export class LateLookups {
  readonly #options: LateLookupsOptions;
  readonly #onRecorded: (request: TrackedRequest) => void;

  /** @param onRecorded Called when something was recorded that messages do not show yet. */
  constructor(
    options: LateLookupsOptions,
    onRecorded: (request: TrackedRequest) => void,
  ) {
    this.#options = options;
    this.#onRecorded = onRecorded;
  }

  /**
   * Records what becomes known after the claim was stored.
   *
   * @param due What is still to be brought in step.
   */
  awaitRest(
    tracked: TrackedRequest,
    claim: PluginData,
    due: readonly Subject[],
    { people, names }: PendingLookups,
  ): void {
    tracked.lookedUpFor = untoldState(claim, due);
    people.rest?.then(() => this.#record(tracked, people.complete));
    if (missingLookups(claim).size > 0) {
      names.rest.then(() => this.#record(tracked, names.complete));
    }
  }

  /**
   * Looks up once more what messages lack that are to tell a new state anyway.
   *
   * @param due What is still to be brought in step.
   */
  async lookUpAgain(
    tracked: TrackedRequest,
    data: PluginData,
    due: readonly Subject[],
  ): Promise<void> {
    const { request } = tracked.observation;
    const missing = missingLookups(data);
    const state = untoldState(data, due);
    if (request === undefined || missing.size === 0 || state === undefined) {
      return;
    }
    if (state === tracked.lookedUpFor) return;
    tracked.lookedUpFor = state;
    const { people, names } = await this.#options.requestLookups
      .find(request, 0, missing);
    names.rest.then(() => this.#record(tracked, names.complete));
    await people.rest;
    await this.#record(tracked, people.complete);
  }

  /** Records what was found: it is not looked up again, so an Auth Service that is out of reach is waited for. */
  async #record(tracked: TrackedRequest, found: Change): Promise<void> {
    const { cancellation, clock, logger } = this.#options;
    // Since when those are owed who are found to be told is recorded with them.
    const change: Change = (data) =>
      withOwedTimes(data, found(data), new Date(clock.now()));
    const { record } = tracked;
    const backoff = new Backoff(RETRY_WAIT, clock.random);
    while (!cancellation.stop.aborted) {
      const { snapshot } = record;
      const data = snapshot?.data;
      const changesNothing = data === undefined || change(data) === data;
      if (snapshot !== undefined && changesNothing) return;
      try {
        // What deliveries record may go out with the same write, and must not be lost on the way out.
        await record.update(change);
        return this.#onRecorded(tracked);
      } catch (error) {
        logger.debug("cannot record what was looked up", {
          request_id: tracked.id,
          err: error,
        });
        if (!(error instanceof TeleportError)) return;
        const recovery = recoverTeleport(error);
        if (recovery === "gone" || recovery === "give up") return;
      }
      await clock.sleep(backoff.nextMs(), cancellation.stop).catch(() => {});
    }
  }
}
