/**
 * The reconciler: brings what is shown in step with what is wanted, one request at a time.
 *
 * A round reads what is stored, decides, and records what was seen; deliveries run beside it. Whatever
 * happened before (a start, a reconnect, a crash, a second instance), the round is the same.
 *
 * Source: docs/design/reconciler.md 2 to 5.
 *
 * @module
 */

import type { Deliveries } from "../deliver/deliveries.ts";
import { hasEnded, untoldOfEnd } from "../deliver/due/access_end.ts";
import {
  allDue,
  type DueTerms,
  type HiddenFor,
  nextDueMs,
} from "../deliver/due/due.ts";
import {
  announcementAt,
  isTimed,
  nameOf,
  type Subject,
} from "../deliver/due/subject.ts";
import type { Cancellation } from "../lib/async/cancellation.ts";
import type { Clock } from "../lib/async/clock.ts";
import { waitFor } from "../lib/async/wait.ts";
import { WorkQueue } from "../lib/async/work_queue.ts";
import type { Logger } from "../lib/log/logger.ts";
import type { PeopleConfig } from "../people/people_config.ts";
import type { RequestLookups } from "../people/request_lookups.ts";
import type { AccessRequest } from "../ports/access_request.ts";
import type { AuthService, StoredEntries } from "../ports/auth_service.ts";
import { CALL_ARRIVES_MS } from "../ports/messenger.ts";
import { type PluginData, withOwedTimes } from "../record/plugin_data.ts";
import { decodePluginData } from "../record/plugin_data_codec.ts";
import { RecalledRecords } from "../record/recalled_records.ts";
import { type RequestRecord, snapshotOf } from "../record/request_record.ts";
import { recipientsFor } from "../route/role_map.ts";
import type { Router } from "../route/router.ts";
import {
  asksForRecipients,
  claimFor,
  decide,
  isAnnounceable,
  isJustMade,
  type Plan,
  type RoundResult,
} from "./decide.ts";
import { LateLookups } from "./late_lookups.ts";
import { HandBack } from "./hand_back.ts";
import { Leases } from "./leases.ts";
import { newerObservation, type Observation } from "./observe.ts";
import { readById } from "./read_by_id.ts";
import { RequestTimers } from "./request_timers.ts";
import { RoundFailures } from "./round_failures.ts";
import { SkippedRequests } from "./skipped_requests.ts";
import { TrackedRequest } from "./tracked_request.ts";
import { UnstoredOutcomes } from "./unstored_outcomes.ts";

/** What a {@linkcode Reconciler} needs. */
export interface ReconcilerOptions {
  readonly auth: AuthService;
  readonly router: Router;
  readonly deliveries: Deliveries;
  readonly requestLookups: RequestLookups;
  readonly people: () => PeopleConfig;
  /** What today's configuration does not show to a recipient. */
  readonly hiddenFor: HiddenFor;
  readonly clock: Clock;
  readonly logger: Logger;
  /** ID of this process. */
  readonly self: string;
  /** `stop` ends what has not begun, `deadline` what has. */
  readonly cancellation: Cancellation;
  /** Called with each request that is seen; `undefined` if it is gone. */
  readonly onSeen?: (id: string, request: AccessRequest | undefined) => void;
  /** Called after each round. */
  readonly onRound?: ((result: RoundResult, ms: number) => void) | undefined;
}

/** What is to be done, and how that goes. */
export interface Workload {
  /** Requests that need work. */
  readonly requests: number;
  /** Requests that wait for a reconcile round, or are in one. */
  readonly queued: number;
  /** Deliveries that have not ended. */
  readonly deliveries: number;
  /** How long the oldest of them has been tried, in milliseconds; 0 if there is none. */
  readonly oldestDeliveryMs: number;
  /** Deliveries that are tried ever more rarely: nothing is known to cure what they fail with. */
  readonly givenUp: number;
}

/** Rounds at the same time. */
const CONCURRENT_ROUNDS = 16;

/** How long an announcement waits for people, names and logins. */
const LOOKUP_WAIT_MS = 300;

/** What this process owns and read less than this ago need not be read again for a round. */
const FRESH_READ_MS = 5000;

/** What a read by ID showed less than this ago is the newest there is: two calls fit into it that are slow. */
const FRESH_REQUEST_MS = 30_000;

/** Nothing was seen of a request but that there is one. */
const UNSEEN: Observation = {
  request: undefined,
  source: "list",
  gone: undefined,
};

/** Keeps every request that needs work until nothing is left to do. */
export class Reconciler {
  readonly #options: ReconcilerOptions;
  readonly #queue: WorkQueue<RoundResult>;
  readonly #deliveries: Deliveries;
  readonly #lateLookups: LateLookups;
  readonly #timers: RequestTimers;
  readonly #leases: Leases;
  readonly #failures: RoundFailures;
  readonly #tracked = new Map<string, TrackedRequest>();
  /** Gives requests back as soon as nothing is under way for them, once this process stops. */
  #handBack: HandBack | undefined;
  /** Requests that wait until it is known who is told. */
  readonly #unrouted = new Set<string>();
  readonly #skipped: SkippedRequests;
  readonly #recalled: RecalledRecords;
  readonly #outcomes: UnstoredOutcomes;

  constructor(options: ReconcilerOptions) {
    this.#options = options;
    const { deliveries, clock, logger, cancellation } = options;
    const signal = cancellation.stop;
    this.#deliveries = deliveries;
    this.#queue = new WorkQueue({
      concurrency: CONCURRENT_ROUNDS,
      work: (id) => this.#round(id),
      onEnd: (id, outcome, ms) => this.#roundEnded(id, outcome, ms),
      clock,
      signal,
    });
    this.#leases = new Leases(
      options,
      (leaseHolder) => this.#lookAtRequestsOf(leaseHolder),
    );
    this.#failures = new RoundFailures(options);
    this.#lateLookups = new LateLookups(
      options,
      // It may have been let go meanwhile; what was known of it may be as old as a list.
      ({ id, observation }) =>
        this.observed(id, { ...observation, source: "list" }),
    );
    this.#skipped = new SkippedRequests(logger);
    this.#recalled = new RecalledRecords(options.self);
    this.#outcomes = new UnstoredOutcomes(clock);
    this.#timers = new RequestTimers({
      clock,
      signal,
      onDue: (id) => this.#lookAgain(id),
    });
  }

  /** What is to be done, and how that goes. */
  get workload(): Workload {
    return {
      requests: this.#tracked.size,
      queued: this.#queue.depth,
      deliveries: this.#deliveries.count,
      oldestDeliveryMs: this.#deliveries.oldestMs,
      givenUp: this.#deliveries.givenUp,
    };
  }

  /** Takes in what was seen of a request, and looks at it again. */
  observed(id: string, observation: Observation): void {
    this.#track(id, observation);
    this.#queue.add(id);
  }

  /** Takes in what was seen of a request; returns what is kept of it. */
  #track(id: string, observation: Observation): TrackedRequest {
    if (observation !== UNSEEN) {
      this.#options.onSeen?.(id, observation.request);
    }
    let tracked = this.#tracked.get(id);
    if (tracked === undefined) {
      const newest = newerObservation(this.#outcomes.of(id), observation);
      tracked = new TrackedRequest(id, newest, this.#options);
      this.#tracked.set(id, tracked);
    } else {
      tracked.observe(observation);
      tracked.unseen = true;
      tracked.confirmed = false;
    }
    return tracked;
  }

  /**
   * Takes in what a list showed of a request; most of them need nothing, and are not kept.
   *
   * @param readAtMs When the plugin data was read, by the monotonic clock.
   * @returns Whether something is to be done.
   */
  observedInList(
    request: AccessRequest,
    stored: StoredEntries | undefined,
    readAtMs: number,
  ): boolean {
    const observation: Observation = { ...UNSEEN, request };
    const tracked = this.#tracked.get(request.id);
    const snapshot = snapshotOf(stored, readAtMs);
    if (tracked === undefined) {
      const now = new Date(this.#options.clock.now());
      const { data } = snapshot;
      const seen = {
        observation,
        recipients: undefined,
        readAtMs: -Infinity,
        confirmed: false,
      };
      const plan = this.#decide(seen, data, false, now);
      if (plan.kind === "ignore") {
        this.#options.onSeen?.(request.id, request);
        this.#skipped.add(request.id, plan.reason);
        if (data === undefined) this.#outcomes.add(request);
        else this.#setTimer(request.id, data, observation, now);
        return false;
      }
    } else if (tracked.observation.gone === "inferred") {
      // Either that was wrong, or the list is old.
      tracked.lookup ??= { absenceProves: false };
    }
    const next = this.#track(request.id, observation);
    // What was just read need not be read again.
    next.record.takeIn(snapshot, "learned");
    const { data } = next.record.snapshot ?? {};
    // A list may be older than what ended the wait.
    if (data !== undefined && this.#allDue(data, observation).some(isTimed)) {
      next.lookup ??= { absenceProves: false };
    }
    this.#queue.add(request.id);
    // One that had nobody to tell has most likely nobody still.
    return !this.#skipped.hasNoRecipients(request.id);
  }

  /** Looks again at the requests that waited for the routing. */
  routingKnown(): void {
    for (const id of this.#unrouted) this.#queue.add(id);
    this.#unrouted.clear();
  }

  /** Looks again at the requests that had nobody to tell by the routing. */
  routingChanged(): void {
    for (const id of this.#skipped.withoutRecipients) this.#lookAgain(id);
  }

  /**
   * Takes in that a list did not show a request that has plugin data.
   *
   * @param absenceProves Whether the list showed some other request.
   */
  missingFromList(
    id: string,
    stored: StoredEntries,
    absenceProves: boolean,
  ): void {
    this.#options.onSeen?.(id, undefined);
    const now = new Date(this.#options.clock.now());
    const data = decodePluginData(stored.entries);
    const due = this.#allDue(data, UNSEEN);
    const mayHaveEnded = untoldOfEnd(data).length > 0 &&
      hasEnded(data, { ...this.#termsOf(UNSEEN), isGone: true });
    if (
      data.resolution !== "" && due.length === 0 && !mayHaveEnded &&
      !this.#tracked.has(id)
    ) return this.#setTimer(id, data, UNSEEN, now);
    const tracked = this.#track(id, UNSEEN);
    if (data.resolution === "" || data.inferred || mayHaveEnded) {
      tracked.lookup = { absenceProves, isUnlisted: true };
    }
    this.#queue.add(id);
  }

  /**
   * Waits until what is under way has ended, and gives back what is still to be done; call it after the
   * signal to stop.
   */
  async drain(): Promise<void> {
    await this.#queue.idle();
    const { self, clock, logger } = this.#options;
    const isDue = ({ observation }: TrackedRequest, data: PluginData) =>
      this.#allDue(data, observation).length > 0;
    const handBack = new HandBack({ self, isDue, clock, logger });
    this.#handBack = handBack;
    const all = [...this.#tracked.values()];
    handBack.addAll(all.filter(({ isBusy }) => !isBusy));
    await this.#deliveries.drain();
    await handBack.finish();
  }

  /** Takes in that another process writes. */
  holderSeen(holder: string): void {
    this.#leases.holderSeen(holder);
  }

  /** Takes in that a delivery of a request has ended for now. */
  deliveryEnded(id: string, name: string): void {
    const request = this.#tracked.get(id);
    if (request === undefined) return;
    const isIdle = request.inFlight.size === 0;
    if (this.#handBack !== undefined) {
      if (isIdle) this.#handBack.add(request);
    } else if (isIdle || this.#makesDue(request, name)) this.#queue.add(id);
  }

  /** Whether something is due after a delivery that was not before; others may be under way for days. */
  #makesDue({ record, observation, inFlight }: TrackedRequest, name: string) {
    const { data } = record.snapshot ?? {};
    return data?.leaseHolder === this.#options.self &&
      this.#allDue(data, observation).some((subject) =>
        !isTimed(subject) && nameOf(subject) !== name &&
        !inFlight.has(nameOf(subject))
      );
  }

  /** Reads a request by its ID: what is known of it may be old. */
  #lookAgain(id: string): void {
    this.#track(id, UNSEEN).lookup ??= { absenceProves: false };
    this.#queue.add(id);
  }

  /**
   * Notes when a request is to be looked at again because time passes.
   *
   * @param decidedAt When it was decided what it needs: what has fallen due since then has not been seen.
   */
  #setTimer(
    id: string,
    data: PluginData,
    observation: Observation,
    decidedAt: Date,
  ): void {
    const terms = { ...this.#termsOf(observation), now: decidedAt };
    this.#timers.set(id, nextDueMs(data, terms));
  }

  /** Reads what is stored, decides, and carries that out. */
  async #round(id: string): Promise<RoundResult> {
    const { auth, router, clock, logger, cancellation } = this.#options;
    const request = this.#tracked.get(id);
    if (request === undefined) return "ignore";
    request.unseen = false;
    request.recipients = undefined;
    if (request.lookup !== undefined) {
      await readById(request, { auth, clock, signal: cancellation.stop });
    }
    const { record } = request;
    let stored = await this.#stored(request);
    let plan: Plan;
    for (;;) {
      const holderIsGone = stored !== undefined &&
        this.#leases.hasLeaseExpired(request, stored);
      const { observation } = request;
      const now = new Date(clock.now());
      if (router.isReady && asksForRecipients(observation, stored, now)) {
        request.recipients = await router.recipientsOf(
          observation.request,
          request.failures,
        );
      }
      request.decidedAt = new Date(clock.now());
      plan = this.#decide(request, stored, holderIsGone, request.decidedAt);
      const isWritten = plan.kind === "follow" && plan.data !== stored;
      if (isWritten || !record.isRecalled) break;
      // Where nothing is written, nothing would tell whether that is still what is stored.
      stored = (await waitFor(record.read(), cancellation.stop)).data;
    }
    logger.debug("decided", {
      request_id: request.id,
      plan: plan.kind,
      reason: "reason" in plan ? plan.reason : undefined,
    });
    switch (plan.kind) {
      case "ignore":
        this.#skipped.add(request.id, plan.reason);
        if (stored === undefined) this.#outcomes.add(request.latest);
        this.#release(request);
        break;
      case "confirm":
        if (request.confirmed) this.#release(request);
        else {
          request.confirmed = true;
          request.lookup = { absenceProves: false };
          this.#queue.add(request.id);
        }
        break;
      case "route":
        // It is not known yet by which rules.
        this.#unrouted.add(request.id);
        break;
      case "announce":
        await this.#announce(request, plan);
        break;
      case "follow":
      case "wait":
        await this.#follow(request, stored, plan);
    }
    request.failures = 0;
    if (!request.unseen) request.age();
    return plan.kind;
  }

  /** What is stored; of a request that was just made nothing is, and claiming it finds out if something is. */
  async #stored(request: TrackedRequest): Promise<PluginData | undefined> {
    const { record, observation } = request;
    const { self, cancellation } = this.#options;
    const recalled = this.#recalled.take(request.id);
    if (recalled !== undefined && observation.source === "put") {
      record.takeIn(recalled, "recalled");
      if (record.isRecalled) return recalled.data;
    }
    const isNew = record.snapshot === undefined && !request.claimTried &&
      isJustMade(observation);
    if (isNew) return undefined;
    const isFresh = record.snapshot?.data?.leaseHolder === self ||
      record.isLearned;
    const read = record.read(isFresh ? FRESH_READ_MS : 0);
    return (await waitFor(read, cancellation.stop)).data;
  }

  #decide(
    { observation, recipients, readAtMs, confirmed }: Pick<
      TrackedRequest,
      "observation" | "recipients" | "readAtMs" | "confirmed"
    >,
    stored: PluginData | undefined,
    holderIsGone: boolean,
    now: Date,
  ): Plan {
    const { people, self, clock } = this.#options;
    const { request } = observation;
    return decide({
      observation,
      stored,
      recipients,
      mentions: request === undefined
        ? []
        : recipientsFor(request.roles, people().mentions),
      terms: { ...this.#termsOf(observation), now },
      self,
      holderIsGone: holderIsGone ||
        (stored !== undefined && this.#leases.isHolderGone(stored)),
      isFreshlyRead: clock.monotonic() - readAtMs < FRESH_REQUEST_MS,
      isConfirmed: confirmed,
    });
  }

  #allDue(data: PluginData, observation: Observation): Subject[] {
    return allDue(data, this.#termsOf(observation));
  }

  #termsOf({ request, gone }: Observation): DueTerms {
    const { people, hiddenFor, clock } = this.#options;
    const { notices } = people();
    const now = new Date(clock.now());
    return { request, notices, isGone: gone !== undefined, now, hiddenFor };
  }

  async #announce(
    tracked: TrackedRequest,
    plan: Plan & { kind: "announce" },
  ): Promise<void> {
    const { requestLookups, self, cancellation, clock } = this.#options;
    const { request, recipients } = plan;
    const lookups = await requestLookups.find(request, LOOKUP_WAIT_MS);
    // Without a claim it is any other process's at once.
    if (cancellation.stop.aborted) return;
    const now = new Date(clock.now());
    // Meanwhile it may have ended: nobody is to be called for what is decided.
    if (!isAnnounceable(tracked.observation, now)) {
      return this.#queue.add(tracked.id);
    }
    const named = claimFor(request, recipients, lookups.names.soFar, self);
    const claim = withOwedTimes(undefined, lookups.people.claim(named), now);
    tracked.claimTried = true;
    if (!await tracked.record.create(claim)) {
      // Somebody else claimed it, or several tried at once and none of them did.
      return this.#queue.addAfter(tracked.id, tracked.claimWait.nextMs());
    }
    this.#failures.storedAgain();
    const due = [...claim.deliveries.keys()].map(announcementAt);
    this.#deliveries.start(tracked, due, self);
    this.#setTimer(tracked.id, claim, tracked.observation, now);
    this.#lateLookups.awaitRest(tracked, claim, due, lookups);
  }

  /** Stores the facts that were seen, then brings the messages in step if that is for this process to do. */
  async #follow(
    request: TrackedRequest,
    stored: PluginData | undefined,
    plan: Plan & { kind: "follow" | "wait" },
  ): Promise<void> {
    const data = stored && await this.#store(request, stored, plan);
    // The decision holds only for what it was made from.
    if (data === "changed meanwhile") {
      request.unseen = true;
      return this.#queue.add(request.id);
    }
    if (data === undefined) return this.#release(request);
    request.storing = undefined;
    if (plan.kind === "wait") {
      // The holder has its time to act; after that the request is looked at again.
      const leftMs = this.#leases.leaseLeftMs(request, data);
      return this.#queue.addAfter(request.id, leftMs);
    }
    const { observation } = request;
    await this.#options.requestLookups
      .findReviewers(observation.request, LOOKUP_WAIT_MS);
    const due = this.#allDue(data, request.observation);
    this.#deliveries.start(request, due, data.leaseHolder);
    this.#lateLookups.lookUpAgain(request, data, due);
    // What cannot be delivered keeps the request, for days perhaps, but nothing that is timed waits for it.
    if (request.isBusy) {
      this.#setTimer(request.id, data, request.observation, request.decidedAt);
    } else this.#release(request);
  }

  /**
   * Stores the facts that were seen. What became of a pending request is shown meanwhile, where nobody else may edit;
   * if the write fails, this round is made again, and until then its messages are left as they are.
   */
  async #store(
    request: TrackedRequest,
    stored: PluginData,
    plan: Plan & { kind: "follow" | "wait" },
  ): ReturnType<RequestRecord["replace"]> {
    const { record, observation } = request;
    const { data } = plan;
    const before = record.held(FRESH_READ_MS);
    // That a request is gone may turn out to be wrong; a change on its way may say that a message is gone.
    const mayShow = data !== stored && stored.resolution === "" &&
      before?.data === stored && !record.isWriting &&
      request.storing === undefined && observation.gone === undefined;
    const writing = record.replace(stored, data);
    if (!mayShow || plan.kind === "wait") return await writing;
    const edits = plan.due.filter((subject) =>
      subject.kind === "announce" &&
      data.deliveries.get(subject.recipient)?.kind === "posted"
    );
    if (edits.length === 0) return await writing;
    const ended = writing.then(
      (now) => now !== undefined && now !== "changed meanwhile",
      () => false,
    );
    const { readAtMs } = before;
    request.storing = { before, after: { data, readAtMs }, ended };
    await this.#options.requestLookups
      .findReviewers(observation.request, LOOKUP_WAIT_MS);
    this.#deliveries.start(request, edits, data.leaseHolder);
    return await writing;
  }

  #lookAtRequestsOf(leaseHolder: string): void {
    for (const request of this.#tracked.values()) {
      if (request.record.snapshot?.data?.leaseHolder === leaseHolder) {
        this.#queue.add(request.id);
      }
    }
  }

  /** Repeats a round that failed, where that makes sense. */
  #roundEnded(
    id: string,
    outcome: PromiseSettledResult<RoundResult>,
    ms: number,
  ): void {
    const { cancellation, onRound } = this.#options;
    const isDone = outcome.status === "fulfilled";
    onRound?.(isDone ? outcome.value : "failed", ms);
    const request = this.#tracked.get(id);
    if (isDone || request === undefined || cancellation.stop.aborted) return;
    // It may take minutes: what a read by ID showed does not count any more.
    request.readAtMs = -Infinity;
    request.confirmed = false;
    const retryMs = this.#failures.afterMs(request, outcome.reason);
    if (retryMs === undefined) this.#release(request);
    else this.#queue.addAfter(id, retryMs);
  }

  /**
   * Lets a request go for which nothing is left to do, unless something new was seen meanwhile. While posts of
   * the process before may still arrive, which only its record knows, it is kept.
   */
  #release(request: TrackedRequest): void {
    if (request.unseen || request.isBusy) return;
    const { record } = request;
    const { data } = record.snapshot ?? {};
    const arrivedMs = record.leaseTakenAtMs + CALL_ARRIVES_MS;
    const leftMs = arrivedMs - this.#options.clock.monotonic();
    if (leftMs > 0) this.#queue.addAfter(request.id, leftMs);
    else {
      this.#tracked.delete(request.id);
      this.#recalled.keep(request.id, record.snapshot);
    }
    if (data !== undefined) {
      this.#setTimer(request.id, data, request.observation, request.decidedAt);
    }
  }
}
