/**
 * What a cluster stores about access requests, and the rules by which it changes.
 *
 * Source: docs/design/teleport-api.md 4 to 6; docs/design/plugin-data.md 1;
 * docs/design/teleport-behaviour.md 5; each rule was seen on Teleport 18.0.0.
 *
 * @module
 */

import { status } from "@grpc/grpc-js";
import { Event, Operation } from "../../src/teleport/gen/auth_service.ts";
import type { Timestamp } from "../../src/teleport/gen/google/protobuf/timestamp.ts";
import {
  AccessRequestKind,
  AccessRequestV3,
  AccessReview,
  RequestState,
} from "../../src/teleport/gen/types/access_request.ts";
import {
  type PluginDataUpdateParams,
  PluginDataV3,
} from "../../src/teleport/gen/types/plugin_data.ts";

const HOUR_MS = 3_600_000;
const MAX_REASON_BYTES = 4096;
const MAX_PLUGIN_DATA_BYTES = 1_000_000;

/** Names of the states that a request can be in. */
export type StateName = Exclude<keyof typeof RequestState, "NONE">;

/** A request that somebody makes; what is left out is as `tsh request create` leaves it. */
export interface NewRequest {
  readonly id?: string;
  readonly user?: string;
  readonly roles?: readonly string[];
  readonly reason?: string;
  readonly state?: StateName;
  readonly kind?: keyof typeof AccessRequestKind;
  readonly suggestedReviewers?: readonly string[];
  readonly annotations?: Readonly<Record<string, readonly string[]>>;
  readonly resources?: readonly {
    readonly cluster?: string;
    readonly kind: string;
    readonly name: string;
    readonly subResource?: string;
    /** Only servers after 18.0 know them; with any, all resources are sent in their newer form. */
    readonly sshLogins?: readonly string[];
  }[];
  readonly created?: Date;
  readonly requestExpires?: Date;
  readonly accessStarts?: Date;
  readonly accessExpires?: Date;
  readonly maxDuration?: Date;
  /** How many approvals it takes; 1 if not given. One denial denies. */
  readonly approvalsNeeded?: number;
}

/** A call that the cluster refuses: gRPC status code and message. */
export class RefusedError extends Error {
  override readonly name = "RefusedError";
  readonly code: number;

  constructor(code: number, message: string) {
    super(message);
    this.code = code;
  }
}

interface StoredRequest {
  message: AccessRequestV3;
  readonly approvalsNeeded: number;
}

/** The stored objects of one cluster, in memory. */
export class ClusterState {
  readonly clusterName: string;
  readonly #requests = new Map<string, StoredRequest>();
  readonly #pluginData = new Map<string, PluginDataV3>();
  readonly #onEvent: (event: Event) => void;

  constructor(clusterName: string, onEvent: (event: Event) => void) {
    this.clusterName = clusterName;
    this.#onEvent = onEvent;
  }

  /** Returns all requests, in the order of their creation. */
  requests(): AccessRequestV3[] {
    return [...this.#requests.values()].map(({ message }) => message);
  }

  /** Returns one request. */
  request(id: string): AccessRequestV3 | undefined {
    return this.#requests.get(id)?.message;
  }

  /** Stores a new request and returns its ID. */
  createRequest(request: NewRequest = {}): string {
    const message = this.#build(request);
    const id = message.metadata?.name ?? "";
    const { approvalsNeeded = 1 } = request;
    this.#requests.set(id, { message, approvalsNeeded });
    this.#put(message);
    return id;
  }

  /** Stores a review; it resolves the request if enough agree. */
  review(
    id: string,
    author: string,
    state: StateName,
    reason = "",
    { submittedBy = "", start }: {
      readonly submittedBy?: string;
      /** When the reviewer wants the access to begin. */
      readonly start?: Date | undefined;
    } = {},
  ): AccessRequestV3 {
    const stored = this.#find(id);
    const { spec } = stored.message;
    if (spec === undefined) throw notFound(id);
    checkReason(reason);
    if (state === "PENDING") {
      throw new RefusedError(
        status.INVALID_ARGUMENT,
        `invalid state proposal: PENDING`,
      );
    }
    if (spec.reviews.some((review) => review.author === author)) {
      throw new RefusedError(
        status.ALREADY_EXISTS,
        `user "${author}" has already reviewed this request`,
      );
    }
    if (spec.state !== RequestState.PENDING) {
      const past = stateName(spec.state).toLowerCase();
      throw new RefusedError(
        status.PERMISSION_DENIED,
        `the access request has been already ${past}`,
      );
    }
    const proposedState = RequestState[state];
    const review = AccessReview.create({
      author,
      proposedState,
      reason,
      created: toTimestamp(new Date()),
      submittedBy,
      assumeStartTime: start && toTimestamp(start),
    });
    checkStart(start, spec.expires);
    const reviews = [...spec.reviews, review];
    const needed = state === "APPROVED" ? stored.approvalsNeeded : 1;
    const agreed =
      reviews.filter((other) => other.proposedState === proposedState).length;
    return this.#change(stored, {
      reviews,
      // It moves at once, whatever the review proposes and whether or not it decides.
      ...start !== undefined && { assumeStartTime: toTimestamp(start) },
      ...agreed < needed ? {} : {
        state: proposedState,
        resolveReason: reason,
        // Empty, but there, on every request that reviews resolve.
        accessList: { name: "", title: "" },
      },
    });
  }

  /** Sets the state, as `tctl requests approve` and `deny` do. */
  setState(
    id: string,
    state: StateName,
    reason = "",
    start?: Date,
  ): AccessRequestV3 {
    const stored = this.#requests.get(id);
    if (stored === undefined) {
      throw new RefusedError(
        status.NOT_FOUND,
        `cannot set state of access request "${id}" (not found)`,
      );
    }
    checkReason(reason);
    if (state === "PROMOTED") {
      throw new RefusedError(
        status.INVALID_ARGUMENT,
        "state promoted can be only set when promoting to access list",
      );
    }
    if (state === "PENDING" && reason !== "") {
      throw new RefusedError(
        status.INVALID_ARGUMENT,
        "pending requests cannot include resolve reason",
      );
    }
    const current = stateName(stored.message.spec?.state);
    // An approved request can even become pending again.
    if (current === "DENIED" || current === "PROMOTED") {
      throw new RefusedError(
        status.INVALID_ARGUMENT,
        `cannot set request-state "${state}" (already ${current.toLowerCase()})`,
      );
    }
    checkStart(start, stored.message.spec?.expires);
    return this.#change(stored, {
      state: RequestState[state],
      resolveReason: reason,
      ...start !== undefined && { assumeStartTime: toTimestamp(start) },
    });
  }

  /** Turns the request into membership of an access list, as only Enterprise can. */
  promote(id: string, author: string, title: string): AccessRequestV3 {
    const stored = this.#find(id);
    const review = AccessReview.create({
      author,
      proposedState: RequestState.PROMOTED,
      created: toTimestamp(new Date()),
    });
    return this.#change(stored, {
      state: RequestState.PROMOTED,
      reviews: [...stored.message.spec?.reviews ?? [], review],
      accessList: { name: crypto.randomUUID(), title },
    });
  }

  /** Writes the request again without a change, as the server does at times. */
  touch(id: string): void {
    this.#change(this.#find(id), {});
  }

  /** Removes the request; expiry looks the same to everybody who watches. */
  delete(id: string): void {
    if (!this.#requests.delete(id)) throw notFound(id);
    this.#onEvent(Event.create({
      type: Operation.DELETE,
      resourceHeader: {
        kind: "access_request",
        version: "v3",
        metadata: { name: id, namespace: "default" },
      },
    }));
  }

  /** Returns the plugin data of one request, or of all, that have an entry of `plugin`. */
  pluginData(kind: string, resource: string, plugin: string): PluginDataV3[] {
    checkDataKind(kind);
    const one = this.#pluginData.get(resource);
    const found = resource === "" ? [...this.#pluginData.values()] : [one];
    return found.filter((data) => data !== undefined).filter((data) =>
      plugin === "" || data.spec?.entries.has(plugin)
    );
  }

  /** Writes plugin data by compare-and-swap. */
  updatePluginData(update: PluginDataUpdateParams): void {
    checkDataKind(update.kind);
    const old = this.#pluginData.get(update.resource);
    const expires = old?.metadata?.expires ?? this.#dataExpiry(update.resource);
    const entries = new Map(old?.spec?.entries);
    const data = new Map(entries.get(update.plugin)?.data);
    for (const [key, value] of update.expect) {
      if ((data.get(key) ?? "") === value) continue;
      throw new RefusedError(
        status.FAILED_PRECONDITION,
        `expectations not met for field "${key}"`,
      );
    }
    for (const [key, value] of update.set) {
      if (value === "") data.delete(key);
      else data.set(key, value);
    }
    if (data.size === 0) entries.delete(update.plugin);
    else entries.set(update.plugin, { data });
    const size = [...entries.values()].reduce(
      (sum, entry) => sum + JSON.stringify([...entry.data]).length,
      0,
    );
    if (size > MAX_PLUGIN_DATA_BYTES) {
      throw new RefusedError(
        status.INVALID_ARGUMENT,
        "plugin data size limit exceeded",
      );
    }
    this.#pluginData.set(
      update.resource,
      PluginDataV3.create({
        kind: "plugin_data",
        subKind: update.kind,
        version: "v3",
        metadata: { name: update.resource, namespace: "default", expires },
        spec: { entries },
      }),
    );
  }

  /** Drops the plugin data of a request, as its expiry does. */
  dropPluginData(id: string): void {
    this.#pluginData.delete(id);
  }

  /** Returns when data first written now would expire: access expiry + 1 h. */
  #dataExpiry(id: string): Timestamp | undefined {
    const expires = this.#find(id).message.spec?.expires;
    if (expires === undefined) return undefined;
    return { ...expires, seconds: expires.seconds + 3600n };
  }

  #find(id: string): StoredRequest {
    const stored = this.#requests.get(id);
    if (stored === undefined) throw notFound(id);
    return stored;
  }

  #change(
    stored: StoredRequest,
    changes: Partial<AccessRequestV3["spec"]>,
  ): AccessRequestV3 {
    const { message } = stored;
    if (message.spec === undefined) return message;
    stored.message = { ...message, spec: { ...message.spec, ...changes } };
    this.#put(stored.message);
    return stored.message;
  }

  #put(message: AccessRequestV3): void {
    this.#onEvent(
      Event.create({ type: Operation.PUT, accessRequest: message }),
    );
  }

  #build(request: NewRequest): AccessRequestV3 {
    const created = request.created ?? new Date();
    const accessExpires = request.accessExpires ??
      new Date(created.getTime() + 12 * HOUR_MS);
    const resources = (request.resources ?? []).map((resource) => ({
      id: {
        clusterName: resource.cluster ?? this.clusterName,
        kind: resource.kind,
        name: resource.name,
        subResourceName: resource.subResource ?? "",
      },
      constraints: resource.sshLogins &&
        { version: "v1", ssh: { logins: [...resource.sshLogins] } },
    }));
    return AccessRequestV3.create({
      kind: "access_request",
      version: "v3",
      metadata: {
        name: request.id ?? crypto.randomUUID(),
        namespace: "default",
      },
      spec: {
        user: request.user ?? "alice",
        roles: [...request.roles ?? ["dev"]],
        state: RequestState[request.state ?? "PENDING"],
        created: toTimestamp(created),
        expires: toTimestamp(accessExpires),
        assumeStartTime: request.accessStarts &&
          toTimestamp(request.accessStarts),
        maxDuration: toTimestamp(request.maxDuration ?? accessExpires),
        resourceExpiry: toTimestamp(request.requestExpires ?? accessExpires),
        requestReason: request.reason ?? "",
        suggestedReviewers: [...request.suggestedReviewers ?? []],
        requestKind: AccessRequestKind[request.kind ?? "UNDEFINED"],
        systemAnnotations: {
          values: new Map(
            Object.entries(request.annotations ?? {})
              .map(([key, values]) => [key, { values: [...values] }]),
          ),
        },
        requestedResourceIds: resources.map(({ id }) => id),
        requestedResourceAccessIds: resources.some(({ constraints }) =>
            constraints !== undefined
          )
          ? resources
          : [],
      },
    });
  }
}

/** Converts a time to its wire form. */
export function toTimestamp(time: Date): Timestamp {
  const seconds = Math.floor(time.getTime() / 1000);
  const nanos = (time.getTime() - seconds * 1000) * 1e6;
  return { seconds: BigInt(seconds), nanos };
}

/** Returns the name of a state's number. */
export function stateName(state: number | undefined): StateName | "NONE" {
  for (const [name, number] of Object.entries(RequestState)) {
    if (number === state) return name as StateName;
  }
  return "NONE";
}

function notFound(id: string): RefusedError {
  return new RefusedError(
    status.NOT_FOUND,
    `no access request matching "${id}"`,
  );
}

function checkReason(reason: string): void {
  if (new TextEncoder().encode(reason).length <= MAX_REASON_BYTES) return;
  throw new RefusedError(
    status.INVALID_ARGUMENT,
    "access request resolve reason is too long, max 4096 bytes",
  );
}

/** Refuses a start after the end of access, as 18.0.0 does at creation, reviews and changes of state. */
function checkStart(
  start: Date | undefined,
  expires: Timestamp | undefined,
): void {
  if (start === undefined || expires === undefined) return;
  const endMs = Number(expires.seconds) * 1000;
  if (start.getTime() < endMs) return;
  throw new RefusedError(
    status.INVALID_ARGUMENT,
    `assume start time must be prior to access expiry time at ${
      new Date(endMs).toISOString().replace(".000Z", "Z")
    }`,
  );
}

function checkDataKind(kind: string): void {
  if (kind === "access_request" || kind === "access_list") return;
  throw new RefusedError(status.INVALID_ARGUMENT, "unsupported resource kind");
}
