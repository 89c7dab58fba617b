/**
 * The Auth Service over gRPC.
 *
 * @module
 */

import { turn } from "../../lib/async/wait.ts";
import { receiveLarge } from "../../lib/host/memory.ts";
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
import { TeleportError, unless } from "../../ports/teleport_error.ts";
import type { NamedUser, User } from "../../ports/user.ts";
import { AccessMonitoringRulesServiceService } from "../gen/access_monitoring_rules_service.ts";
import {
  AccessRequestSort,
  AuthServiceService,
  ListAccessRequestsRequest,
  Watch,
} from "../gen/auth_service.ts";
import {
  AccessRequestFilter,
  AccessReviewSubmission,
  RequestState,
} from "../gen/types/access_request.ts";
import type { PluginDataFilter } from "../gen/types/plugin_data.ts";
import type { UserV2 } from "../gen/types/user.ts";
import { UserLoginStateServiceService } from "../gen/user_login_state_service.ts";
import { UsersServiceService } from "../gen/users_service.ts";
import { answerLimit, type AuthChannel } from "./auth_channel.ts";
import { type MethodDefinition, methodName, type Timeout } from "./caller.ts";
import {
  convertAccessRequest,
  convertEvent,
  convertPing,
  convertPluginData,
  convertUser,
} from "./convert.ts";
import { convertMonitoringRule } from "./convert_rule.ts";
import {
  collectResources,
  groupResources,
  listByName,
  listOne,
} from "./list_resources.ts";
import { chunks, PluginDataList, RequestPage } from "./raw_answers.ts";

const REQUESTS_PER_PAGE = 500;
const RULES_PER_PAGE = 1000n;
const USERS_PER_PAGE = 500;

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
  readonly #signal: AbortSignal;

  /** @param signal Ends each call. */
  constructor(channels: AuthChannels, signal: AbortSignal) {
    this.#channels = channels;
    this.#signal = signal;
  }

  within(signal: AbortSignal): TeleportClient {
    return new TeleportClient(this.#channels, signal);
  }

  /**
   * Makes a call that every user may make and that nobody answers who is not the Auth Service: it asks
   * for a request that does not exist. A `Ping` would be answered without credentials too.
   */
  async probe(timeoutMs: number): Promise<void> {
    await this.getAccessRequest(NO_REQUEST, timeoutMs);
  }

  async ping(): Promise<ServerInfo> {
    const answer = await this.#invoke(AuthServiceService.ping, {});
    return convertPing(answer);
  }

  async watchEvents(onEvent: (event: WatchEvent) => void): Promise<never> {
    const { watchEvents } = AuthServiceService;
    const watch = Watch.create({
      kinds: [{ kind: ACCESS_REQUEST_KIND }, { kind: MONITORING_RULE_KIND }],
      allowPartialSuccess: true,
    });
    const channel = await this.#channel(watchEvents);
    await channel.caller.stream(
      watchEvents,
      watch,
      (event) => onEvent(convertEvent(event)),
      AbortSignal.any([this.#signal, channel.leaving]),
      Infinity,
    );
    throw new TeleportError(
      methodName(watchEvents),
      "UNAVAILABLE",
      "the server ended the stream",
    );
  }

  async *listAccessRequests(
    reading?: "ahead",
  ): AsyncGenerator<readonly AccessRequest[]> {
    const read = (startKey: string) => this.#listPage({ startKey }, "bulkMs");
    let page = await read("");
    if (page === undefined) {
      yield* chunks(await this.#readAllRequests({}), REQUESTS_PER_PAGE);
    }
    while (page !== undefined) {
      const { nextKey } = page;
      const hasNext = nextKey !== "";
      const ahead = hasNext && reading === "ahead" ? read(nextKey) : undefined;
      // Whether it failed is asked below.
      ahead?.catch(() => {});
      for (const requests of page.requests()) {
        yield requests;
        if (ahead !== undefined) await turn();
      }
      page = hasNext ? await (ahead ?? read(nextKey)) : undefined;
    }
  }

  async listMonitoringRules(): Promise<readonly MonitoringRule[] | undefined> {
    const service = AccessMonitoringRulesServiceService;
    const page = { pageSize: RULES_PER_PAGE };
    const filter = {
      subjects: [ACCESS_REQUEST_KIND],
      notificationName: PLUGIN_NAME,
    };
    const rules = await this.#listAll(
      service.listAccessMonitoringRulesWithFilter,
      (pageToken) => ({ ...page, ...filter, pageToken }),
      ({ rules }) => rules,
    ) ?? await this.#listAll(
      service.listAccessMonitoringRules,
      (pageToken) => ({ ...page, pageToken }),
      ({ rules }) => rules,
    );
    return rules?.map(convertMonitoringRule);
  }

  async getAccessRequest(
    id: string,
    timeout: Timeout = "callMs",
  ): Promise<AccessRequest | undefined> {
    const page = await this.#listPage({ filter: { id } }, timeout);
    const requests = page === undefined
      ? await this.#readAllRequests({ id })
      : [...page.requests()].flat();
    return requests.find((request) => request.id === id);
  }

  async listPluginData(size?: "large"): Promise<StoredEntriesById> {
    const list = {
      ...AuthServiceService.getPluginData,
      responseDeserialize: (bytes: Uint8Array) => new PluginDataList(bytes),
    };
    const all = pluginDataOf("");
    const read = ({ caller }: AuthChannel) =>
      receiveLarge(caller.unary(list, all, this.#signal, "bulkMs"));
    const usual = await this.#channel(list);
    if (size === undefined) return await read(usual);
    // The limit belongs to the channel, and any other answer of that size is a fault.
    await using large = usual.withAnswersUpTo(answerLimit(size));
    return await read(large);
  }

  /** @param kind Of what the ID is. */
  async getPluginData(
    id: string,
    kind: string = ACCESS_REQUEST_KIND,
  ): Promise<StoredEntries | undefined> {
    const { getPluginData } = AuthServiceService;
    const query = { ...pluginDataOf(id), kind };
    const { pluginData } = await this.#invoke(getPluginData, query);
    const stored = pluginData.find(({ metadata }) => metadata?.name === id);
    return stored && convertPluginData(stored, PLUGIN_NAME);
  }

  async updatePluginData(
    id: string,
    set: Readonly<Record<string, string>>,
    expect: Readonly<Record<string, string>>,
  ): Promise<void> {
    const update = {
      kind: ACCESS_REQUEST_KIND,
      resource: id,
      plugin: PLUGIN_NAME,
      set: new Map(Object.entries(set)),
      expect: new Map(Object.entries(expect)),
    };
    await this.#invoke(AuthServiceService.updatePluginData, update);
  }

  async getRoleLogins(role: string): Promise<readonly string[]> {
    const { getRole } = AuthServiceService;
    const answer = await this.#invoke(getRole, { name: role });
    return answer.spec?.allow?.logins ?? [];
  }

  async getUser(name: string): Promise<User | undefined> {
    const user = await this.#readUser(name);
    return user && { traits: convertUser(user).traits };
  }

  /** Returns the roles that a user has now, other than by access lists; `undefined` if there is no such user. */
  async getUserRoles(name: string): Promise<readonly string[] | undefined> {
    const user = await this.#readUser(name);
    return user && (user.spec?.roles ?? []);
  }

  async getUserLoginState(name: string): Promise<User | undefined> {
    const { getUserLoginState } = UserLoginStateServiceService;
    const read = this.#invoke(getUserLoginState, { name });
    const state = await unless(["NOT_FOUND"], read);
    return state && {
      traits: new Map(
        state.spec?.traits.map(({ key, values }) => [key, values]),
      ),
    };
  }

  async findResources(
    resources: readonly ResourceId[],
  ): Promise<Map<string, Resource>> {
    const { listResources } = AuthServiceService;
    const channel = await this.#channel(listResources);
    const { clusterName } = channel.credentials();
    const found = new Map<string, Resource>();
    const groups = groupResources(resources, clusterName);
    await Promise.all([...groups].map(async ([kind, wanted]) => {
      let startKey = "";
      do {
        const request = listByName(kind, wanted, startKey);
        const answer = await this.#invoke(listResources, request);
        collectResources(found, answer.resources, wanted);
        startKey = answer.resources.length === 0 ? "" : answer.nextKey;
      } while (startKey !== "");
    }));
    return found;
  }

  /** Whether any resource of a kind can be seen; those without label access cannot. */
  async seesResources(kind: string): Promise<boolean> {
    const { listResources } = AuthServiceService;
    const answer = await this.#invoke(listResources, listOne(kind));
    return answer.resources.length > 0;
  }

  async submitReview(
    { requestId, author, verdict, reason }: ReviewSubmission,
  ): Promise<void> {
    const { submitAccessReview } = AuthServiceService;
    const channel = await this.#channel(submitAccessReview);
    // The plugin's own Teleport user: whoever the certificate names.
    const submittedBy = channel.credentials().userName;
    const proposedState = verdict === "approve"
      ? RequestState.APPROVED
      : RequestState.DENIED;
    const submission = AccessReviewSubmission.create({
      requestId,
      review: { author, proposedState, reason, submittedBy },
    });
    await this.#invoke(submitAccessReview, submission);
  }

  async listUsers(): Promise<readonly NamedUser[]> {
    return await this.#listAll(
      UsersServiceService.listUsers,
      (pageToken) => ({ pageSize: USERS_PER_PAGE, pageToken }),
      ({ users }) => users.map(convertUser),
    ) ?? await this.#readStream(AuthServiceService.getUsers, {}, convertUser);
  }

  /**
   * Reads a user from the service of Teleport 15 and later, or, where that is missing, as in 14;
   * `undefined` if there is none.
   */
  async #readUser(name: string): Promise<UserV2 | undefined> {
    const read = async () => {
      const { getUser } = UsersServiceService;
      const answer = this.#invoke(getUser, { name });
      const found = await unless(["UNIMPLEMENTED"], answer);
      return found === undefined
        ? await this.#invoke(AuthServiceService.getUser, { name })
        : found.user;
    };
    return await unless(["NOT_FOUND"], read());
  }

  /** Reads all pages of a list; `undefined` if the server has no such method. */
  async #listAll<Request, Page extends { readonly nextPageToken: string }, T>(
    method: MethodDefinition<Request, Page>,
    requestFor: (pageToken: string) => Request,
    itemsOf: (page: Page) => readonly T[],
  ): Promise<T[] | undefined> {
    const items: T[] = [];
    let pageToken = "";
    do {
      const answer = this.#invoke(method, requestFor(pageToken));
      const page = await unless(["UNIMPLEMENTED"], answer);
      if (page === undefined) return undefined;
      items.push(...itemsOf(page));
      pageToken = page.nextPageToken;
    } while (pageToken !== "");
    return items;
  }

  /** Reads one page; `undefined` if the server has no ListAccessRequests (14 and 15). */
  async #listPage(
    query: {
      readonly startKey?: string;
      readonly filter?: Partial<AccessRequestFilter>;
    },
    timeout: Timeout,
  ): Promise<RequestPage | undefined> {
    const method = {
      ...AuthServiceService.listAccessRequests,
      responseDeserialize: (bytes: Uint8Array) => new RequestPage(bytes),
    };
    const channel = await this.#channel(method);
    if (channel.lacksList) return undefined;
    const request = ListAccessRequestsRequest.create({
      sort: AccessRequestSort.CREATED,
      descending: true,
      limit: REQUESTS_PER_PAGE,
      ...query,
    });
    const page = await unless(
      ["UNIMPLEMENTED"],
      channel.caller.unary(method, request, this.#signal, timeout),
    );
    if (page === undefined) channel.noteListMissing();
    return page;
  }

  /** Reads requests in the way of servers without ListAccessRequests; newest first. */
  async #readAllRequests(
    filter: Partial<AccessRequestFilter>,
  ): Promise<readonly AccessRequest[]> {
    const requests = await this.#readStream(
      AuthServiceService.getAccessRequestsV2,
      AccessRequestFilter.create(filter),
      convertAccessRequest,
    );
    return requests.sort((a, b) => b.created.getTime() - a.created.getTime());
  }

  /** Reads a stream about all of something to its end. */
  async #readStream<Request, Message, Value>(
    method: MethodDefinition<Request, Message>,
    request: Request,
    convert: (message: Message) => Value,
  ): Promise<Value[]> {
    const values: Value[] = [];
    const { caller } = await this.#channel(method);
    await caller.stream(
      method,
      request,
      (message) => values.push(convert(message)),
      this.#signal,
      "bulkMs",
    );
    return values;
  }

  async #invoke<Request, Response>(
    method: MethodDefinition<Request, Response>,
    request: Request,
  ): Promise<Response> {
    const { caller } = await this.#channel(method);
    return await caller.unary(method, request, this.#signal);
  }

  #channel(method: { readonly path: string }): Promise<AuthChannel> {
    return this.#channels.channel(methodName(method), this.#signal);
  }
}

/** @param id ID of a request; empty for all. */
function pluginDataOf(id: string): PluginDataFilter {
  return { kind: ACCESS_REQUEST_KIND, resource: id, plugin: PLUGIN_NAME };
}
