/**
 * What of a request is brought in step by itself: the announcement at a recipient, or the notices of one kind.
 *
 * @module
 */

/** The announcement at a recipient. */
export interface AnnouncementSubject {
  readonly kind: "announcement";
  readonly recipient: string;
}

/** Notices that go to one place one after the other. */
export type NoticeSubject =
  /** Beside the announcement at a recipient, or in its thread. */
  | {
    readonly kind: "reminder" | "escalation" | "thread";
    readonly recipient: string;
  }
  /** To the requester. */
  | { readonly kind: "requester" | "end of access" };

export type Subject = AnnouncementSubject | NoticeSubject;

/** Returns the announcement at a recipient as a subject. */
export function announcementAt(recipient: string): AnnouncementSubject {
  return { kind: "announcement", recipient };
}

/** Returns what logs call it, which no other subject of the same request has. */
export function nameOf(subject: Subject): string {
  switch (subject.kind) {
    case "announcement":
      return subject.recipient;
    case "reminder":
    case "escalation":
    case "thread":
      return `${subject.kind} ${subject.recipient}`;
    case "requester":
    case "end of access":
      return subject.kind;
  }
}
