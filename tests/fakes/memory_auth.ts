/**
 * The Auth Service in memory: it answers as the real one does, and a {@linkcode Script} makes it fail.
 *
 * @module
 */

import type { Clock } from "../../src/lib/async/clock.ts";
import {
  type AccessRequest,
  formatResourceId,
  type Resource,
  type ResourceId,
} from "../../src/ports/access_request.ts";
import type {
  AuthService,
  ServerInfo,
  StoredEntries,
  WatchEvent,
} from "../../src/ports/auth_service.ts";
import type { MonitoringRule } from "../../src/ports/monitoring_rule.ts";
import {
  type StatusName,
  TeleportError,
} from "../../src/ports/teleport_error.ts";
import type { User } from "../../src/ports/user.ts";
import type { Entries } from "../../src/record/plugin_data_codec.ts";
import { Script } from "../daemon/pipeline/script.ts";

const PAGE_SIZE = 500;

/** Returns an error as the client for Teleport throws it. */
export function teleportError(
  code: StatusName,
  method = "UpdatePluginData",
): TeleportError {
  return new TeleportError(method, code, `the service says ${code}`);
}

/** A compare-and-swap that was asked for. */
export interface Write {
  readonly id: string;
  readonly set: Entries;
  readonly expect: Entries;
}

/** The Auth Service. Calls are known as their method, and the request's ID if there is one. */
export class MemoryAuth implements AuthService {
  readonly script: Script;
  readonly requests = new Map<string, AccessRequest>();
  readonly data = new Map<string, StoredEntries>();
  /** Logins by role; those that are not here have `root`. */
  readonly roles = new Map<string, readonly string[]>();
  readonly users = new Map<string, User>();
  readonly loginStates = new Map<string, User>();
  /** Writes that were asked for, whether they came to pass or not. */
  readonly writes: Write[] = [];
  readonly rules = new Map<string, MonitoringRule>();
  /** Whether there is such a thing as rules, as there is since Teleport 15. */
  knowsRules = true;
  /** Kinds that a watch agrees to send. */
  kinds: readonly string[] = ["access_request", "access_monitoring_rule"];
  /** Whether a watch says INIT. */
  saysInit = true;
  /** What a list shows instead of the requests. */
  listed: readonly AccessRequest[] | undefined;
  /** Ends calls and watches. */
  readonly signal: AbortSignal = new AbortController().signal;
  readonly answered = { times: 0 };
  readonly open = new Map<
    (event: WatchEvent) => void,
    (e: Error) => void
  >();

  constructor(clock: Clock) {
    this.script = new Script(clock);
  }

  /** The same service, for calls that another signal ends. */
  within(signal: AbortSignal): MemoryAuth {
    return Object.create(this, { signal: { value: signal } });
  }

  /** How many streams are open. */
  get watches(): number {
    return this.open.size;
  }

  /** Stores a request and tells the watches. */
  put(request: AccessRequest): void {
    this.requests.set(request.id, request);
    this.send({ kind: "put", request });
  }

  /** Takes a request away and tells the watches. */
  remove(id: string): void {
    this.requests.delete(id);
    this.send({ kind: "delete", requestId: id });
  }

  /** Stores a rule and tells the watches. */
  putRule(rule: MonitoringRule): void {
    this.rules.set(rule.name, rule);
    this.send({ kind: "put rule", rule });
  }

  /** Takes a rule away and tells the watches. */
  removeRule(name: string): void {
    this.rules.delete(name);
    this.send({ kind: "delete rule", name });
  }

  /** Sends an event to every watch. */
  send(event: WatchEvent): void {
    for (const onEvent of this.open.keys()) onEvent(event);
  }

  /** Ends every watch. */
  endWatches(error: Error): void {
    for (const end of [...this.open.values()]) end(error);
  }

  /** Stores plugin data, whatever was stored before, as another process does. */
  store(id: string, entries: Entries, expires?: Date): void {
    this.data.set(id, { entries, expires });
  }

  /** Returns the plugin data of a request. */
  stored(id: string): Entries {
    return this.data.get(id)?.entries ?? {};
  }

  ping(): Promise<ServerInfo> {
    return this.script.run("Ping", this.signal, () => ({
      clusterName: "example.com",
      serverVersion: "18.0.0",
      webAddress: "",
      takesReviews: true,
    }));
  }

  async watchEvents(onEvent: (event: WatchEvent) => void): Promise<never> {
    await this.script.run("WatchEvents", this.signal, () => {});
    const { promise, reject } = Promise.withResolvers<never>();
    const abort = () => reject(this.signal.reason);
    this.open.set(onEvent, reject);
    this.signal.addEventListener("abort", abort, { once: true });
    if (this.saysInit) onEvent({ kind: "init", kinds: this.kinds });
    try {
      return await promise;
    } finally {
      this.open.delete(onEvent);
      this.signal.removeEventListener("abort", abort);
    }
  }

  async *listAccessRequests(): AsyncIterable<readonly AccessRequest[]> {
    const all = this.listed ?? [...this.requests.values()].reverse();
    for (let from = 0; from === 0 || from < all.length; from += PAGE_SIZE) {
      const page = () => all.slice(from, from + PAGE_SIZE);
      yield await this.script.run("ListAccessRequests", this.signal, page);
    }
  }

  listMonitoringRules(): Promise<readonly MonitoringRule[] | undefined> {
    const read = () => this.knowsRules ? [...this.rules.values()] : undefined;
    return this.script.run("ListAccessMonitoringRules", this.signal, read);
  }

  getAccessRequest(id: string): Promise<AccessRequest | undefined> {
    const read = () => this.requests.get(id);
    return this.script.run(`GetAccessRequest ${id}`, this.signal, read);
  }

  listPluginData(size?: "large"): Promise<Map<string, StoredEntries>> {
    const read = () =>
      new Map([...this.data].map(([id, stored]) => [id, this.answer(stored)]));
    return this.script.run(
      size === "large" ? "ListLargePluginData" : "ListPluginData",
      this.signal,
      read,
    );
  }

  getPluginData(id: string): Promise<StoredEntries | undefined> {
    const read = () => {
      const stored = this.data.get(id);
      return stored && this.answer(stored);
    };
    return this.script.run(`GetPluginData ${id}`, this.signal, read);
  }

  /** Teleport answers with a map, whose keys come in another order each time. */
  answer({ entries, expires }: StoredEntries): StoredEntries {
    const keys = Object.entries(entries);
    const ordered = this.answered.times++ % 2 === 0 ? keys.toReversed() : keys;
    return { entries: Object.fromEntries(ordered), expires };
  }

  updatePluginData(id: string, set: Entries, expect: Entries): Promise<void> {
    return this.script.run(`UpdatePluginData ${id}`, this.signal, () => {
      this.writes.push({ id, set, expect });
      const now = this.data.get(id);
      if (now === undefined && !this.requests.has(id)) {
        throw teleportError("NOT_FOUND");
      }
      const entries = { ...now?.entries };
      for (const [key, value] of Object.entries(expect)) {
        if ((entries[key] ?? "") !== value) {
          throw teleportError("FAILED_PRECONDITION");
        }
      }
      for (const [key, value] of Object.entries(set)) {
        if (value === "") delete entries[key];
        else entries[key] = value;
      }
      this.store(id, entries, now?.expires);
    });
  }

  getRoleLogins(role: string): Promise<readonly string[]> {
    return this.script.run(
      `GetRole ${role}`,
      this.signal,
      () => this.roles.get(role) ?? ["root"],
    );
  }

  getUser(name: string): Promise<User | undefined> {
    const read = () => this.users.get(name);
    return this.script.run(`GetUser ${name}`, this.signal, read);
  }

  getUserLoginState(name: string): Promise<User | undefined> {
    const read = () => this.loginStates.get(name);
    return this.script.run(`GetUserLoginState ${name}`, this.signal, read);
  }

  findResources(
    resources: readonly ResourceId[],
  ): Promise<Map<string, Resource>> {
    const web = { friendlyName: "web", labels: new Map([["env", "prod"]]) };
    return this.script.run(
      `ListResources ${resources[0]?.kind}`,
      this.signal,
      () => new Map(resources.map((r) => [formatResourceId(r), web])),
    );
  }
}
