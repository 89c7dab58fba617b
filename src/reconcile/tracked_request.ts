/**
 * A request that is being worked on.
 *
 * @module
 */

import type {
  DeliverableRequest,
  InFlightDelivery,
  Storing,
} from "../deliver/in_flight.ts";
import { Backoff } from "../lib/async/backoff.ts";
import type { AccessRequest } from "../ports/access_request.ts";
import {
  CONFLICT_WAIT,
  type RecordOptions,
  RequestRecord,
} from "../record/request_record.ts";
import { newerObservation, type Observation } from "./observe.ts";

/** A request, as long as something about it is to be done. Whatever must survive is in its record. */
export class TrackedRequest implements DeliverableRequest {
  readonly id: string;
  readonly record: RequestRecord;
  /** The newest that is known of the request. */
  observation: Observation;
  /** A read by ID is needed before anything is decided; says whether absence would then prove anything. */
  lookup: {
    readonly absenceProves: boolean;
    /** A list has just left the request out. */
    readonly isUnlisted?: boolean;
  } | undefined;
  /** The lease of another process that is given time to act, and since when it has not written. */
  lease: {
    readonly mark: string;
    readonly sinceMs: number;
    /** It has expired, and the holder was declared gone: once, as it may be seen again. */
    expired: boolean;
  } | undefined;
  /** Who is told by today's routing, as far as this round had to ask. */
  recipients: readonly string[] | undefined;
  /** When the last read by ID that showed the request began, by the monotonic clock. */
  readAtMs = -Infinity;
  /** When it was last decided what it needs; before that, when it began to be kept. */
  decidedAt: Date;
  /** Something was seen that no round has taken in yet. */
  unseen = true;
  /** Of what was seen last, a read by ID was made for a decision already, whatever it showed. */
  confirmed = false;
  /** The state that things were last looked up for. */
  lookedUpFor: string | undefined;
  /** Set while facts are stored beside the edits that show them, and if they could not be stored. */
  storing: Storing | undefined;
  /** Whether a claim was tried: something may be stored. */
  claimTried = false;
  /** Times between claims that somebody else got in the way of. */
  readonly claimWait: Backoff;
  readonly inFlight: Map<string, InFlightDelivery> = new Map();
  readonly unconfirmed: Map<string, number> = new Map();
  readonly postsInDoubt: Map<string, number> = new Map();
  readonly reopenings: Map<string, number> = new Map();
  /** Rounds that failed one after another. */
  failures = 0;

  constructor(id: string, observation: Observation, options: RecordOptions) {
    this.id = id;
    this.decidedAt = new Date(options.clock.now());
    this.record = new RequestRecord(id, options);
    this.claimWait = new Backoff(CONFLICT_WAIT, options.clock.random);
    this.observation = observation;
  }

  /** The newest that is known of it; `undefined` if it is gone. */
  get latest(): AccessRequest | undefined {
    return this.observation.request;
  }

  /** Whether some delivery of the request has not ended. */
  get isBusy(): boolean {
    return this.inFlight.size > 0;
  }

  get isGone(): boolean {
    return this.observation.gone !== undefined;
  }

  /** Takes in what was seen later, in whatever order it arrives. */
  observe(observation: Observation): void {
    this.observation = newerObservation(this.observation, observation);
  }

  /** This process took the lease of another: whoever holds it after that has written since. */
  leaseTaken(): void {
    this.lease = { mark: "", sinceMs: 0, expired: false };
  }

  /** Notes that what was seen is taken in: from now on it may be as old as a list. */
  age(): void {
    this.observation = { ...this.observation, source: "list" };
  }

  /** When the request was made, in milliseconds; 0 if that is not known. */
  get createdMs(): number {
    const created = this.observation.request?.created ??
      this.record.snapshot?.data?.created;
    return created?.getTime() ?? 0;
  }
}
