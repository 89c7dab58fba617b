/**
 * The stored plugin data of one request, changed by compare-and-swap.
 *
 * @module
 */

import { Backoff } from "../lib/async/backoff.ts";
import type { Cancellation } from "../lib/async/cancellation.ts";
import type { Clock } from "../lib/async/clock.ts";
import type { AuthService, StoredEntries } from "../ports/auth_service.ts";
import { recoverTeleport } from "../ports/recovery.ts";
import { TeleportError } from "../ports/teleport_error.ts";
import type { PluginData } from "./plugin_data.ts";
import {
  decodePluginData,
  encodeChanges,
  encodePluginData,
  type Entries,
  EXPECT_ABSENT,
} from "./plugin_data_codec.ts";
import { WriteBatches } from "./write_batches.ts";

/** What was stored when it was last read or written; `data` is `undefined` if there was nothing. */
export interface Snapshot {
  readonly entries: Entries;
  readonly data: PluginData | undefined;
  readonly expires: Date | undefined;
  /** When the read or write began, by the monotonic clock: what is stored may have changed ever since. */
  readonly readAtMs: number;
  /** Whether somebody else read it, together with others, or it is known from earlier; else it was read here. */
  readonly origin?: "learned" | "recalled" | undefined;
}

/** Returns what an answer of the Auth Service says. */
export function snapshotOf(
  stored: StoredEntries | undefined,
  readAtMs: number,
): Snapshot {
  return {
    entries: stored?.entries ?? {},
    data: stored === undefined ? undefined : decodePluginData(stored.entries),
    expires: stored?.expires,
    readAtMs,
  };
}

/** What reads and writes plugin data. */
export type PluginDataStore = Pick<
  AuthService,
  "getPluginData" | "updatePluginData"
>;

/** What a {@linkcode RequestRecord} needs. */
export interface RecordOptions {
  readonly auth: { within(signal: AbortSignal): PluginDataStore };
  readonly clock: Clock;
  /** ID of this process. */
  readonly self: string;
  /** `deadline` ends each call, and the wait between two. */
  readonly cancellation: Pick<Cancellation, "deadline">;
}

/** Waits after a failed comparison: enough for the other writer to be done. */
export const CONFLICT_WAIT = { minMs: 5, maxMs: 1000 };

const PERSIST_WAIT = { minMs: 100, maxMs: 2000 };

/** Computes new data from stored data; the same object means that nothing is to be written. */
export type Change = (data: PluginData) => PluginData;

/**
 * Plugin data of one request, with a memory of what was stored last.
 *
 * Writes of one request go out one after another. Those that are asked for while one is under way are
 * combined into the next, so ten deliveries that end together cost few writes.
 */
export class RequestRecord {
  readonly #id: string;
  readonly #options: RecordOptions;
  #auth: PluginDataStore;
  /** Ends each call and wait. */
  #ending: AbortSignal;
  #snapshot: Snapshot | undefined;
  readonly #batches: WriteBatches<Change, PluginData | undefined>;
  #createTried = false;
  #foreignSeen = false;
  /** What was stored before a write that may have taken the lease: no answer came. */
  #maybeTakenFrom: PluginData | undefined;
  readonly #tookOverAtMs = new Map<string, number>();
  #leaseTakenAtMs = -Infinity;

  constructor(id: string, options: RecordOptions) {
    this.#id = id;
    this.#options = options;
    this.#ending = options.cancellation.deadline;
    this.#auth = options.auth.within(this.#ending);
    this.#batches = new WriteBatches((changes) => this.#write(changes));
  }

  /** Lets another signal end what begins from here on: the deadline may have passed. */
  endBy(signal: AbortSignal): void {
    this.#ending = signal;
    this.#auth = this.#options.auth.within(signal);
  }

  /** What is known to be stored; `undefined` before the first read. */
  get snapshot(): Snapshot | undefined {
    return this.#snapshot;
  }

  /**
   * Whether another process may have acted on what is owed: somebody else's data was seen here, or this
   * process did not create the data as far as this object remembers.
   */
  get takenOver(): boolean {
    return this.#foreignSeen || !this.#createTried;
  }

  /**
   * When this process last took a recipient's message over from another process of this plugin, which may
   * have been editing it, by the monotonic clock; `-Infinity` if it never did.
   */
  tookOverAtMs(recipient: string): number {
    return this.#tookOverAtMs.get(recipient) ?? -Infinity;
  }

  /**
   * When this process last took the lease from another that had not given it back, by the monotonic clock;
   * `-Infinity` if it never did.
   */
  get leaseTakenAtMs(): number {
    return this.#leaseTakenAtMs;
  }

  /** Whether what is known was read by somebody else, together with that of other requests. */
  get isLearned(): boolean {
    return this.#snapshot?.origin === "learned";
  }

  /** Whether what is known is from earlier: only a write finds out whether it is still so. */
  get isRecalled(): boolean {
    return this.#snapshot?.origin === "recalled";
  }

  /** Whether a change is on its way, so that what is known may be old already. */
  get isWriting(): boolean {
    return this.#batches.isWriting;
  }

  /**
   * Returns what is known to be stored, if this process holds the lease, so that nobody else acts, and it is
   * younger than `maxAgeMs`.
   */
  held(maxAgeMs: number): Snapshot | undefined {
    const { self, clock } = this.#options;
    const { data, readAtMs = -Infinity } = this.#snapshot ?? {};
    const isYoung = clock.monotonic() - readAtMs < maxAgeMs;
    return data?.leaseHolder === self && isYoung ? this.#snapshot : undefined;
  }

  /**
   * Takes in what is known from elsewhere, unless more is known here: what was read together with that of other
   * requests, or what this process knew when it let the request go.
   */
  takeIn(snapshot: Snapshot, origin: "learned" | "recalled"): void {
    const isKnown = this.#snapshot !== undefined || this.#createTried ||
      this.#batches.isWriting;
    if (isKnown) return;
    this.#snapshot = { ...snapshot, origin };
    this.#note(snapshot.data);
  }

  /** Reads again, unless what is known is younger than `maxAgeMs`. */
  async read(maxAgeMs = 0): Promise<Snapshot> {
    const { clock } = this.#options;
    const known = this.#snapshot;
    if (known !== undefined && clock.monotonic() - known.readAtMs < maxAgeMs) {
      return known;
    }
    const startedAtMs = clock.monotonic();
    const read = snapshotOf(
      await this.#auth.getPluginData(this.#id),
      startedAtMs,
    );
    this.#note(read.data);
    // A write that ended while this read was under way knows better.
    if (this.#snapshot === known) this.#snapshot = read;
    return this.#snapshot ?? read;
  }

  /**
   * Creates the data, unless there is some already.
   *
   * @returns Whether it was created.
   * @throws {TeleportError} NOT_FOUND if the request does not exist.
   */
  async create(data: PluginData): Promise<boolean> {
    const { clock } = this.#options;
    const set = Object.fromEntries(
      Object.entries(encodePluginData(data)).filter(([, text]) => text !== ""),
    );
    this.#createTried = true;
    const readAtMs = clock.monotonic();
    try {
      await this.#auth.updatePluginData(this.#id, set, EXPECT_ABSENT);
    } catch (error) {
      if (!isConflict(error)) throw error;
      // What is stored was not created here, even if this process has adopted it since.
      this.#foreignSeen = true;
      this.#snapshot = undefined;
      return false;
    }
    this.#snapshot = { entries: set, data, expires: undefined, readAtMs };
    return true;
  }

  /**
   * Changes the data. The change is computed again from what is then stored whenever somebody else
   * wrote in between.
   *
   * @returns What is stored now; `undefined` if there is nothing any more, and nothing was written.
   */
  update(change: Change): Promise<PluginData | undefined> {
    return this.#batches.add(change);
  }

  /**
   * Records what this process did, and that it holds the lease, however long it takes: it cannot be found
   * out again for certain.
   *
   * @param onFailure Called with each failure after which it is tried again.
   * @returns As for {@linkcode update}.
   */
  async persist(
    change: Change,
    onFailure: (error: TeleportError) => void,
  ): Promise<PluginData | undefined> {
    const { self, clock } = this.#options;
    const backoff = new Backoff(PERSIST_WAIT, clock.random);
    const changeAsHolder: Change = (data) => {
      const next = change(data);
      return next === data ? data : { ...next, own: true, leaseHolder: self };
    };
    for (;;) {
      try {
        return await this.update(changeAsHolder);
      } catch (error) {
        const mayHeal = error instanceof TeleportError &&
          recoverTeleport(error) !== "give up";
        if (this.#ending.aborted || !mayHeal) throw error;
        onFailure(error);
        await clock.sleep(backoff.nextMs(), this.#ending);
      }
    }
  }

  /**
   * Replaces the data, if what is stored is still what the new was made from.
   *
   * @returns What is stored then; `undefined` if there is nothing any more.
   */
  async replace(
    read: PluginData,
    next: PluginData,
  ): Promise<PluginData | "changed meanwhile" | undefined> {
    let isUnchanged = true;
    const stored = await this.update((data) => {
      isUnchanged = data === read ||
        Object.keys(encodeChanges(read, data)).length === 0;
      return isUnchanged ? next : data;
    });
    return isUnchanged ? stored : "changed meanwhile";
  }

  async #write(changes: readonly Change[]): Promise<PluginData | undefined> {
    const { clock, self } = this.#options;
    const backoff = new Backoff(CONFLICT_WAIT, clock.random);
    let snapshot = this.#snapshot ?? await this.read();
    for (;;) {
      if (snapshot.data === undefined) return undefined;
      const { data, entries } = snapshot;
      const next = changes.reduce((all, change) => change(all), data);
      const set = encodeChanges(data, next);
      if (Object.keys(set).length === 0) return data;
      const takesLease = data.leaseHolder !== self &&
        next.leaseHolder === self;
      const readAtMs = clock.monotonic();
      try {
        await this.#auth.updatePluginData(
          this.#id,
          set,
          expectationsOf(set, entries, takesLease ? data : undefined),
        );
      } catch (error) {
        if (error instanceof TeleportError && error.code === "NOT_FOUND") {
          const { expires, readAtMs } = snapshot;
          this.#snapshot = { entries: {}, data: undefined, expires, readAtMs };
          return undefined;
        }
        if (isConflict(error)) {
          await clock.sleep(backoff.nextMs(), this.#ending);
        } else if (takesLease) this.#maybeTakenFrom = data;
        // Nobody knows what is stored: somebody else wrote, or there was no clear answer.
        this.#snapshot = undefined;
        if (!isConflict(error)) throw error;
        snapshot = await this.read();
        continue;
      }
      this.#snapshot = {
        entries: { ...entries, ...set },
        data: next,
        expires: snapshot.expires,
        readAtMs,
      };
      if (takesLease) this.#tookOver(data);
      return next;
    }
  }

  #note(data: PluginData | undefined): void {
    if (data === undefined) return;
    if (data.leaseHolder !== this.#options.self) this.#foreignSeen = true;
    else if (this.#maybeTakenFrom !== undefined) {
      this.#tookOver(this.#maybeTakenFrom);
    }
  }

  #tookOver({ own, leaseHolder, deliveries }: PluginData): void {
    this.#maybeTakenFrom = undefined;
    if (!own) return;
    const nowMs = this.#options.clock.monotonic();
    if (leaseHolder !== "") this.#leaseTakenAtMs = nowMs;
    for (const [recipient, { kind }] of deliveries) {
      if (kind === "posted") this.#tookOverAtMs.set(recipient, nowMs);
    }
  }
}

/** Keys that say who acts and what was decided: no write may pass over a change of them. */
const GUARDS = ["x-owner", "resolution", "reviews_count", "messages"];

/**
 * Returns what must still hold exactly the string that was read: every key that is written, and the guards. Whoever takes
 * the lease goes on from what the process before wrote last, which may be newer than the read: so all keys of this plugin,
 * and those that it may have added.
 *
 * @param takenFrom What was read, if the write takes the lease.
 */
function expectationsOf(
  set: Entries,
  entries: Entries,
  takenFrom: PluginData | undefined,
): Entries {
  const own = takenFrom === undefined
    ? []
    : Object.keys({ ...entries, ...encodePluginData(takenFrom) })
      .filter((key) => key.startsWith("x-"));
  const keys = new Set([...own, ...Object.keys(set), ...GUARDS]);
  return Object.fromEntries([...keys].map((key) => [key, entries[key] ?? ""]));
}

function isConflict(error: unknown): boolean {
  return error instanceof TeleportError && error.code === "FAILED_PRECONDITION";
}
