/**
 * The value that a Discord message is rendered from, and how it is built from what is stored.
 *
 * @module
 */

import type {
  AccessRequest,
  AccessReview,
  RequestKind,
} from "../ports/access_request.ts";
import type { HiddenFields } from "../record/hidden_fields.ts";
import {
  NOT_KNOWN,
  type PluginData,
  type ShownFacts,
  type ShownState,
} from "../record/plugin_data.ts";
import { shownState } from "../record/shown_facts.ts";
import type { Catalogue } from "./catalogue/catalogue.ts";
import { isReviewable } from "./review_button.ts";

/**
 * Everything that a message shows of one request.
 *
 * It is built from the request, or from plugin data alone when the request is gone. Then `reviews`
 * is `undefined`, and an edit leaves the embeds as they are.
 */
export interface Announcement extends ShownFacts {
  /** What it is said in. */
  readonly texts: Catalogue;
  /** What of it is not shown. */
  readonly hidden: HiddenFields;
  readonly requestId: string;
  readonly cluster: string;
  /** Whether something that the request asks for cannot be shown: then nobody approves it here. */
  readonly hasHiddenParts: boolean;
  readonly kind: RequestKind;
  readonly state: ShownState;
  /** Oldest first; `undefined` if only plugin data is left. */
  readonly reviews: readonly AccessReview[] | undefined;
  readonly created: Date | undefined;
  readonly requestExpires: Date | undefined;
  readonly accessExpires: Date | undefined;
  /** Whether access that was granted is over. */
  readonly accessEnded: boolean;
  /** Title of the access list of a PROMOTED request. */
  readonly promotedTo: string | undefined;
  /** Page of the request in the web UI; `undefined` where reviews go through `tsh`. */
  readonly webLink: string | undefined;
  /** Whether people may review; else whoever may update requests decides, by `tctl`. */
  readonly takesReviews: boolean;
  /** Whether the message has buttons that review. */
  readonly canReview: boolean;
  /** Discord user ID of the requester, if it is known. */
  readonly userId: string | undefined;
  /** Whom the message mentions: `role:` or `user:` and an ID. */
  readonly mentions: readonly string[];
  /** Discord user IDs of those authors of reviews whose is known. */
  readonly reviewerIds: ReadonlyMap<string, string>;
}

/** Whether something that a request asks for cannot be shown. */
function hidesParts({ constraints, unknownFields }: PluginData): boolean {
  return unknownFields.length > 0 ||
    [...constraints.values()].some(({ kind }) => kind === "unknown");
}

/** What does not depend on the request. */
export interface ClusterFacts {
  /** Returns what a recipient is told in. */
  readonly textsFor: (recipient: string) => Catalogue;
  /** Returns what a recipient is not shown. */
  readonly hiddenFor: (recipient: string) => HiddenFields;
  readonly cluster: string;
  /** Returns the page of a request in the web UI, if the cluster has one. */
  readonly webLink: (requestId: string) => string | undefined;
  /** Whether people may review in Teleport; they may if not given. */
  readonly takesReviews?: boolean;
  /** Whether clicks on buttons review; not if not given. */
  readonly canReview?: boolean;
  /** Returns the Discord user ID of a Teleport user, as far as it is known by now. */
  readonly userId: (user: string) => string | undefined;
}

/** Returns what the messages of a request show to one recipient. */
export function announcementOf(
  requestId: string,
  recipient: string,
  data: PluginData,
  request: AccessRequest | undefined,
  facts: ClusterFacts,
): Announcement {
  // An older request than the stored facts knows too few reviews; then the embeds stay as they are.
  const current = request !== undefined &&
    request.reviews.length >= data.reviewsCount;
  return {
    texts: facts.textsFor(recipient),
    hidden: facts.hiddenFor(recipient),
    requestId,
    cluster: facts.cluster,
    user: data.user,
    roles: data.roles,
    loginsByRole: data.loginsByRole,
    resources: data.resources,
    constraints: data.constraints,
    hasHiddenParts: hidesParts(data),
    kind: request?.kind ?? data.kind,
    reason: data.reason,
    state: shownState(data),
    resolveReason: data.resolveReason,
    reviews: current ? request.reviews : undefined,
    reviewCounts: data.reviewCounts,
    reviewsCount: data.reviewsCount,
    created: data.created ?? request?.created,
    requestExpires: data.requestExpires ?? request?.requestExpires,
    accessStarts: data.accessStarts,
    accessExpires: data.accessExpires ?? request?.accessExpires,
    accessEnded: shownState(data) === "APPROVED" && data.ended.has(recipient),
    promotedTo: request?.promotedTo,
    webLink: facts.webLink(requestId),
    takesReviews: facts.takesReviews ?? true,
    // Of a request that is not at hand nobody knows for certain whether it can be reviewed.
    canReview: facts.canReview === true && request !== undefined &&
      isReviewable(request) && shownState(data) === "PENDING",
    userId: data.userId === NOT_KNOWN ? undefined : data.userId,
    mentions: data.mentionsAt.get(recipient) ??
      data.mentions.filter((mention) => mention !== NOT_KNOWN),
    reviewerIds: new Map(
      (current ? request.reviews : []).flatMap(({ author }) => {
        const id = facts.userId(author);
        return id === undefined ? [] : [[author, id]];
      }),
    ),
  };
}
