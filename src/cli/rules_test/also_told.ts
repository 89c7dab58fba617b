/**
 * Whom a request reaches beside its recipients.
 *
 * @module
 */

import type { Config } from "../../config/config.ts";
import { formatDurationMs } from "../../config/reading/go_duration.ts";
import { peopleOf } from "../../people/people_of_request.ts";
import type { AccessRequest } from "../../ports/access_request.ts";
import { formatValue } from "../../route/predicate/functions/value.ts";
import { recipientsFor } from "../../route/role_map.ts";

/** Says who else is pinged and told, each a sentence. */
export function* describeBeside(
  request: AccessRequest,
  { mentions, users, discord: { notices, userIdTrait } }: Config,
): Iterable<string> {
  const pinged = recipientsFor(request.roles, mentions);
  if (pinged.length > 0) yield `[role_to_mentions] pings ${pinged.join(", ")}.`;
  const people = { mentions, users, notices, userIdTrait };
  const [, ...reviewers] = peopleOf(request, people);
  if (reviewers.length > 0) {
    const isDirect = notices.reviewers === "dm";
    const what = isDirect ? "told by direct message" : "pinged";
    yield `Suggested reviewers are ${what} as well, if it is known who they are in ` +
      `Discord: ${reviewers.map(formatValue).join(", ")}.`;
  }
  for (const { afterMs, roles, recipients } of notices.escalations) {
    const concerns = roles === undefined ||
      roles.some((role) => request.roles.includes(role));
    if (!concerns) continue;
    yield `[[escalation]] tells ${
      recipients.join(", ")
    } as well if nobody has ` +
      `decided after ${formatDurationMs(afterMs)}.`;
  }
}
