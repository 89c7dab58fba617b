/**
 * A stand-in for the Auth Service: the calls that the plugin makes, over mutual TLS.
 *
 * It answers as Teleport 18.0.0 was seen to answer (docs/design/teleport-behaviour.md 4, 5), and misbehaves when told to.
 *
 * @module
 */

import { status } from "@grpc/grpc-js";
import { convertTime } from "../../src/teleport/client/convert.ts";
import {
  AuthServiceService,
  Event,
  Operation,
  PingResponse,
  Watch,
} from "../../src/teleport/gen/auth_service.ts";
import type {
  AccessRequestFilter,
  AccessRequestV3,
} from "../../src/teleport/gen/types/access_request.ts";
import { listPage, readNewRequest } from "./cluster_queries.ts";
import {
  ClusterState,
  type NewRequest,
  RefusedError,
  type StateName,
  stateName,
} from "./cluster_state.ts";
import { ALL_GRANTS, type Grant, refuseWithoutGrant } from "./grants.ts";
import { type Handler, stream, unary } from "./grpc_methods.ts";
import { type GrpcCall, GrpcServer } from "./grpc_server.ts";
import { type Directory, lookupHandlers } from "./lookup_calls.ts";
import { ClusterPki } from "./pki.ts";
import { RULE_KIND, RuleStore } from "./rule_service.ts";

/** What the stand-in cluster is like. */
export interface FakeAuthServiceOptions extends Readonly<Directory> {
  /** Authorities of the cluster; new ones if not given. */
  readonly pki?: ClusterPki;
  readonly serverVersion?: string;
  /** Answer of `Ping`: `host:port` of the web UI. */
  readonly webAddress?: string;
  /** Whether requests can be reviewed in the web UI, which takes Enterprise. */
  readonly webReviews?: boolean;
}

/** How a method fails. */
export interface MethodFault {
  readonly code: number;
  readonly message?: string;
  /** How many calls fail; all of them if not given. */
  times?: number;
}

/** What the stand-in does wrong from now on; fields can be changed at any time. */
export interface Misbehaviour {
  /** `WatchEvents` sends nothing at first. */
  noInit: boolean;
  /** INIT names these kinds instead of those that were asked for. */
  initKinds: readonly string[] | undefined;
  /** Lists are empty without an error, as without the rule `list`. */
  emptyLists: boolean;
  /** `ListAccessRequests` does not exist, as in 14. */
  noListAccessRequests: boolean;
  /** Only the older service tells about users, as in 14. */
  noUsersService: boolean;
  /** Reviews may be submitted in the name of others, as later than 18.0.0 with a role that allows it. */
  submitForUsers: boolean;
  /** Reviews take a second factor, unless tbot made the identity. */
  adminMfa: boolean;
  /** Calls get no answer, not even an error, and watches no events. */
  silent: boolean;
  /** Calls are answered by something between that speaks no gRPC, with this status. */
  pages: number | undefined;
}

/** One call that arrived. */
export interface RecordedCall {
  /** Method without its service. */
  readonly method: string;
  readonly user: string;
}

/** A running stand-in. */
export class FakeAuthService implements AsyncDisposable {
  readonly pki: ClusterPki;
  /** Every call since the start, oldest first. */
  readonly calls: RecordedCall[] = [];
  readonly misbehaviour: Misbehaviour = {
    noInit: false,
    initKinds: undefined,
    emptyLists: false,
    noListAccessRequests: false,
    noUsersService: false,
    submitForUsers: false,
    adminMfa: false,
    silent: false,
    pages: undefined,
  };
  readonly state: ClusterState;
  /** What callers may do; those of a user whose role has every rule that the plugin can use. */
  readonly grants = new Set<Grant>(ALL_GRANTS);
  /** What can be looked up. */
  readonly directory: Directory;
  /** Access monitoring rules, and what the server makes of them. */
  readonly rules: RuleStore;
  readonly #options: FakeAuthServiceOptions;
  readonly #server: GrpcServer;
  /** Open watches, and the kinds that each gets. */
  readonly #watches = new Map<GrpcCall, ReadonlySet<string>>();
  readonly #faults = new Map<string, MethodFault>();
  readonly #handlers: ReadonlyMap<string, Handler>;
  #listSnapshot: readonly AccessRequestV3[] | undefined;
  #wake = Promise.withResolvers<void>();

  private constructor(
    pki: ClusterPki,
    server: { key: string; certificate: string },
    options: FakeAuthServiceOptions,
  ) {
    this.pki = pki;
    this.#options = options;
    this.directory = { ...options };
    this.state = new ClusterState(
      pki.clusterName,
      (event) => this.#broadcast(event),
    );
    this.rules = new RuleStore((event) => this.#broadcast(event, RULE_KIND));
    this.#handlers = this.#handlersByPath();
    this.#server = new GrpcServer(
      { ...server, clientCa: pki.userCa.certificate },
      (call) => this.#answer(call),
      () => this.#notify(),
    );
  }

  /** Starts a stand-in on a loopback port that the system picks. */
  static async start(
    options: FakeAuthServiceOptions = {},
  ): Promise<FakeAuthService> {
    const pki = options.pki ?? await ClusterPki.create();
    const server = await pki.hostCa.issueServer();
    const fake = new FakeAuthService(pki, server, options);
    await fake.#server.start();
    return fake;
  }

  /** `host:port` to connect to. */
  get address(): string {
    return `127.0.0.1:${this.#server.port}`;
  }

  /** How many watches have got their INIT and are open. */
  get openWatches(): number {
    return this.#watches.size;
  }

  get connections(): number {
    return this.#server.connections;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#server.stop();
  }

  /** Closes the port and drops all connections; what is stored stays. */
  async stop(): Promise<void> {
    await this.#server.stop();
  }

  /** Opens the same port again. */
  async restart(): Promise<void> {
    await this.#server.stop();
    await this.#server.start();
  }

  /** Stores a new request and tells the watches; returns its ID. */
  createRequest(request?: NewRequest): string {
    return this.state.createRequest(request);
  }

  /** Adds a review, as the user `author` would submit it. */
  review(
    id: string,
    author: string,
    state: StateName,
    reason?: string,
    start?: Date,
  ): void {
    this.state.review(id, author, state, reason, { start });
  }

  /** Sets the state, as `tctl requests approve` and `deny` do. */
  setState(id: string, state: StateName, reason?: string, start?: Date): void {
    this.state.setState(id, state, reason, start);
  }

  /** Removes the request, as its expiry does. */
  delete(id: string): void {
    this.state.delete(id);
  }

  /** Returns what a plugin stored for a request; `undefined` if nothing. */
  pluginData(
    id: string,
    plugin = "discord",
  ): Readonly<Record<string, string>> | undefined {
    const [found] = this.state.pluginData("access_request", id, plugin);
    const data = found?.spec?.entries.get(plugin)?.data;
    return data === undefined ? undefined : Object.fromEntries(data);
  }

  /** Lets calls of a method fail, before they change anything. */
  fail(method: string, fault: MethodFault): void {
    this.#faults.set(method, { ...fault });
  }

  /** Takes back {@linkcode FakeAuthService.fail}. */
  heal(method: string): void {
    this.#faults.delete(method);
  }

  /** Keeps the lists as they are now, as a cache that lags behind. */
  holdLists(): void {
    this.#listSnapshot = this.state.requests();
  }

  /** Lets the lists show what is stored again. */
  releaseLists(): void {
    this.#listSnapshot = undefined;
  }

  /** Sends an event to all watches. */
  sendEvent(event: Event): void {
    this.#broadcast(event);
  }

  /** Ends all watches. */
  endWatches(
    how: "reset" | "no trailers" | { code: number; message: string },
  ): void {
    for (const call of [...this.#watches.keys()]) {
      if (how === "reset") call.reset();
      else if (how === "no trailers") call.endWithoutTrailers();
      else call.finish(how.code, how.message);
    }
  }

  /** Sends GOAWAY to all clients. */
  goAway(code?: number, reason?: string): void {
    this.#server.goAway(code, reason);
  }

  /** Drops all connections; the port stays open. */
  async dropConnections(): Promise<void> {
    await this.#server.dropConnections();
  }

  /** Returns how often a method was called. */
  countCalls(method: string): number {
    return this.calls.filter((call) => call.method === method).length;
  }

  /**
   * Waits until something is true of this stand-in; looked at after each call that arrives, and
   * whenever a client connects or leaves and a watch ends.
   */
  async until(
    condition: (fake: this) => boolean,
    signal?: AbortSignal,
  ): Promise<void> {
    const aborted = Promise.withResolvers<never>();
    const abort = () => aborted.reject(signal?.reason);
    signal?.addEventListener("abort", abort);
    try {
      while (!condition(this)) {
        await Promise.race([this.#wake.promise, aborted.promise]);
      }
    } finally {
      signal?.removeEventListener("abort", abort);
    }
  }

  #notify(): void {
    this.#wake.resolve();
    this.#wake = Promise.withResolvers();
  }

  #broadcast(event: Event, kind = "access_request"): void {
    if (this.misbehaviour.silent || this.#watches.size === 0) return;
    const bytes = Event.encode(event).finish();
    for (const [call, kinds] of this.#watches) {
      if (kinds.has(kind)) call.send(bytes);
    }
  }

  #answer(call: GrpcCall): void {
    const method = call.path.slice(call.path.lastIndexOf("/") + 1);
    this.calls.push({ method, user: call.user });
    const { silent, pages } = this.misbehaviour;
    try {
      if (pages !== undefined) {
        call.answerPage(pages, "text/plain", `${pages} no such page\n`);
      } else if (!silent) {
        refuseVersion(call);
        this.#applyFault(method);
        this.#dispatch(method, call);
      }
    } catch (error) {
      if (!(error instanceof RefusedError)) throw error;
      call.finish(error.code, error.message);
    }
    this.#notify();
  }

  #applyFault(method: string): void {
    const fault = this.#faults.get(method);
    if (fault === undefined || fault.times === 0) return;
    if (fault.times !== undefined) fault.times -= 1;
    throw new RefusedError(fault.code, fault.message ?? "told to fail");
  }

  #dispatch(method: string, call: GrpcCall): void {
    const isMissing = this.misbehaviour.noListAccessRequests &&
      method === "ListAccessRequests";
    const handle = isMissing ? undefined : this.#handlers.get(call.path);
    if (handle !== undefined) {
      refuseWithoutGrant(method, call, this.grants);
      return handle(call);
    }
    throw new RefusedError(
      status.UNIMPLEMENTED,
      `unknown method ${method} for service ${call.path.split("/")[1]}`,
    );
  }

  #handlersByPath(): Map<string, Handler> {
    const service = AuthServiceService;
    return new Map([
      unary(service.ping, () => {
        const { serverVersion, webAddress, webReviews } = this.#options;
        return PingResponse.create({
          clusterName: this.pki.clusterName,
          serverVersion: serverVersion ?? "18.0.0",
          proxyPublicAddr: webAddress ?? "",
          serverFeatures: { advancedAccessWorkflows: webReviews ?? false },
        });
      }),
      [service.watchEvents.path, (call) => this.#watch(call)],
      unary(
        service.listAccessRequests,
        (request) => listPage(this.#visible(request.filter), request),
      ),
      stream(service.getAccessRequestsV2, (filter) => this.#visible(filter)),
      unary(service.getPluginData, ({ kind, resource, plugin }) => ({
        pluginData: this.state.pluginData(kind, resource, plugin),
      })),
      unary(service.updatePluginData, (update) => {
        this.state.updatePluginData(update);
        return {};
      }),
      ...this.rules.handlers,
      ...lookupHandlers(this.directory, () => this.misbehaviour.noUsersService),
      unary(service.createAccessRequestV2, (request) => {
        if (!request.metadata?.name) {
          throw new RefusedError(
            status.INVALID_ARGUMENT,
            "missing parameter Name",
          );
        }
        const id = this.state.createRequest(readNewRequest(request));
        return this.state.request(id) ?? request;
      }),
      unary(service.setAccessRequestState, (setter) => {
        const state = stateName(setter.state);
        if (state === "NONE") {
          throw new RefusedError(
            status.INVALID_ARGUMENT,
            "missing request state",
          );
        }
        const start = convertTime(setter.assumeStartTime);
        this.state.setState(setter.id, state, setter.reason, start);
        return {};
      }),
      unary(service.submitAccessReview, (submission, user) => {
        const state = stateName(submission.review?.proposedState);
        const author = submission.review?.author || user;
        const submittedBy = submission.review?.submittedBy ?? "";
        if (this.misbehaviour.adminMfa) {
          throw new RefusedError(
            status.PERMISSION_DENIED,
            "admin-level API request requires MFA verification",
          );
        }
        const isDelegated = this.misbehaviour.submitForUsers &&
          submittedBy === user;
        if (author !== user && !isDelegated) {
          throw new RefusedError(
            status.PERMISSION_DENIED,
            `user "${user}" cannot submit reviews on behalf of "${author}"`,
          );
        }
        return this.state.review(
          submission.requestId,
          author,
          state === "NONE" ? "PENDING" : state,
          submission.review?.reason,
          {
            submittedBy: isDelegated ? submittedBy : "",
            start: convertTime(submission.review?.assumeStartTime),
          },
        );
      }),
      unary(service.deleteAccessRequest, ({ id }) => {
        this.state.delete(id);
        return {};
      }),
    ]);
  }

  #watch(call: GrpcCall): void {
    const watch = Watch.decode(call.request);
    if (this.misbehaviour.noInit) return;
    const accepted = watch.kinds.filter(({ kind }) =>
      kind === RULE_KIND
        ? this.rules.isWatchable
        : this.grants.has(`${kind}:read` as Grant)
    );
    if (accepted.length === 0) {
      throw new RefusedError(
        status.INVALID_ARGUMENT,
        "none of the requested kinds can be watched",
      );
    }
    const kinds = this.misbehaviour.initKinds?.map((kind) => ({ kind })) ??
      accepted;
    call.send(
      Event.encode(Event.create({
        type: Operation.INIT,
        watchStatus: {
          kind: "watch_status",
          version: "v1",
          metadata: { name: "watch-status", namespace: "default" },
          spec: { kinds },
        },
      })).finish(),
    );
    this.#watches.set(call, new Set(accepted.map(({ kind }) => kind)));
    call.onClose(() => {
      this.#watches.delete(call);
      this.#notify();
    });
  }

  #visible(filter: AccessRequestFilter | undefined): AccessRequestV3[] {
    const mayList = this.grants.has("access_request:list") &&
      this.grants.has("access_request:read");
    if (this.misbehaviour.emptyLists || !mayList) return [];
    // A look-up by ID goes past the cache.
    const lagging = filter?.id ? undefined : this.#listSnapshot;
    return (lagging ?? this.state.requests()).filter(({ metadata, spec }) =>
      (!filter?.id || metadata?.name === filter.id) &&
      (!filter?.user || spec?.user === filter.user) &&
      (!filter?.state || spec?.state === filter.state)
    );
  }
}

/** As 18 does by default: a client that tells a version has to tell one that is new enough. */
function refuseVersion({ clientVersion }: GrpcCall): void {
  if (clientVersion === undefined || Number.parseInt(clientVersion) >= 17) {
    return;
  }
  throw new RefusedError(
    status.PERMISSION_DENIED,
    "client version is unsupported",
  );
}
