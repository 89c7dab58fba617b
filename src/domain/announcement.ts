/**
 * The value that a Discord message is rendered from.
 *
 * @module
 */

import type {
  AccessReview,
  RequestKind,
  ResourceConstraints,
} from "../ports/access_request.ts";
import type { ReviewCounts, ShownState } from "../record/plugin_data.ts";

/**
 * Everything that a message shows of one request.
 *
 * It is built from the request, or from plugin data alone when the request is gone. Then `reviews`
 * is `undefined`, and an edit leaves the embeds as they are.
 */
export interface Announcement {
  readonly requestId: string;
  readonly cluster: string;
  readonly user: string;
  readonly roles: readonly string[];
  /** Logins that each role allows; `undefined` if they could not be read. */
  readonly loginsByRole: ReadonlyMap<string, readonly string[]> | undefined;
  /** Display names such as `node/web-1` or `/cluster/kind/name`. */
  readonly resources: readonly string[];
  /** What the access to a resource is narrowed to, by its place in `resources`. */
  readonly constraints: ReadonlyMap<number, ResourceConstraints>;
  /** Whether something that the request asks for cannot be shown: then nobody approves it here. */
  readonly hasHiddenParts: boolean;
  readonly kind: RequestKind;
  readonly reason: string;
  readonly state: ShownState;
  readonly resolveReason: string;
  /** Oldest first; `undefined` if only plugin data is left. */
  readonly reviews: readonly AccessReview[] | undefined;
  /** `undefined` in plugin data that the official plugin wrote; then only `reviewsCount` is known. */
  readonly reviewCounts: ReviewCounts | undefined;
  readonly reviewsCount: number;
  readonly created: Date | undefined;
  readonly requestExpires: Date | undefined;
  /** When the granted access begins; `undefined` if that is as soon as it is granted. */
  readonly accessStarts: Date | undefined;
  readonly accessExpires: Date | undefined;
  /** Title of the access list of a PROMOTED request. */
  readonly promotedTo: string | undefined;
  /** Page of the request in the web UI; `undefined` where reviews go through `tsh`. */
  readonly webLink: string | undefined;
  /** Whether the message has buttons that review. */
  readonly canReview: boolean;
  /** Discord user ID of the requester, if it is known. */
  readonly userId: string | undefined;
  /** Whom the message mentions: `role:` or `user:` and an ID. */
  readonly mentions: readonly string[];
  /** Discord user IDs of those authors of reviews whose is known. */
  readonly reviewerIds: ReadonlyMap<string, string>;
}
