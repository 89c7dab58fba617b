/**
 * What people and administrators do with requests: create, review, resolve, delete.
 *
 * @module
 */

import { connectivityState } from "@grpc/grpc-js";
import {
  closeAuthServiceClient,
  createAuthServiceClient,
} from "../../src/teleport/client/auth_channel.ts";
import {
  Caller,
  type MethodDefinition,
} from "../../src/teleport/client/caller.ts";
import { RouteCredentials } from "../../src/teleport/routes/tls_credentials.ts";
import type { Credentials } from "../../src/teleport/credentials/identity.ts";
import { AccessMonitoringRulesServiceService } from "../../src/teleport/gen/access_monitoring_rules_service.ts";
import {
  type AuthServiceClient,
  AuthServiceService,
} from "../../src/teleport/gen/auth_service.ts";
import type { Timestamp } from "../../src/teleport/gen/google/protobuf/timestamp.ts";
import {
  AccessRequestV3,
  AccessReviewSubmission,
  RequestState,
} from "../../src/teleport/gen/types/access_request.ts";
import { parseHostPort } from "../../src/teleport/routes/auth_route.ts";
import { directRoute } from "../../src/teleport/routes/direct_route.ts";
import { buildRule, type NewRule } from "../fakes/new_rule.ts";

const TIMEOUT_MS = 10_000;

/** A request that somebody makes. */
export interface RequestToCreate {
  readonly user: string;
  readonly roles?: readonly string[];
  readonly reason?: string;
  readonly suggestedReviewers?: readonly string[];
  readonly resources?: readonly {
    readonly cluster: string;
    readonly kind: string;
    readonly name: string;
  }[];
  readonly requestExpires?: Date;
  readonly accessStarts?: Date;
  readonly maxDuration?: Date;
}

/** Acts with the identity of one user. */
export class AdminClient implements AsyncDisposable {
  readonly #client: AuthServiceClient;
  readonly #connection: RouteCredentials;
  readonly #caller: Caller;

  /** @param address `host:port` of the Auth Service. */
  constructor(address: string, credentials: Credentials) {
    this.#connection = new RouteCredentials({
      route: directRoute,
      address: parseHostPort(address),
      credentials: () => credentials,
      handshakeTimeoutMs: TIMEOUT_MS,
      isReady: () =>
        this.#client.getChannel().getConnectivityState(false) ===
          connectivityState.READY,
    });
    this.#client = createAuthServiceClient(address, this.#connection);
    const timeouts = { callMs: TIMEOUT_MS, bulkMs: TIMEOUT_MS };
    this.#caller = new Caller({ client: () => this.#client, timeouts });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#caller.close();
    closeAuthServiceClient(this.#client);
    await this.#connection.close();
  }

  /** Creates a request; returns the ID that the server gave it. */
  async createRequest(request: RequestToCreate): Promise<string> {
    const message = AccessRequestV3.create({
      kind: "access_request",
      version: "v3",
      // The server asks for a name and then takes its own.
      metadata: { name: crypto.randomUUID() },
      spec: {
        user: request.user,
        roles: [...request.roles ?? []],
        state: RequestState.PENDING,
        created: toTimestamp(new Date()),
        requestReason: request.reason ?? "",
        suggestedReviewers: [...request.suggestedReviewers ?? []],
        assumeStartTime: toTimestamp(request.accessStarts),
        maxDuration: toTimestamp(request.maxDuration),
        resourceExpiry: toTimestamp(request.requestExpires),
        requestedResourceIds: (request.resources ?? []).map((resource) => ({
          clusterName: resource.cluster,
          kind: resource.kind,
          name: resource.name,
          subResourceName: "",
        })),
      },
    });
    const created = await this.#call(
      AuthServiceService.createAccessRequestV2,
      message,
    );
    return created.metadata?.name ?? "";
  }

  /** Sets the state of a request. */
  async setState(
    id: string,
    state: keyof typeof RequestState,
    reason = "",
    start?: Date,
  ): Promise<void> {
    const assumeStartTime = toTimestamp(start);
    await this.#call(
      AuthServiceService.setAccessRequestState,
      { id, state: RequestState[state], reason, assumeStartTime },
    );
  }

  /** Submits a review as this user. */
  async review(
    id: string,
    state: keyof typeof RequestState,
    reason = "",
    start?: Date,
  ): Promise<void> {
    const proposedState = RequestState[state];
    const assumeStartTime = toTimestamp(start);
    await this.#call(
      AuthServiceService.submitAccessReview,
      AccessReviewSubmission.create({
        requestId: id,
        review: { proposedState, reason, assumeStartTime },
      }),
    );
  }

  /** Deletes a request. */
  async delete(id: string): Promise<void> {
    await this.#call(
      AuthServiceService.deleteAccessRequest,
      { id },
    );
  }

  /** Creates or replaces a rule. */
  async putRule(rule: NewRule): Promise<void> {
    const { upsertAccessMonitoringRule } = AccessMonitoringRulesServiceService;
    await this.#call(
      upsertAccessMonitoringRule,
      { rule: buildRule(rule) },
    );
  }

  /** Deletes a rule. */
  async deleteRule(name: string): Promise<void> {
    const { deleteAccessMonitoringRule } = AccessMonitoringRulesServiceService;
    await this.#call(
      deleteAccessMonitoringRule,
      { name },
    );
  }

  #call<Request, Response>(
    method: MethodDefinition<Request, Response>,
    request: Request,
  ): Promise<Response> {
    const { signal } = new AbortController();
    return this.#caller.unary(method, request, signal);
  }
}

/** Leaves a time that is not set out of the message, which the server reads as such. */
function toTimestamp(time: Date | undefined): Timestamp | undefined {
  if (time === undefined) return undefined;
  const seconds = Math.floor(time.getTime() / 1000);
  return {
    seconds: BigInt(seconds),
    nanos: (time.getTime() - seconds * 1000) * 1e6,
  };
}
