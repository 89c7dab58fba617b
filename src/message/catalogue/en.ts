/**
 * The texts in English. Those that the official plugin has as well are its own, to the letter: admins
 * match them (docs/design/official-message.md 1).
 *
 * @module
 */

import type { RequestState } from "../../ports/access_request.ts";
import type { Catalogue } from "./catalogue.ts";

const REVIEWED: Readonly<Record<RequestState, string>> = {
  APPROVED: "Approved request",
  DENIED: "Denied request",
  PROMOTED: "Promoted request",
  PENDING: "Reviewed request",
  UNKNOWN: "Reviewed request",
};

export const EN: Catalogue = {
  language: "en",
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
  lines: {
    states: {
      PENDING: "PENDING",
      APPROVED: "APPROVED",
      DENIED: "DENIED",
      PROMOTED: "PROMOTED",
      EXPIRED: "EXPIRED",
    },
    toAccessList: (title) => ` to access list ${title}`,
    accessStarts: (time) => `starts ${time}`,
    accessEnds: (time) => `ends ${time}`,
    accessEndedAt: (time) => `ended ${time}`,
    accessEnded: ", access has ended",
    requestExpires: (time) => `Request expires ${time}`,
    hiddenParts:
      "⚠️ This request has parts that this version of the plugin cannot show: look at it in Teleport before you approve it.",
    threadName: "Access request",
    moreMentions: (count) => ` …and ${count} more`,
    duration: (days, hours, minutes) =>
      ([[days, "d"], [hours, "h"], [minutes, "m"]] as const)
        .map(([count, unit]) => count > 0 ? `${count}${unit}` : "").join(""),
  },
  fields: {
    empty: "(empty)",
    hidden: "(hidden)",
    truncated: " (truncated)",
    more: (count) => ` …and ${count} more`,
    constraints: {
      aws_console: "AWS roles",
      ssh: "SSH logins",
      windows_desktop: "Windows logins",
      unknown: "with constraints that this version cannot show",
    },
  },
  reviews: {
    title: (proposed, created) =>
      created === undefined
        ? REVIEWED[proposed]
        : `${REVIEWED[proposed]} at ${formatUnixDate(created)}`,
    time: undefined,
    start: (time) => `Start: ${time}`,
    earlier: (count) => `${count} earlier reviews`,
  },
  buttons: {
    approve: "Approve",
    deny: "Deny",
    openTeleport: "Review in Teleport",
  },
  form: {
    title: { approve: "Approve the request", deny: "Deny the request" },
    placeholder: {
      shown: "Shown in the message, and kept in Teleport's audit log",
      hidden: "Not shown in this message, but kept in Teleport's audit log",
    },
  },
  answers: {
    accepted: (verdict, user) =>
      `Your ${
        verdict === "approve" ? "approval" : "denial"
      } is recorded, as Teleport user ${user}.`,
    "already reviewed": (user) =>
      `You have already reviewed this request, as Teleport user ${user}.`,
    "may not review": (user) =>
      `Teleport user ${user} may not review this request.`,
    revealed:
      "Part of this request is hidden in its message, so nothing is recorded yet. Please read it here, then decide:",
    resolved: {
      APPROVED: "This request is already approved.",
      DENIED: "This request is already denied.",
      PROMOTED: "This request is already promoted to an access list.",
      UNKNOWN: "This request is not pending any more.",
    },
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
