/**
 * The end of access that was granted: told to the requester before it comes, and shown once it is over.
 *
 * Source: docs/design/timed.md 4.
 *
 * @module
 */

import type { NoticeSettings } from "../../people/people_config.ts";
import type { AccessRequest } from "../../ports/access_request.ts";
import { type PluginData, SHOWS_GONE } from "../../record/plugin_data.ts";
import type { NoticeTerms } from "./notice_terms.ts";

/** The requester is to be told that access ends soon. */
export interface EndNotice {
  readonly kind: "before end";
  /** When it ends. */
  readonly end: Date;
}

/** Returns the notice of an end that comes soon, if the requester is to be told of it now. */
export function endNoticeFor(
  data: PluginData,
  { notices, request, isGone, now }: NoticeTerms,
): EndNotice | undefined {
  const end = endToTell(data, notices, request);
  if (
    end === undefined || isGone || request?.state !== "APPROVED" ||
    isLongTerm(data, request)
  ) return undefined;
  const { atMs } = end;
  if (now.getTime() < atMs || now >= end.end) return undefined;
  // Of access that never lasted longer nobody need be told that it is short.
  const { beganMs } = end;
  if (beganMs !== undefined && beganMs > atMs) return undefined;
  return { kind: "before end", end: end.end };
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
  { notices, request, now }: NoticeTerms,
): PluginData {
  if (before.resolution === "APPROVED") return after;
  const end = endToTell(after, notices, request);
  return end !== undefined && end.atMs <= now.getTime()
    ? withEndTold(after, end.end)
    : after;
}

/** Returns the end that is yet to be told, when it is to be told, and when access began as far as that is known. */
function endToTell(
  data: PluginData,
  { beforeEndMs }: NoticeSettings,
  request: AccessRequest | undefined,
):
  | {
    readonly end: Date;
    readonly atMs: number;
    readonly beganMs: number | undefined;
  }
  | undefined {
  const end = endOf(data, request);
  if (
    beforeEndMs === undefined || data.resolution !== "APPROVED" ||
    // What nobody was told of has no end that matters here.
    data.deliveries.size === 0 ||
    end === undefined || isTold(data, end) || isLongTerm(data, request)
  ) return undefined;
  const starts = request?.accessStarts ?? data.accessStarts;
  const created = request?.created ?? data.created;
  const approvals = (request?.reviews ?? [])
    .filter(({ proposedState }) => proposedState === "APPROVED")
    .map(({ created }) => created.getTime());
  const times = [
    ...approvals,
    ...(starts === undefined ? [] : [starts.getTime()]),
    ...(created === undefined ? [] : [created.getTime()]),
  ];
  return {
    end,
    atMs: end.getTime() - beforeEndMs,
    beganMs: times.length === 0 ? undefined : Math.max(...times),
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

/** Long-term access is granted by an access list, which has an end of its own. */
function isLongTerm(
  data: PluginData,
  request: AccessRequest | undefined,
): boolean {
  return (request?.kind ?? data.kind) === "LONG_TERM";
}

/**
 * Whether access that was granted is known to be over: the request is gone, and not only because somebody
 * removed it earlier, which takes nothing back.
 */
export function hasEnded(
  data: PluginData,
  { notices, request, isGone, now }: NoticeTerms,
): boolean {
  const { accessExpires, resolution } = data;
  return notices.beforeEndMs !== undefined && isGone &&
    resolution === "APPROVED" && !isLongTerm(data, request) &&
    accessExpires !== undefined && accessExpires <= now;
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
  { notices, request }: NoticeTerms,
): boolean {
  return notices.beforeEndMs !== undefined && data.resolution === "APPROVED" &&
    !isLongTerm(data, request) && data.accessExpires !== undefined &&
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

/** Returns when the end of access is to be looked at next, in milliseconds; `undefined` for never. */
export function nextEndMs(
  data: PluginData,
  { notices, request, now }: NoticeTerms,
): number | undefined {
  const nowMs = now.getTime();
  const end = endOf(data, request);
  if (
    notices.beforeEndMs === undefined || end === undefined ||
    data.resolution !== "APPROVED" || isLongTerm(data, request)
  ) return undefined;
  const toTell = endToTell(data, notices, request)?.atMs;
  const over = untoldOfEnd(data).length === 0
    ? undefined
    : end.getTime() + REMOVED_MS;
  const times = [toTell, over]
    .filter((ms) => ms !== undefined)
    .filter((ms) => ms > nowMs);
  return times.length === 0 ? undefined : Math.min(...times);
}
