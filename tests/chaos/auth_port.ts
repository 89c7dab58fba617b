/**
 * The Auth Service as one process reaches it.
 *
 * @module
 */

import {
  type AccessRequest,
  formatResourceId,
  type Resource,
} from "../../src/ports/access_request.ts";
import type {
  AuthService,
  ServerInfo,
  StoredEntries,
  WatchEvent,
} from "../../src/ports/auth_service.ts";
import type { MonitoringRule } from "../../src/ports/monitoring_rule.ts";
import type {
  ReviewService,
  ReviewSubmission,
} from "../../src/ports/review_service.ts";
import {
  type StatusName,
  TeleportError,
} from "../../src/ports/teleport_error.ts";
import type { NamedUser, User } from "../../src/ports/user.ts";
import type { Clicks } from "./clicks.ts";
import { type Cluster, compare, keyOf } from "./cluster.ts";
import { CHANNELS } from "./discord_server.ts";
import type { Faults } from "./faults.ts";
import type { Judge } from "./judge.ts";
import { REQUESTER_ID, USER_ID } from "./messenger_port.ts";
import type { Call, Process } from "./process.ts";
import type { FaultKind } from "./schedule.ts";

const PAGE_SIZE = 3;
/** Longer than this the real client does not wait. */
const DEADLINE_MS = 10_000;

/** What the port needs of the world. */
export interface AuthWorld {
  readonly cluster: Cluster;
  readonly faults: Faults;
  readonly judge: Judge;
  /** By how much the cache that lists come from may be behind. */
  readonly listLagMs: number;
  /** Clicks of people, if there are buttons. */
  readonly clicks: Clicks | undefined;
}

/** Answers as the real service does, with the faults of the schedule. */
export class AuthPort implements AuthService, ReviewService {
  readonly #process: Process;
  readonly #world: AuthWorld;
  readonly #signal: AbortSignal;
  readonly #endings: Set<(error: TeleportError) => void>;

  /** @param signal Ends each call. */
  constructor(
    process: Process,
    world: AuthWorld,
    signal: AbortSignal,
    endings = new Set<(error: TeleportError) => void>(),
  ) {
    this.#process = process;
    this.#world = world;
    this.#signal = signal;
    this.#endings = endings;
  }

  within(signal: AbortSignal): AuthPort {
    return new AuthPort(this.#process, this.#world, signal, this.#endings);
  }

  /** Ends every watch of this process. */
  endWatches(code: StatusName): void {
    for (const end of this.#endings) {
      const error = new TeleportError(
        "WatchEvents",
        code,
        "the stream has ended",
      );
      this.#process.after(0, () => end(error));
    }
  }

  ping(): Promise<ServerInfo> {
    return this.#call("Ping", () => ({
      clusterName: "example.com",
      serverVersion: "18.0.0",
      webAddress: "",
      takesReviews: true,
    }));
  }

  watchEvents(onEvent: (event: WatchEvent) => void): Promise<never> {
    const { promise, reject } = Promise.withResolvers<never>();
    const watch = new Watch(this.#process, this.#world, onEvent);
    const end = (error: unknown) => {
      watch.close();
      this.#endings.delete(end);
      this.#signal.removeEventListener("abort", abort);
      if (this.#process.alive) reject(error);
    };
    const abort = () => end(this.#signal.reason);
    this.#endings.add(end);
    this.#signal.addEventListener("abort", abort, { once: true });
    this.#process.onDeath(() => watch.close());
    this.#call("WatchEvents", () => watch.open()).catch(end);
    return promise;
  }

  async *listAccessRequests(): AsyncIterable<readonly AccessRequest[]> {
    let after: string | undefined;
    for (;;) {
      const page = await this.#call("ListAccessRequests", () => {
        const { cluster, judge, listLagMs } = this.#world;
        const { noise } = this.#process;
        const listed = cluster.list(noise.int("list lag", 0, listLagMs))
          .filter((request) => this.#isVisible(request.id))
          .filter((r) => after === undefined || compare(keyOf(r), after) < 0)
          .slice(0, PAGE_SIZE);
        for (const { id } of listed) judge.listed(id);
        return listed;
      });
      yield page;
      const last = page.at(-1);
      if (last === undefined || page.length < PAGE_SIZE) return;
      after = keyOf(last);
    }
  }

  listMonitoringRules(): Promise<readonly MonitoringRule[]> {
    const method = "ListAccessMonitoringRules";
    const { slot, noise } = this.#process;
    const { faults } = this.#world;
    // What hits the calls that were there before there were rules stays as it was.
    const isHit = (kind: FaultKind) => {
      const rate = faults.rate(kind, slot);
      return rate > 0 && noise.chance(`rules: ${kind} ${slot}`, rate);
    };
    const code = isHit("auth refuses")
      ? noise.pick("rules: status", REFUSALS)
      : isHit("auth denies")
      ? "PERMISSION_DENIED"
      : undefined;
    const isSlow = isHit("auth is slow");
    const answer = [RULE];
    if (code === undefined && !isSlow) return Promise.resolve(answer);
    return this.#process.call({
      name: method,
      signal: this.#signal,
      leaveMs: 0,
      answerMs: noise.int("rules: answer", 0, isSlow ? DEADLINE_MS : 20),
      effect: () => answer,
      failsBefore: code && new TeleportError(method, code, "fault of rules"),
    });
  }

  getAccessRequest(id: string): Promise<AccessRequest | undefined> {
    return this.#call(
      `GetAccessRequest ${id}`,
      () => this.#isVisible(id) ? this.#world.cluster.current(id) : undefined,
    );
  }

  listPluginData(): Promise<Map<string, StoredEntries>> {
    return this.#call("GetPluginData", () => this.#world.cluster.listData());
  }

  getPluginData(id: string): Promise<StoredEntries | undefined> {
    return this.#call(
      `GetPluginData ${id}`,
      () => this.#world.cluster.readData(id),
    );
  }

  updatePluginData(
    id: string,
    set: Readonly<Record<string, string>>,
    expect: Readonly<Record<string, string>>,
  ): Promise<void> {
    const { cluster, judge, faults } = this.#world;
    judge.writeAsked(id, set, expect);
    const text = `UpdatePluginData ${id} ${JSON.stringify(set)}`;
    return this.#call(text, () => {
      if (faults.hits("auth conflicts", this.#process.slot)) {
        throw new TeleportError(
          "UpdatePluginData",
          "FAILED_PRECONDITION",
          `too many concurrent writes to plugin data ${id}`,
        );
      }
      cluster.updateData(id, set, expect);
      judge.wrote(this.#process, id, set);
    });
  }

  getRoleLogins(role: string): Promise<readonly string[]> {
    return this.#lookUp(`GetRole ${role}`, () => ["ubuntu"]);
  }

  getUser(name: string): Promise<User | undefined> {
    const ids = { alice: [REQUESTER_ID], bob: [USER_ID] }[name] ?? [];
    const user = { traits: new Map([["discord_id", ids]]) };
    return this.#lookUp(`GetUser ${name}`, () => user);
  }

  getUserLoginState(name: string): Promise<User | undefined> {
    return this.#lookUp(`GetUserLoginState ${name}`, () => undefined);
  }

  findResources(
    resources: Parameters<AuthService["findResources"]>[0],
  ): Promise<Map<string, Resource>> {
    const web = { friendlyName: "web-1", labels: new Map() };
    return this.#lookUp(
      "ListResources",
      () => new Map(resources.map((r) => [formatResourceId(r), web])),
    );
  }

  submitReview(review: ReviewSubmission): Promise<void> {
    const { requestId, author, verdict } = review;
    return this.#call(
      `SubmitAccessReview ${requestId} ${author} ${verdict}`,
      () => this.#world.clicks?.submit(this.#process, review),
    );
  }

  listUsers(): Promise<readonly NamedUser[]> {
    return this.#call("ListUsers", () => this.#world.clicks?.users ?? []);
  }

  #lookUp<T>(name: string, read: () => T): Promise<T> {
    const { slot, noise } = this.#process;
    const fails = this.#world.faults.hits("lookups fail", slot);
    const [code, ms] = fails
      ? noise.pick<[StatusName | undefined, number]>("lookup fault", [
        ["PERMISSION_DENIED", 5],
        ["UNAVAILABLE", 5],
        [undefined, 1000],
        [undefined, 5000],
      ])
      : [undefined, noise.int("lookup", 0, 50)];
    return this.#process.call({
      name,
      signal: this.#signal,
      leaveMs: 0,
      answerMs: ms,
      effect: read,
      failsBefore: code && new TeleportError(name, code, "look-up fault"),
    });
  }

  #call<T>(name: string, effect: () => T): Promise<T> {
    return this.#process.call({
      ...this.#weather(name),
      name,
      signal: this.#signal,
      effect,
    });
  }

  /** How a call fares under the faults of the moment. */
  #weather(name: string): Pick<
    Call<unknown>,
    "leaveMs" | "answerMs" | "failsBefore" | "failsAfter"
  > {
    const { noise, slot } = this.#process;
    const { faults } = this.#world;
    const isSlow = faults.hits("auth is slow", slot);
    const leaveMs = noise.int("auth leave", 0, isSlow ? 4000 : 20);
    const answerMs = noise.int("auth answer", 0, isSlow ? 12_000 : 20);
    const method = name.split(" ")[0] ?? name;
    const fail = (code: StatusName) =>
      new TeleportError(method, code, "fault of the schedule");
    let failsBefore: Error | undefined;
    let failsAfter: Error | undefined;
    if (faults.hits("auth refuses", slot)) {
      failsBefore = fail(noise.pick("auth status", REFUSALS));
    } else if (faults.hits("auth denies", slot)) {
      failsBefore = fail("PERMISSION_DENIED");
    } else if (faults.hits("auth loses answers", slot)) {
      failsAfter = fail(noise.pick("auth loss", ["UNAVAILABLE", "UNKNOWN"]));
    } else if (leaveMs + answerMs > DEADLINE_MS) {
      failsAfter = fail("DEADLINE_EXCEEDED");
    }
    return {
      leaveMs,
      answerMs: Math.min(answerMs, DEADLINE_MS),
      failsBefore,
      failsAfter,
    };
  }

  /** A reviewer's role shows only some requests. */
  #isVisible(id: string): boolean {
    const { faults, judge } = this.#world;
    const { slot } = this.#process;
    const rate = faults.rate("list is partial", slot);
    if (rate === 0) return true;
    const shown = Number.parseInt(id.slice(-2), 16) / 256 >= rate;
    if (!shown) judge.hid(id);
    return shown;
  }
}

/** It tells whom the configuration tells as well, so that it does not matter when it is read. */
const RULE: MonitoringRule = {
  name: "all",
  subjects: ["access_request"],
  condition: 'access_request.spec.roles.contains("all")',
  plugin: "discord",
  recipients: [...CHANNELS.slice(0, 3), `user:${USER_ID}`],
  schedules: new Map(),
  unreadable: undefined,
};

const REFUSALS: readonly [StatusName, ...StatusName[]] = [
  "UNAVAILABLE",
  "UNAVAILABLE",
  "UNKNOWN",
  "RESOURCE_EXHAUSTED",
  "DEADLINE_EXCEEDED",
  "INTERNAL",
  "CANCELLED",
];

/** One event stream: what is committed after it was opened, in order, with some delay. */
class Watch {
  readonly #process: Process;
  readonly #world: AuthWorld;
  readonly #onEvent: (event: WatchEvent) => void;
  readonly #queue: WatchEvent[] = [];
  #stop = () => {};
  #closed = false;
  #lastMs = 0;

  constructor(
    process: Process,
    world: AuthWorld,
    onEvent: (event: WatchEvent) => void,
  ) {
    this.#process = process;
    this.#world = world;
    this.#onEvent = onEvent;
  }

  open(): void {
    if (this.#closed) return;
    const { faults, cluster } = this.#world;
    const { slot, noise } = this.#process;
    if (faults.hits("init never comes", slot)) return this.close();
    const isAllowed = !faults.hits("kind is missing", slot);
    const kinds = isAllowed ? ["access_request"] : [];
    if (isAllowed) this.#stop = cluster.watch((event) => this.#take(event));
    const ms = faults.hits("init is late", slot)
      ? noise.int("late init", 1000, 20_000)
      : noise.int("init", 0, 30);
    this.#deliver({ kind: "init", kinds }, ms);
  }

  close(): void {
    this.#closed = true;
    this.#stop();
  }

  #take(event: WatchEvent): void {
    const { faults, judge } = this.#world;
    const { slot, noise } = this.#process;
    if (faults.hits("events get lost", slot)) return judge.lost(event);
    const ms = faults.hits("events are slow", slot)
      ? noise.int("slow event", 0, 8000)
      : noise.int("event", 0, 20);
    this.#deliver(event, ms);
  }

  #deliver(event: WatchEvent, ms: number): void {
    const { time } = this.#world.cluster;
    this.#lastMs = Math.max(this.#lastMs, time.nowMs + ms);
    this.#queue.push(event);
    this.#process.after(this.#lastMs - time.nowMs, () => {
      const next = this.#queue.shift();
      if (next === undefined || this.#closed || !this.#process.alive) return;
      this.#process.trace(`event ${describe(next)}`);
      if (next.kind === "put") {
        this.#world.judge.saw(this.#process, next.request);
      }
      this.#onEvent(next);
    });
  }
}

function describe(event: WatchEvent): string {
  switch (event.kind) {
    case "put": {
      const { id, state, reviews } = event.request;
      return `PUT ${id} ${state} ${reviews.length}`;
    }
    case "delete":
      return `DELETE ${event.requestId}`;
    default:
      return event.kind;
  }
}
