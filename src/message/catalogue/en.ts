/**
 * The texts in English, and with them which texts there are: everything that a person reads in Discord.
 *
 * A text that comes with a new feature belongs here first: then no other language compiles without it. A text
 * with a value in it is a function. Where a value may be followed by an ending that depends on how it is read,
 * as in Korean, put it behind a colon or in parentheses. A `time` is a timestamp that Discord shows in the
 * reader's language, a `user` a Teleport user, in code.
 *
 * Those texts that the official plugin has as well are its own, to the letter: admins match them
 * (docs/design/official-message.md 1).
 *
 * @module
 */

import type {
  ConstraintKind,
  FinalState,
  RequestState,
} from "../../ports/access_request.ts";
import type { Verdict } from "../../ports/review_service.ts";
import type { ShownState } from "../../record/plugin_data.ts";

const REVIEWED: Readonly<Record<RequestState, string>> = {
  APPROVED: "Approved request",
  DENIED: "Denied request",
  PROMOTED: "Promoted request",
  PENDING: "Reviewed request",
  UNKNOWN: "Reviewed request",
};

export const EN = {
  /**
   * The first lines of messages, by what these are for. After a crash a message that may have been posted is
   * searched for by its title and the line of the request's ID below it. So no title stands for two purposes,
   * and one that is to change goes to `FORMER` in `titles.ts`.
   */
  titles: {
    announcement: {
      roles: "You have a new Role Request:",
      resources: "You have a new Resource Request:",
      longTerm: "You have a new Resource Request (long-term access):",
    },
    "news PENDING": "Your access request was reviewed:",
    "news APPROVED": "Your access request was approved:",
    "news DENIED": "Your access request was denied:",
    "news PROMOTED": "Your access request was promoted:",
    "news EXPIRED": "Your access request has expired:",
    reminder: "Nobody has reviewed this access request yet:",
    "thread review": "This access request was reviewed:",
    "thread reviews": "This access request has new reviews:",
    "thread APPROVED": "This access request was approved:",
    "thread DENIED": "This access request was denied:",
    "thread PROMOTED": "This access request was promoted:",
    "thread EXPIRED": "This access request has expired:",
    escalation: "This access request still waits for a decision:",
    "before end": "Your access ends soon:",
  },
  /**
   * What stands in front of a value, as in `*Cluster*: example.com`; without marks and colon, at most 45
   * characters. `ID` is none of them: the second line is the same in every language.
   */
  labels: {
    cluster: "Cluster",
    user: "User",
    role: "Role",
    roles: "Role(s)",
    logins: "Login(s)",
    resources: "Resource(s)",
    reason: "Reason",
    access: "Access",
    link: "Link",
    show: "Show",
    approve: "Approve",
    deny: "Deny",
    attention: "Attention",
    requested: "Requested",
    escalated: "Escalated",
    askAgain: "Ask again",
    review: "Review",
    reviews: "Reviews",
    status: "Status",
    resolutionReason: "Resolution reason",
  },
  /** Lines, and parts of them. */
  lines: {
    states: {
      PENDING: "PENDING",
      APPROVED: "APPROVED",
      DENIED: "DENIED",
      PROMOTED: "PROMOTED",
      EXPIRED: "EXPIRED",
    } satisfies Record<ShownState, string>,
    /** Follows the state of a promoted request, directly. */
    toAccessList: (title: string) => ` to access list ${title}`,
    accessStarts: (time: string) => `starts ${time}`,
    accessEnds: (time: string) => `ends ${time}`,
    accessEndedAt: (time: string) => `ended ${time}`,
    /** Follows the state of a request whose access is over; begins with a comma or a blank. */
    accessEnded: ", access has ended",
    requestExpires: (time: string) => `Request expires ${time}`,
    /** The request asks for something that this version does not know. */
    hiddenParts:
      "⚠️ This request has parts that this version of the plugin cannot show: look at it in Teleport before you approve it.",
    /** Stands for who asks and for what in the name of a thread, where that is not to be read there. */
    threadName: "Access request",
    /** Follows mentions of which some were left out; begins with a blank. */
    moreMentions: (count: number) => ` …and ${count} more`,
    /** A duration to the minute; parts that are 0 are left out, and one at least is not. */
    duration: (days: number, hours: number, minutes: number) =>
      ([[days, "d"], [hours, "h"], [minutes, "m"]] as const)
        .map(([count, unit]) => count > 0 ? `${count}${unit}` : "").join(""),
  },
  /** What is said where a field is empty, cut, or narrowed; together with its mark at most 35 code units. */
  fields: {
    empty: "(empty)",
    /** Stands in place of what the configuration hides. */
    hidden: "(hidden)",
    /** Follows text that was cut; begins with a blank. */
    truncated: " (truncated)",
    /** Follows a list of which items were left out; begins with a blank. */
    more: (count: number) => ` …and ${count} more`,
    /** What access to a resource is narrowed to. */
    constraints: {
      aws_console: "AWS roles",
      ssh: "SSH logins",
      windows_desktop: "Windows logins",
      unknown: "with constraints that this version cannot show",
    } satisfies Record<ConstraintKind, string>,
  },
  /** The embeds of reviews, at most 256 characters for each title. */
  reviews: {
    /** @param created When the review was made; `undefined` if that is not known. */
    title: (proposed: RequestState, created: Date | undefined) =>
      created === undefined
        ? REVIEWED[proposed]
        : `${REVIEWED[proposed]} at ${formatUnixDate(created)}`,
    /** When the review was made, as a line of its own; `undefined` if the title says it. */
    time: undefined as ((time: string) => string) | undefined,
    start: (time: string) => `Start: ${time}`,
    earlier: (count: number) => `${count} earlier reviews`,
  },
  /** At most 80 characters each. */
  buttons: {
    approve: "Approve",
    deny: "Deny",
    openTeleport: "Review in Teleport",
  },
  /** The form that asks for a reason: titles have at most 45 characters, placeholders 100. */
  form: {
    title: {
      approve: "Approve the request",
      deny: "Deny the request",
    } satisfies Record<Verdict, string>,
    /** Says who can read the reason: whoever sees the message, or not even they, where reasons are hidden. */
    placeholder: {
      shown: "Shown in the message, and kept in Teleport's audit log",
      hidden: "Not shown in this message, but kept in Teleport's audit log",
    },
  },
  /** What a person who clicked is told, by what became of the click; nobody else sees it. */
  answers: {
    accepted: (verdict: Verdict, user: string) =>
      `Your ${
        verdict === "approve" ? "approval" : "denial"
      } is recorded, as Teleport user ${user}.`,
    "already reviewed": (user: string) =>
      `You have already reviewed this request, as Teleport user ${user}.`,
    "may not review": (user: string) =>
      `Teleport user ${user} may not review this request.`,
    /** Part of the request is hidden in the message; it follows, with buttons below it. */
    revealed:
      "Part of this request is hidden in its message, so nothing is recorded yet. Please read it here, then decide:",
    resolved: {
      APPROVED: "This request is already approved.",
      DENIED: "This request is already denied.",
      PROMOTED: "This request is already promoted to an access list.",
      UNKNOWN: "This request is not pending any more.",
    } satisfies Record<FinalState, string>,
    foreign:
      "This button does not belong to this message. Please review the request in Teleport.",
    "not recorded":
      "This message is still being recorded. Please click again in a few seconds.",
    gone: "This request does not exist any more.",
    expired: "This request has expired.",
    "long-term": "Long-term access can only be reviewed in Teleport's web UI.",
    "hidden parts":
      "This request has parts that this version of the plugin cannot show. Please look at it in Teleport " +
      "and approve it there.",
    unmapped:
      "Your Discord account is not linked to a Teleport user. A Teleport administrator can link it.",
    ambiguous:
      "Your Discord account is linked to more than one Teleport user. A Teleport administrator has to " +
      "correct that.",
    own: "This is your own request: somebody else has to review it.",
    "no reason": "A reason is needed. Please click again and write one.",
    "not for others":
      "Teleport does not let this bot submit reviews. Its administrators find the reason in the log; " +
      "please review the request in Teleport.",
    "second factor":
      "Teleport asks for a second factor that this bot does not have. Its administrators find more in the " +
      "log; please review the request in Teleport.",
    refused:
      "Teleport refused the review. Please review the request in Teleport.",
    unreachable:
      "Teleport cannot be reached right now, and nothing was recorded. Please click again in a moment.",
    "not checked":
      "Your click could not be checked right now, and nothing was recorded. Please click again in a moment.",
    "in doubt":
      "Teleport did not answer, so your review may or may not have been recorded. Please click again: it " +
      "never counts twice.",
    "too many clicks": "Too many clicks. Please wait a minute.",
    "clicked twice": "You have just clicked this. Please wait for the outcome.",
    "not ready":
      "The open requests are still being read. Please click again in a moment.",
  },
  /** What `check --send-test` posts, for whoever sees it before it is gone, or because it could not be removed. */
  testMessage:
    "🧪 Test message of `teleport-discord check`. It is removed at once.",
};

/** Returns Go's "UnixDate" form in UTC, as in the official plugin: `Mon Jan  2 15:04:05 UTC 2006`. */
function formatUnixDate(time: Date): string {
  // Source: ECMAScript, Date.prototype.toUTCString(): `Mon, 02 Jan 2006 15:04:05 GMT`.
  const [weekday, day = "", month, year, clock] = time.toUTCString()
    .split(/,? /);
  return `${weekday} ${month} ${day.replace(/^0/, " ")} ${clock} UTC ${year}`;
}
