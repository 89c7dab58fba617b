/**
 * The keys of `[discord]` that say who is told what beside the announcements, and the `[[escalation]]` tables.
 *
 * @module
 */

import {
  type Escalation,
  type NoticeSettings,
  REVIEWER_NOTICES,
  type UserTable,
} from "../../people/people_config.ts";
import { describeValue } from "../reading/problem.ts";
import type { Section } from "../reading/section.ts";
import {
  type ParsedValue,
  readMention,
  readRecipient,
} from "./recipient_value.ts";
import type { ReviewOptions } from "./review_section.ts";

const MIN_REMIND_MS = 1_000;
const MIN_BEFORE_END_MS = 1_000;

/** Reads who is told what beside the announcements; the tables of escalations stand in the root. */
export function readNotices(discord: Section, root: Section): NoticeSettings {
  return {
    requester: discord.boolean("notify_requester") ?? false,
    reviewers: discord.word("notify_suggested_reviewers", REVIEWER_NOTICES) ??
      "mention",
    remindAfterMs: readRemindAfter(discord),
    beforeEndMs: readBeforeEnd(discord),
    threads: discord.boolean("thread_per_request") ?? false,
    escalations: readEscalations(root),
  };
}

const DEFAULT_TRAIT = "discord_id";

/**
 * Reads the name of the user trait that holds Discord user IDs.
 *
 * @returns `undefined` if nothing is set for which users have to be known: then none are looked up.
 */
export function readUserIdTrait(
  discord: Section,
  notices: NoticeSettings,
  users: UserTable,
  review: ReviewOptions,
): string | undefined {
  const isWanted = users.size > 0 || notices.requester ||
    notices.beforeEndMs !== undefined ||
    review.enabled ||
    (discord.isSet("notify_suggested_reviewers") &&
      notices.reviewers !== "off");
  return discord.string("user_id_trait") ??
    (isWanted ? DEFAULT_TRAIT : undefined);
}

/** Reads the times after which a request that waits is reminded of; `"0"` alone is for none. */
function readRemindAfter(discord: Section): readonly number[] {
  const times = discord.durationsMs("remind_after");
  if (times.length === 1 && times[0]?.ms === 0) return [];
  for (const [i, { place, ms, text }] of times.entries()) {
    const before = times[i - 1];
    if (ms < MIN_REMIND_MS) {
      discord.fault(
        place,
        `expected at least "1s", found ${text}`,
        "leave the key out for no reminders",
      );
    } else if (before !== undefined && ms <= before.ms) {
      discord.fault(
        place,
        `expected more than ${before.text}, found ${text}`,
        'write growing times, each counted from the request on, such as ["30m", "2h"]',
      );
    }
  }
  return times.map(({ ms }) => ms);
}

/** Reads how long before its end the requester is told of it. */
function readBeforeEnd(discord: Section): number | undefined {
  const key = "notify_before_end";
  const ms = discord.durationMs(key);
  if (ms === undefined || ms === 0) return undefined;
  if (ms >= MIN_BEFORE_END_MS) return ms;
  return discord.fault(
    key,
    `expected at least "1s", found ${describeValue(discord.raw(key))}`,
    "leave the key out to tell nobody",
  );
}

/** Reads who else is told, and when. A bad recipient or mention is left out. */
function readEscalations(root: Section): readonly Escalation[] {
  return root.tables("escalation").flatMap((section) => {
    const afterMs = readAfter(section);
    const roles = readRoles(section);
    const recipients = readRecipients(section);
    const mentions = readItems(section, "mentions", readMention);
    return afterMs === undefined || recipients.length === 0
      ? []
      : [{ afterMs, roles, recipients, mentions }];
  });
}

function readAfter(section: Section): number | undefined {
  const key = "after";
  if (!section.isSet(key)) {
    return section.fault(
      key,
      "expected how long a request may wait for a decision, found nothing",
      'add a time such as after = "1h"',
    );
  }
  const ms = section.durationMs(key);
  if (ms === undefined || (ms >= 1000 && Number.isInteger(ms / 1000))) {
    return ms;
  }
  const found = describeValue(section.raw(key));
  return section.fault(
    key,
    `expected at least "1s", in whole seconds, found ${found}`,
    'write a time such as "1h"',
  );
}

/** Reads for which roles; `undefined` for all. A bad one is a fault: without it, others might be meant. */
function readRoles(section: Section): readonly string[] | undefined {
  const key = "roles";
  if (!section.isSet(key)) return undefined;
  const hint = `leave ${key} out for the requests of all roles`;
  if (section.items(key).length === 0) {
    return section.fault(key, "expected at least one role, found []", hint);
  }
  return section.list(key, (item, place) => {
    if (typeof item === "string" && item !== "" && item !== "*") return item;
    const found = describeValue(item);
    const detail = `expected the name of a role, found ${found}`;
    return section.fault(place, detail, hint);
  });
}

function readRecipients(section: Section): readonly string[] {
  const key = "recipients";
  if (section.isSet(key) && section.items(key).length > 0) {
    return readItems(section, key, readRecipient);
  }
  section.fault(
    key,
    "expected who else is told, found nobody",
    'add such as recipients = ["123456789012345678"]',
  );
  return [];
}

/** Reads one value or a list of them; what cannot be read is left out. */
function readItems(
  section: Section,
  key: string,
  read: (value: unknown) => ParsedValue,
): readonly string[] {
  if (!section.isSet(key)) return [];
  return section.list(key, (item, place) => {
    const parsed = read(item);
    return "value" in parsed
      ? parsed.value
      : section.error(place, parsed.detail, parsed.hint);
  });
}
