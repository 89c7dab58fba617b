/**
 * The keys of `[discord]` that say who is told what beside the announcements, and the `[[escalation]]` tables.
 *
 * @module
 */

import {
  type Escalation,
  type NoticeSettings,
  REVIEWER_NOTICES,
} from "../../people/people_config.ts";
import type { UserTable } from "../../people/user_table.ts";
import { describeTomlType, describeValue } from "../reading/problem.ts";
import type { ProblemList } from "../reading/problem_list.ts";
import { isTable, itemsAt, Section, type Table } from "../reading/section.ts";
import {
  type ParsedValue,
  readMention,
  readRecipient,
} from "./recipient_value.ts";
import type { ReviewOptions } from "./review_section.ts";

const MIN_REMIND_MS = 1_000;
const MIN_BEFORE_END_MS = 1_000;

/** Reads who is told what beside the announcements. */
export function readNotices(
  discord: Section,
  problems: ProblemList,
): Omit<NoticeSettings, "escalations"> {
  return {
    requester: discord.boolean("notify_requester") ?? false,
    reviewers: discord.word("notify_suggested_reviewers", REVIEWER_NOTICES) ??
      "mention",
    remindAfterMs: readRemindAfter(discord, problems),
    beforeEndMs: readBeforeEnd(discord, problems),
    threads: discord.boolean("thread_per_request") ?? false,
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
  notices: Omit<NoticeSettings, "escalations">,
  users: UserTable,
  review: ReviewOptions,
): string | undefined {
  const isWanted = users.idByUser.size > 0 || notices.requester ||
    notices.beforeEndMs !== undefined ||
    review.enabled ||
    ((discord.raw("notify_suggested_reviewers") ?? "") !== "" &&
      notices.reviewers !== "off");
  return discord.string("user_id_trait") ??
    (isWanted ? DEFAULT_TRAIT : undefined);
}

/** Reads the times after which a request that waits is reminded of; `"0"` alone is for none. */
function readRemindAfter(
  discord: Section,
  problems: ProblemList,
): readonly number[] {
  const times = discord.durationsMs("remind_after");
  if (times.length === 1 && times[0]?.ms === 0) return [];
  for (const [i, { path, ms, text }] of times.entries()) {
    const before = times[i - 1];
    if (ms < MIN_REMIND_MS) {
      problems.fault(
        path,
        `expected at least "1s", found ${text}`,
        "leave the key out for no reminders",
      );
    } else if (before !== undefined && ms <= before.ms) {
      problems.fault(
        path,
        `expected more than ${before.text}, found ${text}`,
        'write growing times, each counted from the request on, such as ["30m", "2h"]',
      );
    }
  }
  return times.map(({ ms }) => ms);
}

/** Reads how long before its end the requester is told of it. */
function readBeforeEnd(
  discord: Section,
  problems: ProblemList,
): number | undefined {
  const key = "notify_before_end";
  const ms = discord.durationMs(key);
  if (ms === undefined || ms === 0) return undefined;
  if (ms >= MIN_BEFORE_END_MS) return ms;
  return problems.fault(
    discord.path(key),
    `expected at least "1s", found ${describeValue(discord.raw(key))}`,
    "leave the key out to tell nobody",
  );
}

const ESCALATION = "escalation";

/** Reads who else is told, and when. A bad recipient or mention is left out. */
export function readEscalations(
  root: Table,
  problems: ProblemList,
): readonly Escalation[] {
  const value = Object.hasOwn(root, ESCALATION) ? root[ESCALATION] : [];
  if (!Array.isArray(value) || !value.every(isTable)) {
    problems.fault(
      [ESCALATION],
      `expected tables below [[${ESCALATION}]], found ${
        describeTomlType(value)
      }`,
      `write [[${ESCALATION}]], with two brackets, above the keys of each`,
    );
    return [];
  }
  return value.flatMap((_, i) => {
    const section = new Section(value, i, problems, [ESCALATION]);
    const afterMs = readAfter(section, problems);
    const roles = readRoles(section, problems);
    const recipients = readRecipients(section, problems);
    const mentions = readItems(section, "mentions", problems, readMention);
    return afterMs === undefined || recipients.length === 0
      ? []
      : [{ afterMs, roles, recipients, mentions }];
  });
}

function readAfter(
  section: Section,
  problems: ProblemList,
): number | undefined {
  const key = "after";
  const value = section.raw(key);
  if (value === undefined || value === "") {
    return problems.fault(
      section.path(key),
      "expected how long a request may wait for a decision, found nothing",
      'add a time such as after = "1h"',
    );
  }
  const ms = section.durationMs(key);
  if (ms === undefined || (ms >= 1000 && Number.isInteger(ms / 1000))) {
    return ms;
  }
  return problems.fault(
    section.path(key),
    `expected at least "1s", in whole seconds, found ${describeValue(value)}`,
    'write a time such as "1h"',
  );
}

/** Reads for which roles; `undefined` for all. A bad one is a fault: without it, others might be meant. */
function readRoles(
  section: Section,
  problems: ProblemList,
): readonly string[] | undefined {
  const key = "roles";
  const value = section.raw(key) ?? "";
  if (value === "") return undefined;
  const hint = `leave ${key} out for the requests of all roles`;
  const items = itemsAt(section.path(key), value);
  if (items.length === 0) {
    return problems.fault(
      section.path(key),
      "expected at least one role, found []",
      hint,
    );
  }
  const roles = items.flatMap(({ path, item }) => {
    if (typeof item === "string" && item !== "" && item !== "*") return [item];
    problems.fault(
      path,
      `expected the name of a role, found ${describeValue(item)}`,
      hint,
    );
    return [];
  });
  return [...new Set(roles)];
}

function readRecipients(
  section: Section,
  problems: ProblemList,
): readonly string[] {
  const key = "recipients";
  const value = section.raw(key) ?? "";
  if (value === "" || (Array.isArray(value) && value.length === 0)) {
    problems.fault(
      section.path(key),
      "expected who else is told, found nobody",
      'add such as recipients = ["123456789012345678"]',
    );
    return [];
  }
  return readItems(section, key, problems, readRecipient);
}

/** Reads one value or a list of them, each once; what cannot be read is left out. */
function readItems(
  section: Section,
  key: string,
  problems: ProblemList,
  read: (value: unknown) => ParsedValue,
): readonly string[] {
  const value = section.raw(key) ?? "";
  if (value === "") return [];
  const good = itemsAt(section.path(key), value).flatMap(({ path, item }) => {
    const parsed = read(item);
    if ("value" in parsed) return [parsed.value];
    problems.error(path, `${parsed.detail}; it is left out`, parsed.hint);
    return [];
  });
  return [...new Set(good)];
}
