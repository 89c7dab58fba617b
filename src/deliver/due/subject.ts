/**
 * What of a request is brought in step by itself: the announcement at a recipient, or the notices of one kind.
 *
 * @module
 */

/** What a post is for: part of its nonce, and the label of a metric. */
export type Purpose =
  | "announce"
  | "remind"
  | "tell-requester"
  | "escalate"
  | "before-end"
  | "thread";

/** What there is to know of each purpose. */
const PURPOSE: Readonly<Record<Purpose, PurposeFacts>> = {
  announce: { name: "", posted: "message posted" },
  remind: { name: "reminder", posted: "reminder posted", isTimed: true },
  "tell-requester": { name: "requester", posted: "requester told" },
  escalate: { name: "escalation", posted: "escalation posted", isTimed: true },
  "before-end": {
    name: "end of access",
    posted: "requester told before the end of access",
    isTimed: true,
  },
  thread: { name: "thread", posted: "message posted in thread" },
};

interface PurposeFacts {
  /** What logs call it, in front of its recipient. */
  readonly name: string;
  /** What is logged of a post that was made. */
  readonly posted: string;
  /** Whether it falls due because time passes; not if not given. */
  readonly isTimed?: boolean;
}

/** Every purpose. */
export const PURPOSES: readonly Purpose[] = Object.keys(PURPOSE) as Purpose[];

/** The announcement at a recipient. */
export interface AnnouncementSubject {
  readonly kind: "announce";
  readonly recipient: string;
}

/** Notices that go to one place one after the other. */
export type NoticeSubject =
  /** Beside the announcement at a recipient, or in its thread. */
  | {
    readonly kind: "remind" | "escalate" | "thread";
    readonly recipient: string;
  }
  /** To the requester. */
  | { readonly kind: "tell-requester" | "before-end" };

export type Subject = AnnouncementSubject | NoticeSubject;

/** Returns the announcement at a recipient as a subject. */
export function announcementAt(recipient: string): AnnouncementSubject {
  return { kind: "announce", recipient };
}

/** Returns what logs call it, which no other subject of the same request has. */
export function nameOf(subject: Subject): string {
  const { name } = PURPOSE[subject.kind];
  return "recipient" in subject ? `${name} ${subject.recipient}`.trim() : name;
}

/** Returns what is logged of a post that was made. */
export function postedMessage(purpose: Purpose): string {
  return PURPOSE[purpose].posted;
}

/** Whether it falls due because time passes: whatever keeps it from that has to be known by then. */
export function isTimed({ kind }: Subject): boolean {
  return PURPOSE[kind].isTimed ?? false;
}
