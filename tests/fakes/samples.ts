/**
 * Values that the tests of this folder vary: everything optional is left out.
 *
 * @module
 */

import type { Announcement } from "../../src/message/announcement.ts";
import { EN } from "../../src/message/catalogue/en.ts";
import type { NoticeSettings } from "../../src/people/people_config.ts";
import type {
  AccessRequest,
  AccessReview,
} from "../../src/ports/access_request.ts";
import type { MonitoringRule } from "../../src/ports/monitoring_rule.ts";
import type {
  Delivery,
  PluginData,
  ShownState,
} from "../../src/record/plugin_data.ts";
import type { Entries } from "../../src/record/plugin_data_codec.ts";

export const REQUEST_ID = "01a20507-189a-7118-9fd8-327dc17e8f0a";
export const CREATED = new Date("2026-11-22T20:51:20Z");

export const SHOWN_STATES: readonly ShownState[] = [
  "PENDING",
  "APPROVED",
  "DENIED",
  "PROMOTED",
  "EXPIRED",
];

/** Returns a time some hours after {@linkcode CREATED}. */
export function hoursLater(hours: number): Date {
  return new Date(CREATED.getTime() + hours * 3_600_000);
}

/** Nobody is told anything beside announcements. */
export const NO_NOTICES: NoticeSettings = {
  requester: false,
  reviewers: "off",
  remindAfterMs: [],
  beforeEndMs: undefined,
  escalations: [],
  threads: false,
};

/** Returns what the message of a pending request shows. */
export function announce(fields: Partial<Announcement> = {}): Announcement {
  return {
    texts: EN,
    hidden: [],
    requestId: REQUEST_ID,
    cluster: "example.com",
    user: "alice",
    roles: ["dev"],
    loginsByRole: undefined,
    resources: [],
    constraints: new Map(),
    hasHiddenParts: false,
    kind: "UNDEFINED",
    reason: "",
    state: "PENDING",
    resolveReason: "",
    reviews: [],
    reviewCounts: { approvals: 0, denials: 0, promotions: 0 },
    reviewsCount: 0,
    created: undefined,
    requestExpires: undefined,
    accessStarts: undefined,
    accessExpires: undefined,
    accessEnded: false,
    promotedTo: undefined,
    webLink: undefined,
    takesReviews: true,
    canReview: false,
    userId: undefined,
    mentions: [],
    reviewerIds: new Map(),
    ...fields,
  };
}

/** Returns an approval. */
export function review(fields: Partial<AccessReview> = {}): AccessReview {
  return {
    author: "rita",
    proposedState: "APPROVED",
    reason: "",
    created: new Date("2026-11-02T08:05:09Z"),
    proposedStart: undefined,
    ...fields,
  };
}

/** Returns a pending request. */
export function accessRequest(
  fields: Partial<AccessRequest> = {},
): AccessRequest {
  return {
    id: REQUEST_ID,
    user: "alice",
    roles: ["dev"],
    state: "PENDING",
    kind: "UNDEFINED",
    created: CREATED,
    requestExpires: hoursLater(1),
    accessStarts: undefined,
    accessExpires: hoursLater(8),
    maxDuration: undefined,
    reason: "",
    resolveReason: "",
    reviews: [],
    suggestedReviewers: [],
    resources: [],
    systemAnnotations: {},
    promotedTo: undefined,
    unknownFields: [],
    ...fields,
  };
}

/** Returns what this plugin stores about a pending request that it has not announced anywhere. */
export function pluginData(fields: Partial<PluginData> = {}): PluginData {
  return {
    user: "alice",
    roles: ["dev"],
    reason: "",
    resources: [],
    constraints: new Map(),
    unknownFields: [],
    reviewsCount: 0,
    resolution: "",
    resolveReason: "",
    annotations: new Map(),
    loginsByRole: new Map([["dev", ["root"]]]),
    own: true,
    leaseHolder: "self",
    renewed: undefined,
    kind: "UNDEFINED",
    created: CREATED,
    requestExpires: hoursLater(1),
    accessStarts: undefined,
    accessExpires: hoursLater(8),
    reviewCounts: { approvals: 0, denials: 0, promotions: 0 },
    inferred: false,
    deliveries: new Map(),
    userId: undefined,
    mentions: [],
    told: undefined,
    reminded: new Map(),
    reminders: new Map(),
    escalated: undefined,
    called: new Map(),
    mentionsAt: new Map(),
    toldEnd: undefined,
    ended: new Set(),
    threads: new Map(),
    tags: new Map(),
    ...fields,
  };
}

/** Returns what the official plugin stores about a pending request without messages. */
export function officialData(fields: Partial<PluginData> = {}): PluginData {
  return pluginData({
    own: false,
    leaseHolder: "",
    created: undefined,
    requestExpires: undefined,
    accessExpires: undefined,
    reviewCounts: undefined,
    ...fields,
  });
}

/** Returns a delivery whose message shows what is given. */
export function posted(
  channelId: string,
  shows: string,
): Delivery & { readonly kind: "posted" } {
  const message = { channelId, messageId: `${channelId}00` };
  return { kind: "posted", message, generation: 1, shows, hides: [] };
}

/** Returns entries as they are stored: a key without a value is absent. */
export function storedEntries(entries: Entries): Entries {
  return Object.fromEntries(
    Object.entries(entries).filter(([, value]) => value !== ""),
  );
}

/** A rule that tells this plugin of every request. */
export function monitoringRule(
  fields: Partial<MonitoringRule> = {},
): MonitoringRule {
  return {
    name: "rule",
    subjects: ["access_request"],
    condition: "true",
    plugin: "discord",
    recipients: ["800000000000000002"],
    schedules: new Map(),
    unreadable: undefined,
    ...fields,
  };
}
