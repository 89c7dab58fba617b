/**
 * One delivery: what is known while it is carried out. Nothing here has to survive.
 *
 * @module
 */

import { Backoff } from "../lib/async/backoff.ts";
import { type Cancellation, OVER } from "../lib/async/cancellation.ts";
import type { Clock } from "../lib/async/clock.ts";
import type { Pause } from "../lib/async/pause.ts";
import { FailureStreak } from "../lib/log/failure_streak.ts";
import type { LogFields } from "../lib/log/log_record.ts";
import type { Logger } from "../lib/log/logger.ts";
import {
  type Announcement,
  announcementOf,
  type ClusterFacts,
} from "../message/announcement.ts";
import type { PeopleConfig } from "../people/people_config.ts";
import type { AccessRequest } from "../ports/access_request.ts";
import { DiscordApiError, fieldsOf } from "../ports/discord_error.ts";
import { MAX_READ_AGE_MS } from "../ports/messenger.ts";
import { knownHint } from "../ports/recovery.ts";
import type { PluginData } from "../record/plugin_data.ts";
import type {
  Change,
  RequestRecord,
  Snapshot,
} from "../record/request_record.ts";
import { factsOf } from "../record/shown_facts.ts";
import type { DueTerms } from "./due/due.ts";
import {
  type AnnouncementSubject,
  nameOf,
  type Subject,
} from "./due/subject.ts";
import { RefusedParts } from "./refused_parts.ts";

/** What is known to be stored, and since when. */
type Known = Pick<Snapshot, "data" | "readAtMs">;

/** A write under the lease of this process: an edit may show meanwhile what it stores. */
export interface Storing {
  readonly before: Snapshot;
  readonly after: Known;
  /** Whether it is stored, once that is known; never rejects. */
  readonly ended: Promise<boolean>;
}

/** The request that a delivery belongs to, as far as deliveries know it. */
export interface DeliverableRequest {
  readonly id: string;
  readonly record: RequestRecord;
  /** The newest that is known of it; `undefined` if it is gone. */
  readonly latest: AccessRequest | undefined;
  /** Whether it is known to be gone. */
  readonly isGone: boolean;
  /** What edits may show before it is stored; if that fails it stays until something is. */
  readonly storing: Storing | undefined;
  /** When it was made, in milliseconds; 0 if that is not known. */
  readonly createdMs: number;
  /** Its deliveries that have not ended, by name of their subject. */
  readonly inFlight: Map<string, InFlightDelivery>;
  /** By name of its subject, since when a message may have been posted; outlives deliveries. */
  readonly unconfirmed: Map<string, number>;
  /**
   * By name of its subject, until when a post may be on its way that nothing keeps from being made twice, by
   * the monotonic clock: whoever acts next has to give it time to arrive.
   */
  readonly postsInDoubt: Map<string, number>;
  /** By recipient, how often its post was taken out of the archive for an edit. */
  readonly reopenings: Map<string, number>;
  /** Takes in that this process has taken its lease from another one. */
  leaseTaken(): void;
}

/** What an {@linkcode InFlightDelivery} needs. */
export interface InFlightOptions {
  readonly logger: Logger;
  readonly clock: Clock;
  /** ID of this process. */
  readonly self: string;
  readonly people: () => PeopleConfig;
  readonly facts: ClusterFacts;
  /** On while Discord refuses the token. */
  readonly pause: Pause;
  /** `stop` ends what has not begun, `deadline` what has. */
  readonly cancellation: Cancellation;
  /** Called when another process was seen to take a request over first. */
  readonly onLeaseLost: (holder: string) => void;
}

/** What a call rests on that is about to be sent. */
export interface HeldLease {
  /** What is stored, or is being stored, with this process as the holder of the lease. */
  readonly data: PluginData;
  /** When it was read, by the monotonic clock. */
  readonly readAtMs: number;
  /** Whether the lease was this process's already. */
  readonly wasHeld: boolean;
}

const RETRY_WAIT = { minMs: 1000, maxMs: 60_000 };

/** Discord's JSON error code for a form whose fields are not as they should be. */
const INVALID_FORM = 50035;

/** How long to wait after a refusal that nothing is known to cure: the first time, and at most. */
const RARE_WAIT = { firstMs: 10_000, maxMs: 3_600_000 };

/** One delivery that is under way, of what its subject says. */
export class InFlightDelivery<S extends Subject = Subject> {
  readonly request: DeliverableRequest;
  /** What it brings in step. */
  readonly subject: S;
  /** What logs call that. */
  readonly name: string;
  readonly logger: Logger;
  readonly backoff: Backoff;
  /** By the monotonic clock. */
  readonly startedMs: number;
  /** No call before this time, by the monotonic clock. */
  notBeforeMs = 0;
  /** Posts in a row that were answered with "unknown message". */
  lostPosts = 0;
  /** Times in a row that the thread was taken out of the archive. */
  unarchived = 0;
  /** What Discord refused of its messages, and the rest can do without. */
  readonly parts = new RefusedParts();
  /** Discord accepts only what is left without typed text, or without being a reply. */
  minimal = false;
  /** Another process took the request over: this one stands back. */
  leaseLost = false;
  attempts = 0;
  /**
   * What a message was recorded to show before an edit of which nobody knows what became; `undefined` if
   * there is none.
   */
  unconfirmedEdit: string | undefined;
  /** The process whose lease the last round allowed to take over; this one, if it holds the lease. */
  holder = "";
  /** The request changed since the delivery was last looked at. */
  changedMeanwhile = false;
  readonly #options: InFlightOptions;
  /** Facts that wait for `notBeforeMs`: others need not. */
  #heldFacts: string | undefined;
  /** Calls in a row that were refused in a way that nothing is known to cure. */
  #refusals = 0;
  #wake = new AbortController();
  readonly #failures = new FailureStreak();

  constructor(
    request: DeliverableRequest,
    subject: S,
    options: InFlightOptions,
  ) {
    const { logger, clock } = options;
    this.#options = options;
    this.request = request;
    this.subject = subject;
    this.name = nameOf(subject);
    this.logger = logger.with({ request_id: request.id, recipient: this.name });
    this.backoff = new Backoff(RETRY_WAIT, clock.random);
    this.startedMs = clock.monotonic();
  }

  /** What decides now whether something is due. */
  get terms(): DueTerms {
    const { latest, isGone } = this.request;
    const { people, clock, facts: { hiddenFor } } = this.#options;
    const { notices } = people();
    const now = new Date(clock.now());
    return { notices, request: latest, isGone, now, hiddenFor };
  }

  /** Returns what a message about the request shows to a recipient. */
  announcement(recipient: string, data: PluginData): Announcement {
    const { id, latest } = this.request;
    return announcementOf(id, recipient, data, latest, this.#options.facts);
  }

  /**
   * Records what was done, however long it takes.
   *
   * @returns What is stored then; `undefined` if there is nothing any more.
   */
  async record(change: Change): Promise<PluginData | undefined> {
    return await this.request.record.persist(change, (err) => {
      this.logFailure("cannot record, will retry", err.code, { err });
    });
  }

  /** Returns what is known to be stored, or else reads it. */
  async stored(): Promise<PluginData | undefined> {
    const { record } = this.request;
    const { data } = record.snapshot ?? await record.read();
    return data;
  }

  /** Returns what a message is to show: what is stored, or is being stored; `undefined` as for {@linkcode #toShow}. */
  async toShow(): Promise<PluginData | undefined> {
    const { record } = this.request;
    return (await this.#toShow(() => record.snapshot))?.data;
  }

  /**
   * @param known Returns what is known to be stored.
   * @returns `undefined` if a write failed of which messages may show more than is stored: they are left as they are
   * until the round that follows starts this delivery anew.
   */
  async #toShow(
    known: () => Snapshot | undefined,
  ): Promise<Known | undefined> {
    const { record, storing } = this.request;
    if (storing !== undefined) {
      if (known() === storing.before) return storing.after;
      if (!await storing.ended) return undefined;
    }
    return known() ?? await record.read();
  }

  /**
   * Sees to it, at the last moment before a call, that this process holds the lease.
   *
   * Source: docs/design/reconciler.md 2.3.
   *
   * @param isDue Whether the call is still needed, by what is stored.
   * @param fromAnybody Whether any other process's lease may be taken, not only that of `holder`: if yet another
   * process was quicker, it is that one's, and the delivery stands back.
   * @param mayRepeat Whether the call can be made again, so that it need not wait for what is being stored.
   * @returns `undefined` if the call is not to be sent any more, or not by this process.
   */
  async holdLease(
    isDue: (data: PluginData) => boolean,
    { fromAnybody = false, mayRepeat = false } = {},
  ): Promise<HeldLease | undefined> {
    const { self, cancellation, pause } = this.#options;
    if (cancellation.stop.aborted || pause.isPaused) return undefined;
    const { record } = this.request;
    const known = () => record.held(MAX_READ_AGE_MS);
    const stored = mayRepeat
      ? await this.#toShow(known)
      : known() ?? await record.read();
    if (stored?.data === undefined || !isDue(stored.data)) return undefined;
    const { data: read, readAtMs } = stored;
    if (read.leaseHolder === self) {
      this.holder = self;
      return { data: read, readAtMs, wasHeld: true };
    }
    const holder = fromAnybody ? read.leaseHolder : this.holder;
    const data = await this.#takeLease(read, holder);
    return data && isDue(data) ? { data, readAtMs, wasHeld: false } : undefined;
  }

  async #takeLease(
    read: PluginData,
    holder: string,
  ): Promise<PluginData | undefined> {
    const { self, onLeaseLost } = this.#options;
    const stored = read.leaseHolder === holder
      ? await this.request.record.update((now) =>
        now.leaseHolder === holder
          ? { ...now, own: true, leaseHolder: self }
          : now
      )
      : read;
    if (stored === undefined) return undefined;
    if (stored.leaseHolder === self) {
      // Whoever takes it back later has waited for it: the delivery does not take it a second time.
      this.holder = self;
      this.request.leaseTaken();
      return stored;
    }
    this.leaseLost = true;
    onLeaseLost(stored.leaseHolder);
    return undefined;
  }

  /** Since when a post may have arrived without this process knowing, by the monotonic clock. */
  get unconfirmedSinceMs(): number | undefined {
    return this.request.unconfirmed.get(this.name);
  }

  /** A post failed in a way that leaves open whether it arrived; the first such time counts. */
  markUnconfirmed(sinceMs: number): void {
    const { unconfirmed } = this.request;
    if (!unconfirmed.has(this.name)) unconfirmed.set(this.name, sinceMs);
  }

  /** Whether no time is known after which it will work. */
  get isRefused(): boolean {
    return this.#refusals > 0;
  }

  /** How long it is until the next call may be made, in milliseconds; not above 0 if it may be made now. */
  get leftMs(): number {
    return this.notBeforeMs - this.#options.clock.monotonic();
  }

  /** Makes no call for some time. */
  wait(ms: number): void {
    this.notBeforeMs = this.#options.clock.monotonic() + ms;
  }

  /** Makes no call that shows these facts before a time by the monotonic clock; others may be shown. */
  holdBack(facts: string | undefined, untilMs: number): void {
    this.#heldFacts = facts;
    this.notBeforeMs = untilMs;
  }

  /** What is held back is tried at once when there is something else to show. */
  lookForNews(): void {
    const { data } = this.request.record.snapshot ?? {};
    if (this.#heldFacts === undefined || data === undefined) return;
    if (factsOf(data) !== this.#heldFacts) this.holdBack(undefined, 0);
  }

  /** Tries again soon, as time cures what happened. */
  retry(error: DiscordApiError): void {
    const { retryAfterMs = 0 } = error;
    // The client itself waits out a rate limit before the next call.
    const waitMs = error.status === 429
      ? 0
      : Math.max(this.backoff.nextMs(), retryAfterMs);
    // A post of a forum may still arrive.
    this.wait(Math.max(this.leftMs, waitMs));
    this.logFailure(
      "call failed, will retry",
      `${error.route} ${error.status} ${error.code}`,
      {
        ...fieldsOf(error),
        wait_ms: Math.round(Math.max(waitMs, retryAfterMs)),
      },
    );
  }

  /**
   * Tries again ever more rarely, since nothing is known to cure what happened: a refusal with an unknown code,
   * or a fault of this program. It is said once.
   */
  retryRarely(error: unknown): void {
    const isNews = !this.isRefused;
    const { firstMs, maxMs } = RARE_WAIT;
    const waitMs = Math.min(maxMs, firstMs * 2 ** this.#refusals++);
    this.wait(waitMs);
    const { data } = this.request.record.snapshot ?? {};
    this.#heldFacts = data && factsOf(data);
    const isRefusal = error instanceof DiscordApiError;
    const fields = isRefusal
      ? { ...fieldsOf(error), hint: knownHint(error), wait_ms: waitMs }
      : { err: error, wait_ms: waitMs };
    const level = !isNews ? "debug" : isRefusal ? "warn" : "error";
    this.logger[level](
      "delivery failed, trying again ever more rarely",
      fields,
    );
  }

  /** Leaves out the parts that were refused, if the rest can do without; returns whether that is so. */
  leaveOutRefused(error: DiscordApiError): boolean {
    if (error.code !== INVALID_FORM || !this.parts.refuse(error.faults)) {
      return false;
    }
    this.logger.warn(
      "parts of the message were refused, sending it without them",
      fieldsOf(error),
    );
    return true;
  }

  /** Sends less the next time; what is refused even then stays refused. */
  simplify(error: DiscordApiError): void {
    if (this.minimal) return this.retryRarely(error);
    this.minimal = true;
    this.logger.warn(
      "content was refused, sending the minimal message",
      fieldsOf(error),
    );
  }

  /** A post is recorded: it is known what became of every one. */
  posted(): void {
    this.succeeded();
    this.request.unconfirmed.delete(this.name);
    this.request.postsInDoubt.delete(this.name);
  }

  /** Aborted as soon as the request changes. */
  get changed(): AbortSignal {
    return this.#wake.signal;
  }

  /** Ends a pause, because the request changed. */
  wake(): void {
    this.changedMeanwhile = true;
    this.#wake.abort(OVER);
    this.#wake = new AbortController();
  }

  /** Of failures in a row, logs the first and each that differs from the one before. */
  logFailure(message: string, kind: string, fields: LogFields): void {
    if (this.#failures.add(kind)) this.logger.warn(message, fields);
    else this.logger.debug(message, fields);
  }

  /** A call worked: failures count from the beginning again. */
  succeeded(): void {
    if (this.#failures.end()) {
      this.logger.info("delivery recovered", { attempts: this.attempts });
    }
    this.attempts = 0;
    this.lostPosts = 0;
    this.unarchived = 0;
    this.#refusals = 0;
    this.#heldFacts = undefined;
    this.backoff.reset();
  }
}

/** The delivery of an announcement. */
export type AnnouncementDelivery = InFlightDelivery<AnnouncementSubject>;

/** Whether a delivery is that of an announcement, and not of notices. */
export function isAnnouncement(
  delivery: InFlightDelivery,
): delivery is AnnouncementDelivery {
  return delivery.subject.kind === "announce";
}
