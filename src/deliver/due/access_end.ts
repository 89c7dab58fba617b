/**
 * The end of access that was granted: told to the requester before it comes, and shown once it is over.
 *
 * Source: docs/design/timed.md 4.
 *
 * @module
 */

import type { AccessRequest } from "../../ports/access_request.ts";
import {
  isPast,
  type PluginData,
  SHOWS_GONE,
} from "../../record/plugin_data.ts";
import type { NoticeTerms } from "./notice_terms.ts";

/** The requester is to be told that access ends soon. */
export interface EndNotice {
  readonly kind: "before-end";
  /** When it ends. */
  readonly end: Date;
}

/** Returns the notice of an end that comes soon, if the requester is to be told of it now. */
export function endNoticeFor(
  data: PluginData,
  terms: NoticeTerms,
): EndNotice | undefined {
  const { request, isGone, now } = terms;
  const told = endToTell(data, terms);
  if (told === undefined || isGone || request?.state !== "APPROVED") {
    return undefined;
  }
  const { end, atMs, beganMs } = told;
  if (now.getTime() < atMs || now >= end) return undefined;
  // Of access that never lasted longer nobody need be told that it is short.
  if (beganMs > atMs) return undefined;
  return { kind: "before-end", end };
}

/** Returns the data after a requester was told of an end, or is not to be told of it any more. */
export function withEndTold(data: PluginData, end: Date): PluginData {
  return isTold(data, end) ? data : { ...data, toldEnd: end };
}

/**
 * Returns the data after a change of facts that was just seen to happen: an approval that leaves less time
 * than the notice needs is news enough, so the end counts as told.
 */
export function withShortAccessTold(
  before: PluginData,
  after: PluginData,
  terms: NoticeTerms,
): PluginData {
  if (before.resolution === "APPROVED") return after;
  const told = endToTell(after, terms);
  return told !== undefined && told.atMs <= terms.now.getTime()
    ? withEndTold(after, told.end)
    : after;
}

/** Whether the end of access matters: it was granted, for a time of its own, and is followed. */
function isFollowed(
  data: PluginData,
  { notices, request }: NoticeTerms,
): boolean {
  // Long-term access is granted by an access list, which has an end of its own.
  return notices.beforeEndMs !== undefined && data.resolution === "APPROVED" &&
    (request?.kind ?? data.kind) !== "LONG_TERM";
}

/** Returns the end that is yet to be told, when it is to be told, and when access began as far as that is known. */
function endToTell(data: PluginData, terms: NoticeTerms):
  | { readonly end: Date; readonly atMs: number; readonly beganMs: number }
  | undefined {
  const { notices: { beforeEndMs }, request } = terms;
  const end = endOf(data, request);
  if (
    beforeEndMs === undefined || end === undefined ||
    !isFollowed(data, terms) || isTold(data, end) ||
    // What nobody was told of has no end that matters here.
    data.deliveries.size === 0
  ) return undefined;
  const times = [
    ...(request?.reviews ?? [])
      .filter(({ proposedState }) => proposedState === "APPROVED")
      .map(({ created }) => created),
    request?.accessStarts ?? data.accessStarts,
    request?.created ?? data.created,
  ].filter((time) => time !== undefined);
  return {
    end,
    atMs: end.getTime() - beforeEndMs,
    beganMs: Math.max(...times.map((time) => time.getTime())),
  };
}

/** Returns when access ends, in whole seconds, as what is stored has them. */
function endOf(
  data: PluginData,
  request: AccessRequest | undefined,
): Date | undefined {
  const end = request?.accessExpires ?? data.accessExpires;
  return end && new Date(Math.floor(end.getTime() / 1000) * 1000);
}

function isTold({ toldEnd }: PluginData, end: Date): boolean {
  return toldEnd?.getTime() === end.getTime();
}

/**
 * Whether access that was granted is known to be over: the request is gone, and not only because somebody
 * removed it earlier, which takes nothing back.
 */
export function hasEnded(data: PluginData, terms: NoticeTerms): boolean {
  return terms.isGone && isFollowed(data, terms) &&
    isPast(data.accessExpires, terms.now);
}

/** Returns the recipients whose message does not say yet that access is over, whether or not it is. */
export function untoldOfEnd(data: PluginData): string[] {
  return [...data.deliveries].flatMap(([recipient, delivery]) =>
    delivery.kind === "posted" && delivery.shows !== SHOWS_GONE &&
      !data.ended.has(recipient)
      ? [recipient]
      : []
  );
}

/** Whether the message of a recipient is yet to say that access is over, now or later. */
export function awaitsEnd(
  data: PluginData,
  recipient: string,
  terms: NoticeTerms,
): boolean {
  return isFollowed(data, terms) && data.accessExpires !== undefined &&
    untoldOfEnd(data).includes(recipient);
}

/** Returns the data after an edit that says that access is over. */
export function withEndShown(data: PluginData, recipient: string): PluginData {
  return data.ended.has(recipient)
    ? data
    : { ...data, ended: new Set(data.ended).add(recipient) };
}

/** So long after the end the Auth Service has removed the request, as far as it has not said so already. */
const REMOVED_MS = 2000;

/** Returns when the end of access is to be looked at, in milliseconds. */
export function endTimes(data: PluginData, terms: NoticeTerms): number[] {
  const end = endOf(data, terms.request);
  if (end === undefined || !isFollowed(data, terms)) return [];
  const told = endToTell(data, terms);
  const isShown = untoldOfEnd(data).length === 0;
  return [
    ...(told === undefined ? [] : [told.atMs]),
    ...(isShown ? [] : [end.getTime() + REMOVED_MS]),
  ];
}
