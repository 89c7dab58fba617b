/**
 * What the thread at an announcement needs next: to be made, one more message, another tag, or to be closed.
 * A post of a forum is a thread that is there from the beginning.
 *
 * Source: docs/design/threads.md 2; docs/design/forums.md 4.
 *
 * @module
 */

import type { ThreadText } from "../../message/thread_message.ts";
import type { AccessRequest } from "../../ports/access_request.ts";
import {
  isForumPost,
  type MessageRef,
  type PluginData,
  type ShownState,
  SHOWS_GONE,
  type Thread,
  withTag,
  withThread,
} from "../../record/plugin_data.ts";
import { encodeThread } from "../../record/plugin_data_codec.ts";
import { awaitsEnd } from "./access_end.ts";
import type { NoticeTerms } from "./notice_terms.ts";
import {
  isShown,
  parseVerdict,
  shownState,
  type ShownVerdict,
  TOLD_NOTHING,
  verdictOf,
} from "../../record/shown_facts.ts";

/** One thing to do for one thread: something to say in it, or a call that says nothing. */
export type ThreadNotice = ThreadMessage | ThreadCall;

interface ThreadWork {
  readonly kind: "thread";
  readonly recipient: string;
  /** The announcement. Its ID is the thread's as well. */
  readonly message: MessageRef;
  /** What is stored of the thread now, and once it is done. */
  readonly before: Thread;
  readonly after: Thread;
  /** The state that it is tagged by then, where that changes. */
  readonly tag?: ShownState | undefined;
}

/** What is said in a thread; of an outcome also the verdict, which tells it from an earlier one. */
export interface ThreadMessage extends ThreadWork {
  readonly text:
    | Exclude<ThreadText, { readonly kind: "outcome" }>
    | (ThreadText & { readonly kind: "outcome"; readonly verdict: string });
}

/** What is done beside that. */
export interface ThreadCall extends ThreadWork {
  readonly step:
    | { readonly kind: "create" | "close" }
    /** An end that was told was none. Nothing is said, as to the requester, but the next end is told again. */
    | { readonly kind: "take back" }
    /** The tags of a post are to tell the state. */
    | { readonly kind: "tag"; readonly state: ShownState };
}

type NextInThread =
  | Pick<ThreadMessage, "text" | "after">
  | Pick<ThreadCall, "step" | "after" | "tag">;

/** Of more reviews than this that were not said yet, only the counts are said. */
const MAX_UNSAID = 10;

/** A thread that was just made. */
export const NEW_THREAD: Thread = { kind: "open", said: TOLD_NOTHING };

/** Returns what the thread of a recipient needs next; `undefined` if it needs nothing, or there is none. */
export function threadNotice(
  data: PluginData,
  recipient: string,
  terms: NoticeTerms,
): ThreadNotice | undefined {
  const before = data.threads.get(recipient);
  const delivery = data.deliveries.get(recipient);
  if (before === undefined || delivery?.kind !== "posted") return undefined;
  const isInStep = delivery.shows === SHOWS_GONE ||
    (isShown(delivery.shows, data) && !awaitsEnd(data, recipient, terms));
  const isTagged = !isForumPost(delivery.message) ||
    data.tags.get(recipient) === shownState(data);
  const next = nextStep(data, before, terms.request, { isInStep, isTagged });
  const isLost = before.kind === "wanted" && delivery.shows === SHOWS_GONE;
  if (next === undefined || isLost) return undefined;
  const { message } = delivery;
  return { kind: "thread", recipient, message, before, ...next };
}

function nextStep(
  data: PluginData,
  thread: Thread,
  request: AccessRequest | undefined,
  { isInStep, isTagged }: {
    readonly isInStep: boolean;
    readonly isTagged: boolean;
  },
): NextInThread | undefined {
  switch (thread.kind) {
    case "none":
      return undefined;
    case "wanted":
      return { step: { kind: "create" }, after: NEW_THREAD };
    case "open":
    case "closed": {
      const verdict = verdictOf(data);
      const now = parseVerdict(verdict);
      const said = parseVerdict(thread.said);
      if (now.reviews > said.reviews) {
        return nextReview(now.reviews, said, request);
      }
      if (now.state === "PENDING" && said.state !== "PENDING") {
        return {
          step: { kind: "take back" },
          after: { kind: "open", said: `PENDING-${said.reviews}` },
        };
      }
      if (now.state !== "PENDING" && isNewOutcome(said, now)) {
        const { state } = now;
        return {
          text: { kind: "outcome", state, verdict },
          after: { kind: "open", said: verdict },
        };
      }
      if (!isTagged && thread.kind === "open") {
        const { state } = now;
        return { step: { kind: "tag", state }, after: thread, tag: state };
      }
      const isOver = now.state !== "PENDING" && isInStep;
      if (!isOver || thread.kind === "closed") return undefined;
      return {
        step: { kind: "close" },
        after: { kind: "closed", said: thread.said },
      };
    }
  }
}

/** A later start of approved access is news, as it is for the requester. */
function isNewOutcome(said: ShownVerdict, now: ShownVerdict): boolean {
  return said.state !== now.state ||
    (now.state === "APPROVED" && said.start !== now.start);
}

function nextReview(
  reviews: number,
  said: ShownVerdict,
  request: AccessRequest | undefined,
): NextInThread {
  const isReadable = request !== undefined && request.reviews.length >= reviews;
  const tellsEach = isReadable && reviews - said.reviews <= MAX_UNSAID;
  const number = tellsEach ? said.reviews + 1 : reviews;
  const start = said.start === "" ? "" : `@${said.start}`;
  return {
    text: { kind: tellsEach ? "review" : "reviews", number },
    after: { kind: "open", said: `${said.state}-${number}${start}` },
  };
}

/** Returns the data once a step is done, unless another process has stored something else meanwhile. */
export function withStepDone(
  data: PluginData,
  { recipient, before, after, tag }: ThreadNotice,
): PluginData {
  if (!isSameThread(data.threads.get(recipient), before)) return data;
  const next = isSameThread(before, after)
    ? data
    : withThread(data, recipient, after);
  return tag === undefined ? next : withTag(next, recipient, tag);
}

/** Returns the data where a thread that was closed is taken out of the archive for an edit: it is closed again. */
export function withReopened(data: PluginData, recipient: string): PluginData {
  const thread = data.threads.get(recipient);
  return thread?.kind === "closed"
    ? withThread(data, recipient, { kind: "open", said: thread.said })
    : data;
}

/** Returns the ID of the thread at the announcement of a recipient, if there is one. */
export function threadAt(
  data: PluginData,
  recipient: string,
): string | undefined {
  const thread = data.threads.get(recipient);
  const delivery = data.deliveries.get(recipient);
  return delivery?.kind === "posted" && thread !== undefined && "said" in thread
    ? delivery.message.messageId
    : undefined;
}

/** Whether a thread is made at the message of a recipient, or was; a post of a forum is one from the beginning. */
export function getsThread(data: PluginData, recipient: string): boolean {
  const delivery = data.deliveries.get(recipient);
  const kind = data.threads.get(recipient)?.kind ?? "none";
  return delivery?.kind === "posted" && kind !== "none" &&
    !isForumPost(delivery.message);
}

/** Whether two threads are stored alike. */
function isSameThread(a: Thread | undefined, b: Thread): boolean {
  return a !== undefined && encodeThread(a) === encodeThread(b);
}
