/**
 * The Auth Service over gRPC.
 *
 * @module
 */

import type { CallOptions, ClientReadableStream } from "@grpc/grpc-js";
import type {
  AccessRequest,
  Resource,
  ResourceId,
} from "../../ports/access_request.ts";
import {
  ACCESS_REQUEST_KIND,
  type AuthService,
  MONITORING_RULE_KIND,
  PLUGIN_NAME,
  type ServerInfo,
  type StoredEntries,
  type StoredEntriesById,
  type WatchEvent,
} from "../../ports/auth_service.ts";
import type { MonitoringRule } from "../../ports/monitoring_rule.ts";
import type {
  ReviewService,
  ReviewSubmission,
} from "../../ports/review_service.ts";
import { TeleportError } from "../../ports/teleport_error.ts";
import type { NamedUser, User } from "../../ports/user.ts";
import {
  AccessRequestSort,
  type AuthServiceClient,
  AuthServiceService,
  ListAccessRequestsRequest,
  Watch,
} from "../gen/auth_service.ts";
import { AccessRequestFilter } from "../gen/types/access_request.ts";
import type { PluginDataFilter } from "../gen/types/plugin_data.ts";
import { answerLimit, type AuthChannel } from "./auth_channel.ts";
import { type MethodDefinition, methodOn } from "./caller.ts";
import {
  convertAccessRequest,
  convertEvent,
  convertPing,
  convertPluginData,
} from "./convert.ts";
import { unless } from "./grpc_error.ts";
import { readMonitoringRules } from "./list_monitoring_rules.ts";
import { listOne } from "./list_resources.ts";
import {
  findResources,
  getRoleLogins,
  getUser,
  getUserLoginState,
  getUserRoles,
} from "./lookup_calls.ts";
import { PluginDataList, RequestPage } from "./raw_answers.ts";
import { convertUser, listUsers, submitReview } from "./review_calls.ts";

const REQUESTS_PER_PAGE = 500;

/** So many requests are decoded at a time. */
const REQUESTS_AT_ONCE = 50;

/** ID of no request. */
export const NO_REQUEST = "00000000-0000-0000-0000-000000000000";

/** Knows the connection of the moment. */
export interface AuthChannels {
  /**
   * Returns the channel for one call; it is waited for where there is none.
   *
   * @param method Name of the call, for the error.
   * @throws {NotConnectedError} If there is none for too long.
   */
  channel(method: string, signal: AbortSignal): Promise<AuthChannel>;
}

/** Talks to the Auth Service, each call on the channel of the moment. */
export class TeleportClient implements AuthService, ReviewService {
  readonly #channels: AuthChannels;

  constructor(channels: AuthChannels) {
    this.#channels = channels;
  }

  /**
   * Makes a call that every user may make and that nobody answers who is not the Auth Service: it asks
   * for a request that does not exist. A `Ping` would be answered without credentials too.
   */
  async probe(timeoutMs: number, signal: AbortSignal): Promise<void> {
    await this.getAccessRequest(NO_REQUEST, signal, timeoutMs);
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
    const channel = await this.#channels.channel(method, signal);
    await channel.caller.stream(
      method,
      (options) => channel.client.watchEvents(watch, options),
      (event) => onEvent(convertEvent(event)),
      Infinity,
      AbortSignal.any([signal, channel.leaving]),
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
      const page = await this.#listPage({ startKey }, signal, "bulkMs");
      if (page === undefined) {
        yield* pages(await this.#readAllRequests({}, signal));
        return;
      }
      yield* page.requests(REQUESTS_AT_ONCE);
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
    timeout: Timeout = "callMs",
  ): Promise<AccessRequest | undefined> {
    const page = await this.#listPage({ filter: { id } }, signal, timeout);
    const requests = page === undefined
      ? await this.#readAllRequests({ id }, signal)
      : [...page.requests(REQUESTS_AT_ONCE)].flat();
    return requests.find((request) => request.id === id);
  }

  async listPluginData(
    signal: AbortSignal,
    size?: "large",
  ): Promise<StoredEntriesById> {
    const list = {
      ...AuthServiceService.getPluginData,
      responseDeserialize: (bytes: Uint8Array) =>
        new PluginDataList(bytes, PLUGIN_NAME),
    };
    const all = pluginDataOf("");
    if (size === undefined) {
      return await this.#invoke(list, all, signal, "bulkMs");
    }
    // The limit belongs to the channel, and any other answer of that size is a fault.
    const usual = await this.#channels.channel(nameOf(list), signal);
    await using large = usual.withAnswersUpTo(answerLimit(size));
    return await call(large, list, all, signal, "bulkMs");
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
    const channel = await this.#channels.channel("ListResources", signal);
    const { clusterName } = channel.credentials();
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
    const channel = await this.#channels.channel("SubmitAccessReview", signal);
    const { userName } = channel.credentials();
    await submitReview(this.#invoke, review, userName, signal);
  }

  async listUsers(signal: AbortSignal): Promise<readonly NamedUser[]> {
    const users = listUsers(this.#invoke, signal);
    return await unless("UNIMPLEMENTED", users) ?? await this.#readStream(
      "GetUsers",
      (client, options) => client.getUsers({}, options),
      convertUser,
      signal,
    );
  }

  /** Reads one page; `undefined` if the server has no ListAccessRequests (14 and 15). */
  async #listPage(
    query: {
      readonly startKey?: string;
      readonly filter?: Partial<AccessRequestFilter>;
    },
    signal: AbortSignal,
    timeout: Timeout,
  ): Promise<RequestPage | undefined> {
    const definition = {
      ...AuthServiceService.listAccessRequests,
      responseDeserialize: (bytes: Uint8Array) => new RequestPage(bytes),
    };
    const channel = await this.#channels.channel(nameOf(definition), signal);
    if (channel.lacksList) return undefined;
    const request = ListAccessRequestsRequest.create({
      sort: AccessRequestSort.CREATED,
      descending: true,
      limit: REQUESTS_PER_PAGE,
      ...query,
    });
    const page = await unless(
      "UNIMPLEMENTED",
      call(channel, definition, request, signal, timeout),
    );
    if (page === undefined) channel.noteListMissing();
    return page;
  }

  /** Reads requests in the way of servers without ListAccessRequests; newest first. */
  async #readAllRequests(
    filter: Partial<AccessRequestFilter>,
    signal: AbortSignal,
  ): Promise<readonly AccessRequest[]> {
    const requests = await this.#readStream(
      "GetAccessRequestsV2",
      (client, options) =>
        client.getAccessRequestsV2(AccessRequestFilter.create(filter), options),
      convertAccessRequest,
      signal,
    );
    return requests.sort((a, b) => b.created.getTime() - a.created.getTime());
  }

  /** Reads a stream about all of something to its end. */
  async #readStream<Message, Value>(
    method: string,
    open: (
      client: AuthServiceClient,
      options: Partial<CallOptions>,
    ) => ClientReadableStream<Message>,
    convert: (message: Message) => Value,
    signal: AbortSignal,
  ): Promise<Value[]> {
    const values: Value[] = [];
    const { caller, client, timeouts } = await this.#channels
      .channel(method, signal);
    await caller.stream(
      method,
      (options) => open(client, options),
      (message) => values.push(convert(message)),
      timeouts.bulkMs,
      signal,
    );
    return values;
  }

  readonly #invoke = async <Request, Response>(
    definition: MethodDefinition<Request, Response>,
    request: Request,
    signal: AbortSignal,
    timeout: Timeout = "callMs",
  ): Promise<Response> => {
    const channel = await this.#channels.channel(nameOf(definition), signal);
    return await call(channel, definition, request, signal, timeout);
  };
}

/** How long a call may take: one of those of the channel, or milliseconds. */
type Timeout = "callMs" | "bulkMs" | number;

function call<Request, Response>(
  { caller, client, timeouts }: AuthChannel,
  definition: MethodDefinition<Request, Response>,
  request: Request,
  signal: AbortSignal,
  timeout: Timeout,
): Promise<Response> {
  const timeoutMs = typeof timeout === "number" ? timeout : timeouts[timeout];
  const method = methodOn(client, definition);
  return caller.unary(nameOf(definition), method, request, timeoutMs, signal);
}

function nameOf({ path }: { readonly path: string }): string {
  return path.slice(path.lastIndexOf("/") + 1);
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
