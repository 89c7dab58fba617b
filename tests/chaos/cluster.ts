/**
 * A Teleport cluster, as far as access requests and plugin data go.
 *
 * Source: docs/design/teleport-api.md 5, 6; docs/design/teleport-behaviour.md 4;
 * docs/design/plugin-data.md 1.
 *
 * @module
 */

import type {
  AccessRequest,
  AccessReview,
  RequestState,
} from "../../src/ports/access_request.ts";
import type {
  StoredEntries,
  WatchEvent,
} from "../../src/ports/auth_service.ts";
import { TeleportError } from "../../src/ports/teleport_error.ts";
import { EPOCH_MS } from "./process.ts";
import type { VirtualTime } from "./virtual_time.ts";

type Entries = Record<string, string>;

/** A request with all that it ever was. */
interface History {
  readonly versions: {
    readonly atMs: number;
    readonly request: AccessRequest | undefined;
  }[];
}

interface PluginDataObject {
  entries: Entries;
  readonly expiresMs: number;
}

/** What a request became when it went away. */
export interface Ending {
  readonly last: AccessRequest;
  /** Plugin data at that moment knew all that had happened before. */
  readonly known: boolean;
  readonly atMs: number;
}

/** Hears of each write of plugin data. */
export type WriteHook = (
  id: string,
  before: Readonly<Entries> | undefined,
  after: Readonly<Entries>,
) => void;

/** A pending request stays this much longer than it says, but lists leave it out then. */
const GRACE_MS = 40_000;

/** The Auth Service may take so long to remove a request whose access is over. */
const LATE_REMOVAL_MS = 10 * 60_000;

const DATA_OUTLIVES_ACCESS_MS = 3_600_000;

/** Requests, plugin data, and whoever watches. */
export class Cluster {
  readonly time: VirtualTime;
  /** Caches follow the store in steps of this time; 0 means at once. */
  readonly #pollMs: number;
  readonly #requests = new Map<string, History>();
  readonly #data = new Map<string, PluginDataObject>();
  readonly #watchers = new Set<(event: WatchEvent) => void>();
  readonly #unpublished: WatchEvent[] = [];
  readonly endings = new Map<string, Ending>();
  /** Called after each write of plugin data. */
  onWrite: WriteHook = () => {};

  constructor(time: VirtualTime, pollMs: number) {
    this.time = time;
    this.#pollMs = pollMs;
  }

  get wallMs(): number {
    return EPOCH_MS + this.time.nowMs;
  }

  /** Every request there ever was. */
  get ids(): readonly string[] {
    return [...this.#requests.keys()];
  }

  /** Returns a request as it is. */
  current(id: string): AccessRequest | undefined {
    return this.#requests.get(id)?.versions.at(-1)?.request;
  }

  /** Returns a request as it is or last was. */
  last(id: string): AccessRequest | undefined {
    return this.current(id) ?? this.endings.get(id)?.last;
  }

  /** Every state that the request has had. */
  states(id: string): ReadonlySet<RequestState> {
    const versions = this.#requests.get(id)?.versions ?? [];
    return new Set(versions.flatMap((v) => v.request?.state ?? []));
  }

  /** What is stored about a request. */
  stored(id: string): Readonly<Entries> | undefined {
    return this.#data.get(id)?.entries;
  }

  create(request: AccessRequest): void {
    this.#requests.set(request.id, { versions: [] });
    this.#put(request);
    const expires = request.requestExpires?.getTime() ?? 0;
    this.time.after(expires - this.wallMs + GRACE_MS + 1000, () => {
      if (this.current(request.id)?.state === "PENDING") {
        this.remove(request.id);
      }
    });
    const ends = request.accessExpires?.getTime() ?? 0;
    // Some are removed late: until then they are found by their ID alone.
    const lateMs = /[0-7]$/.test(request.id) ? LATE_REMOVAL_MS : 1000;
    this.time.after(ends - this.wallMs + lateMs, () => {
      if (this.current(request.id)?.state !== "PENDING") {
        this.remove(request.id);
      }
    });
  }

  /** Since when a request has been in its last state, by the time of the run; `undefined` if that is another one. */
  sinceMs(id: string, state: RequestState): number | undefined {
    const versions = this.#requests.get(id)?.versions ?? [];
    let sinceMs: number | undefined;
    for (const { atMs, request } of versions) {
      if (request === undefined) continue;
      if (request.state !== state) sinceMs = undefined;
      else sinceMs ??= atMs;
    }
    return sinceMs;
  }

  /** Adds a review, which may resolve the request. */
  review(id: string, review: AccessReview, state: RequestState): void {
    const request = this.current(id);
    if (request?.state !== "PENDING") return;
    const reviews = [...request.reviews, review];
    this.#put({ ...request, reviews });
    if (state !== "PENDING") this.resolve(id, state, review.reason);
  }

  /** Changes the state, where Teleport allows it. */
  resolve(id: string, state: RequestState, reason: string): void {
    const request = this.current(id);
    if (request === undefined) return;
    const allowed = request.state === "PENDING" ||
      (request.state === "APPROVED" && state !== "PROMOTED");
    if (!allowed || state === "PENDING") return;
    this.#put({
      ...request,
      state,
      resolveReason: reason,
      requestExpires: request.accessExpires,
      promotedTo: state === "PROMOTED" ? "Developers" : undefined,
    });
  }

  /** Tells the watchers of a request again. */
  touch(id: string): void {
    const request = this.current(id);
    if (request !== undefined) this.#put(request);
  }

  /** Takes a request away: it expired, or somebody deleted it. */
  remove(id: string): void {
    const last = this.current(id);
    if (last === undefined) return;
    const known = this.#isKnown(last);
    this.endings.set(id, { last, known, atMs: this.time.nowMs });
    this.#keep(id, undefined);
    this.#publish({ kind: "delete", requestId: id });
  }

  /**
   * Lists requests as a cache knows them, newest first.
   *
   * @param lagMs By how much this cache is behind the one that feeds the watchers.
   */
  list(lagMs: number): AccessRequest[] {
    const { nowMs } = this.time;
    const polledMs = this.#pollMs === 0 ? nowMs : nowMs - nowMs % this.#pollMs;
    const atMs = polledMs - lagMs;
    const listed: AccessRequest[] = [];
    for (const { versions } of this.#requests.values()) {
      const request = versions.findLast((v) => v.atMs <= atMs)?.request;
      if (request === undefined || this.#isHidden(request)) continue;
      listed.push(request);
    }
    return listed.sort((a, b) => compare(keyOf(b), keyOf(a)));
  }

  /** Hands events to a watcher from now on; returns how to stop that. */
  watch(watcher: (event: WatchEvent) => void): () => void {
    this.#watchers.add(watcher);
    return () => this.#watchers.delete(watcher);
  }

  readData(id: string): StoredEntries | undefined {
    const object = this.#data.get(id);
    if (object === undefined) return undefined;
    return {
      entries: { ...object.entries },
      expires: new Date(object.expiresMs),
    };
  }

  listData(): Map<string, StoredEntries> {
    const all = new Map<string, StoredEntries>();
    for (const id of this.#data.keys()) {
      const stored = this.readData(id);
      if (stored !== undefined) all.set(id, stored);
    }
    return all;
  }

  /** Writes plugin data by compare-and-swap. */
  updateData(
    id: string,
    set: Readonly<Entries>,
    expect: Readonly<Entries>,
  ): void {
    const object = this.#data.get(id);
    const request = this.current(id);
    if (object === undefined && request === undefined) {
      throw new TeleportError(
        "UpdatePluginData",
        "NOT_FOUND",
        `no access request matching "${id}"`,
      );
    }
    for (const [key, value] of Object.entries(expect)) {
      if ((object?.entries[key] ?? "") !== value) {
        throw new TeleportError(
          "UpdatePluginData",
          "FAILED_PRECONDITION",
          `expectations not met for field "${key}"`,
        );
      }
    }
    const before = object?.entries;
    const after: Entries = { ...before };
    for (const [key, value] of Object.entries(set)) {
      if (value === "") delete after[key];
      else after[key] = value;
    }
    if (object === undefined) {
      const expiresMs = (request?.accessExpires?.getTime() ?? 0) +
        DATA_OUTLIVES_ACCESS_MS;
      this.#data.set(id, { entries: after, expiresMs });
      this.time.after(expiresMs - this.wallMs, () => this.#data.delete(id));
    } else object.entries = after;
    this.onWrite(id, before, after);
  }

  #isHidden({ requestExpires }: AccessRequest): boolean {
    return requestExpires !== undefined &&
      requestExpires.getTime() <= this.wallMs;
  }

  /** Whether plugin data tells all about a request, so that its end loses nothing. */
  #isKnown(request: AccessRequest): boolean {
    const stored = this.stored(request.id);
    if (stored === undefined) return false;
    const resolution = request.state === "PENDING" ? "" : request.state;
    return (stored["resolution"] ?? "") === resolution &&
      Number(stored["reviews_count"] ?? 0) === request.reviews.length &&
      (stored["resolve_reason"] ?? "") === request.resolveReason;
  }

  #put(request: AccessRequest): void {
    this.#keep(request.id, request);
    this.#publish({ kind: "put", request });
  }

  #keep(id: string, request: AccessRequest | undefined): void {
    const atMs = this.time.nowMs;
    this.#requests.get(id)?.versions.push({ atMs, request });
  }

  #publish(event: WatchEvent): void {
    const pollMs = this.#pollMs;
    const waitMs = pollMs === 0 ? 0 : pollMs - this.time.nowMs % pollMs;
    this.#unpublished.push(event);
    const tell = () => {
      const next = this.#unpublished.shift();
      if (next === undefined) return;
      for (const watcher of this.#watchers) watcher(next);
    };
    if (waitMs === 0) tell();
    else this.time.after(waitMs, tell);
  }
}

/** What lists are sorted by. */
export function keyOf(request: AccessRequest): string {
  return `${request.created.toISOString()}/${request.id}`;
}

export function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
