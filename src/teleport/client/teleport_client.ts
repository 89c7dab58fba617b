/**
 * The Auth Service over gRPC.
 *
 * @module
 */

import { connectivityState } from "@grpc/grpc-js";
import { setImmediate } from "node:timers";
import type {
  AccessRequest,
  Resource,
  ResourceId,
} from "../../ports/access_request.ts";
import type {
  AuthService,
  ServerInfo,
  StoredEntries,
  StoredEntriesById,
  WatchEvent,
} from "../../ports/auth_service.ts";
import type { MonitoringRule } from "../../ports/monitoring_rule.ts";
import type {
  ReviewService,
  ReviewSubmission,
} from "../../ports/review_service.ts";
import { TeleportError } from "../../ports/teleport_error.ts";
import type { NamedUser, User } from "../../ports/user.ts";
import {
  type Credentials,
  describeInvalidity,
} from "../credentials/identity.ts";
import {
  AccessRequestSort,
  type AuthServiceClient,
  AuthServiceService,
  ListAccessRequestsRequest,
  Watch,
} from "../gen/auth_service.ts";
import {
  AccessRequestFilter,
  type AccessRequestV3,
} from "../gen/types/access_request.ts";
import type { PluginDataFilter } from "../gen/types/plugin_data.ts";
import type { UserV2 } from "../gen/types/user.ts";
import { type AuthRoute, parseHostPort } from "../routes/auth_route.ts";
import { directRoute } from "../routes/direct_route.ts";
import {
  closeAuthServiceClient,
  createAuthServiceClient,
  type Keepalive,
} from "./auth_channel.ts";
import { Caller, type MethodDefinition, methodOn } from "./caller.ts";
import {
  ACCESS_REQUEST_KIND,
  convertAccessRequest,
  convertEvent,
  convertPing,
  convertPluginData,
  MONITORING_RULE_KIND,
} from "./convert.ts";
import { isNotStarted } from "./grpc_error.ts";
import { readMonitoringRules } from "./list_monitoring_rules.ts";
import { listOne } from "./list_resources.ts";
import {
  findResources,
  getRoleLogins,
  getUser,
  getUserLoginState,
  getUserRoles,
} from "./lookup_calls.ts";
import { PluginDataList } from "./plugin_data_list.ts";
import { convertUser, listUsers, submitReview } from "./review_calls.ts";
import { RouteCredentials } from "./tls_credentials.ts";

/** Name under which this plugin and the official one keep their data. */
const PLUGIN_NAME = "discord";

const REQUESTS_PER_PAGE = 500;

/** ID of no request. */
export const NO_REQUEST = "00000000-0000-0000-0000-000000000000";

/** How long things may take, in milliseconds. */
export interface Timeouts {
  /** From the TCP connection to the first answer on it. */
  readonly handshakeMs: number;
  /** One call about one thing. */
  readonly callMs: number;
  /** A call about all requests. */
  readonly bulkMs: number;
}

/** What {@linkcode TeleportClient} needs. */
export interface TeleportClientOptions {
  /** `host:port`. */
  readonly address: string;
  /** `host:port` that the TCP connection goes to, if it is not the address itself. */
  readonly dialAddress?: string;
  /** Returns the newest credentials; asked at each new connection, which the last one outlives. */
  readonly credentials: () => Credentials;
  /** How to get from the address to the Auth Service; straight if it is not given. */
  readonly route?: AuthRoute;
  readonly timeouts?: Partial<Timeouts>;
  readonly keepalive?: Keepalive;
}

/** Talks to one Auth Service over one connection, which is opened again whenever it is lost. */
export class TeleportClient
  implements AuthService, ReviewService, AsyncDisposable {
  readonly #createClient: () => AuthServiceClient;
  #newest: AuthServiceClient;
  readonly #connection: RouteCredentials;
  readonly #credentials: () => Credentials;
  readonly #caller: Caller;
  readonly #timeouts: Timeouts;
  /** Generation of the connection on which the server turned out to have no ListAccessRequests. */
  #listMissingOn: number | undefined;

  constructor(options: TeleportClientOptions) {
    const { address, dialAddress = address, credentials } = options;
    const { route = directRoute } = options;
    this.#timeouts = {
      handshakeMs: 30_000,
      callMs: 10_000,
      bulkMs: 60_000,
      ...options.timeouts,
    };
    this.#credentials = credentials;
    this.#connection = new RouteCredentials({
      route,
      address: parseHostPort(address),
      credentials,
      handshakeTimeoutMs: this.#timeouts.handshakeMs,
      isReady: () => this.isConnected,
    });
    this.#createClient = () =>
      createAuthServiceClient(
        dialAddress,
        this.#connection,
        options.keepalive,
      );
    this.#newest = this.#createClient();
    this.#caller = new Caller((detail) => {
      // grpc-js itself may go on to use this connection.
      if (isNotStarted(detail)) this.#connection.drop();
      return describeInvalidity(credentials(), new Date());
    });
  }

  /** Whether the connection is up. */
  get isConnected(): boolean {
    return this.#client.getChannel().getConnectivityState(false) ===
      connectivityState.READY;
  }

  /** Why the newest connection failed or was lost, as far as that showed behind TCP. */
  get lastError(): Error | undefined {
    return this.#connection.lastError;
  }

  /**
   * Makes a call that every user may make and that nobody answers who is not the Auth Service: it asks
   * for a request that does not exist. A `Ping` would be answered without credentials too.
   */
  async probe(timeoutMs: number, signal: AbortSignal): Promise<void> {
    await this.getAccessRequest(NO_REQUEST, signal, timeoutMs);
  }

  /** Waits until the connection that is up now is lost, or the client is closed. */
  async untilLost(): Promise<void> {
    const channel = this.#client.getChannel();
    const { READY } = connectivityState;
    while (this.isConnected) {
      const { promise, resolve } = Promise.withResolvers<void>();
      channel.watchConnectivityState(READY, Infinity, () => resolve());
      await promise;
    }
  }

  /** Lets running calls end, then closes the connection. */
  async retire(): Promise<void> {
    await this.#caller.idle();
    await this.close();
  }

  /** Ends running calls with CANCELLED and closes the connection. */
  async close(): Promise<void> {
    this.#caller.close();
    // A channel that is closed while it looks up its address would connect all the same.
    await new Promise<void>((resolve) => setImmediate(() => resolve()));
    closeAuthServiceClient(this.#newest);
    await this.#connection.close();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  /**
   * grpc-js goes on to use a connection that was closed or told to go away in the very moment in which
   * it became ready: nobody listens to it then. Only a new channel helps.
   */
  get #client(): AuthServiceClient {
    const state = this.#newest.getChannel().getConnectivityState(false);
    if (state === connectivityState.READY && !this.#connection.isOpen) {
      closeAuthServiceClient(this.#newest);
      this.#newest = this.#createClient();
    }
    return this.#newest;
  }

  async ping(signal: AbortSignal): Promise<ServerInfo> {
    const answer = await this.#invoke(AuthServiceService.ping, {}, signal);
    return convertPing(answer);
  }

  async watchEvents(
    onEvent: (event: WatchEvent) => void,
    signal: AbortSignal,
  ): Promise<never> {
    const method = "WatchEvents";
    const watch = Watch.create({
      kinds: [{ kind: ACCESS_REQUEST_KIND }, { kind: MONITORING_RULE_KIND }],
      allowPartialSuccess: true,
    });
    await this.#caller.stream(
      method,
      () => this.#client.watchEvents(watch),
      (event) => onEvent(convertEvent(event)),
      signal,
    );
    throw new TeleportError(
      method,
      "UNAVAILABLE",
      "the server ended the stream",
    );
  }

  async *listAccessRequests(
    signal: AbortSignal,
  ): AsyncGenerator<readonly AccessRequest[]> {
    let startKey = "";
    do {
      const timeoutMs = this.#timeouts.bulkMs;
      const page = await this.#listPage({ startKey }, signal, timeoutMs);
      if (page === undefined) {
        yield* pages(await this.#readAllRequests({}, signal));
        return;
      }
      yield page.requests;
      startKey = page.nextKey;
    } while (startKey !== "");
  }

  async listMonitoringRules(
    signal: AbortSignal,
  ): Promise<readonly MonitoringRule[] | undefined> {
    return await readMonitoringRules(this.#invoke, PLUGIN_NAME, signal);
  }

  async getAccessRequest(
    id: string,
    signal: AbortSignal,
    timeoutMs: number = this.#timeouts.callMs,
  ): Promise<AccessRequest | undefined> {
    const page = await this.#listPage({ filter: { id } }, signal, timeoutMs);
    const requests = page?.requests ??
      await this.#readAllRequests({ id }, signal);
    return requests.find((request) => request.id === id);
  }

  async listPluginData(signal: AbortSignal): Promise<StoredEntriesById> {
    const list = {
      ...AuthServiceService.getPluginData,
      responseDeserialize: (bytes: Uint8Array) =>
        new PluginDataList(bytes, PLUGIN_NAME),
    };
    const timeoutMs = this.#timeouts.bulkMs;
    return await this.#invoke(list, pluginDataOf(""), signal, timeoutMs);
  }

  /** @param kind Of what the ID is. */
  async getPluginData(
    id: string,
    signal: AbortSignal,
    kind: string = ACCESS_REQUEST_KIND,
  ): Promise<StoredEntries | undefined> {
    const { getPluginData } = AuthServiceService;
    const { pluginData } = await this.#invoke(
      getPluginData,
      { ...pluginDataOf(id), kind },
      signal,
    );
    const stored = pluginData.find(({ metadata }) => metadata?.name === id);
    return stored && convertPluginData(stored, PLUGIN_NAME);
  }

  async updatePluginData(
    id: string,
    set: Readonly<Record<string, string>>,
    expect: Readonly<Record<string, string>>,
    signal: AbortSignal,
  ): Promise<void> {
    const update = {
      kind: ACCESS_REQUEST_KIND,
      resource: id,
      plugin: PLUGIN_NAME,
      set: new Map(Object.entries(set)),
      expect: new Map(Object.entries(expect)),
    };
    await this.#invoke(AuthServiceService.updatePluginData, update, signal);
  }

  async getRoleLogins(
    role: string,
    signal: AbortSignal,
  ): Promise<readonly string[]> {
    return await getRoleLogins(this.#invoke, role, signal);
  }

  async getUser(name: string, signal: AbortSignal): Promise<User | undefined> {
    return await getUser(this.#invoke, name, signal);
  }

  /** Returns the roles that a user has now, other than by access lists; `undefined` if there is no such user. */
  async getUserRoles(
    name: string,
    signal: AbortSignal,
  ): Promise<readonly string[] | undefined> {
    return await getUserRoles(this.#invoke, name, signal);
  }

  async getUserLoginState(
    name: string,
    signal: AbortSignal,
  ): Promise<User | undefined> {
    return await getUserLoginState(this.#invoke, name, signal);
  }

  async findResources(
    resources: readonly ResourceId[],
    signal: AbortSignal,
  ): Promise<Map<string, Resource>> {
    const { clusterName } = this.#credentials();
    return await findResources(
      this.#invoke,
      resources,
      clusterName,
      signal,
    );
  }

  /** Whether any resource of a kind can be seen; those without label access cannot. */
  async seesResources(kind: string, signal: AbortSignal): Promise<boolean> {
    const { listResources } = AuthServiceService;
    const answer = await this.#invoke(listResources, listOne(kind), signal);
    return answer.resources.length > 0;
  }

  async submitReview(
    review: ReviewSubmission,
    signal: AbortSignal,
  ): Promise<void> {
    const { userName } = this.#credentials();
    await submitReview(this.#invoke, review, userName, signal);
  }

  async listUsers(signal: AbortSignal): Promise<readonly NamedUser[]> {
    try {
      return await listUsers(this.#invoke, signal);
    } catch (error) {
      const isMissing = error instanceof TeleportError &&
        error.code === "UNIMPLEMENTED";
      if (!isMissing) throw error;
    }
    const users: NamedUser[] = [];
    const deadline = Date.now() + this.#timeouts.bulkMs;
    await this.#caller.stream(
      "GetUsers",
      () => this.#client.getUsers({}, { deadline }),
      (user: UserV2) => users.push(convertUser(user)),
      signal,
    );
    return users;
  }

  /** Reads one page; `undefined` if the server has no ListAccessRequests (14 and 15). */
  async #listPage(
    query: {
      readonly startKey?: string;
      readonly filter?: Partial<AccessRequestFilter>;
    },
    signal: AbortSignal,
    timeoutMs: number,
  ): Promise<
    | { readonly requests: readonly AccessRequest[]; readonly nextKey: string }
    | undefined
  > {
    const isKnown = this.#listMissingOn === this.#connection.generation;
    if (isKnown && this.isConnected) return undefined;
    const request = ListAccessRequestsRequest.create({
      sort: AccessRequestSort.CREATED,
      descending: true,
      limit: REQUESTS_PER_PAGE,
      ...query,
    });
    try {
      const answer = await this.#invoke(
        AuthServiceService.listAccessRequests,
        request,
        signal,
        timeoutMs,
      );
      return {
        requests: answer.accessRequests.map(convertAccessRequest),
        nextKey: answer.nextKey,
      };
    } catch (error) {
      const missing = error instanceof TeleportError &&
        error.code === "UNIMPLEMENTED";
      if (!missing) throw error;
      this.#listMissingOn = this.#connection.generation;
      return undefined;
    }
  }

  /** Reads requests in the way of servers without ListAccessRequests; newest first. */
  async #readAllRequests(
    filter: Partial<AccessRequestFilter>,
    signal: AbortSignal,
  ): Promise<readonly AccessRequest[]> {
    const requests: AccessRequest[] = [];
    const deadline = Date.now() + this.#timeouts.bulkMs;
    await this.#caller.stream(
      "GetAccessRequestsV2",
      () =>
        this.#client.getAccessRequestsV2(
          AccessRequestFilter.create(filter),
          { deadline },
        ),
      (message: AccessRequestV3) =>
        requests.push(convertAccessRequest(message)),
      signal,
    );
    return requests.sort((a, b) => b.created.getTime() - a.created.getTime());
  }

  readonly #invoke = <Request, Response>(
    definition: MethodDefinition<Request, Response>,
    request: Request,
    signal: AbortSignal,
    timeoutMs: number = this.#timeouts.callMs,
  ): Promise<Response> => {
    const { path } = definition;
    const name = path.slice(path.lastIndexOf("/") + 1);
    const method = methodOn(this.#client, definition);
    return this.#caller.unary(name, method, request, timeoutMs, signal);
  };
}

/** @param id ID of a request; empty for all. */
function pluginDataOf(id: string): PluginDataFilter {
  return { kind: ACCESS_REQUEST_KIND, resource: id, plugin: PLUGIN_NAME };
}

function* pages(
  requests: readonly AccessRequest[],
): Generator<readonly AccessRequest[]> {
  for (let start = 0; start < requests.length; start += REQUESTS_PER_PAGE) {
    yield requests.slice(start, start + REQUESTS_PER_PAGE);
  }
}
