/**
 * The keys of `[discord]` that say who is told what beside the announcements.
 *
 * @module
 */

import type {
  NoticeSettings,
  ReviewerNotice,
} from "../../people/people_config.ts";
import type { UserTable } from "../../people/user_table.ts";
import { describeValue } from "../reading/problem.ts";
import type { ProblemList } from "../reading/problem_list.ts";
import type { Section } from "../reading/section.ts";
import type { ReviewOptions } from "./review_section.ts";

const REVIEWER_NOTICES: Readonly<Record<ReviewerNotice, ReviewerNotice>> = {
  mention: "mention",
  dm: "dm",
  off: "off",
};

const MIN_REMIND_MS = 1_000;
const MIN_BEFORE_END_MS = 1_000;

/** Reads who is told what beside the announcements. */
export function readNotices(
  discord: Section,
  findings: ProblemList,
): NoticeSettings {
  return {
    requester: discord.boolean("notify_requester") ?? false,
    reviewers: discord.choice(
      "notify_suggested_reviewers",
      REVIEWER_NOTICES,
      Object.keys(REVIEWER_NOTICES),
    ) ?? "mention",
    remindAfterMs: readRemindAfter(discord, findings),
    beforeEndMs: readBeforeEnd(discord, findings),
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
  notices: NoticeSettings,
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
  findings: ProblemList,
): readonly number[] {
  const times = discord.durationsMs("remind_after");
  if (times.length === 1 && times[0]?.ms === 0) return [];
  for (const [i, { path, ms, text }] of times.entries()) {
    const before = times[i - 1];
    if (ms < MIN_REMIND_MS) {
      findings.fault(
        path,
        `expected at least "1s", found ${text}`,
        "leave the key out for no reminders",
      );
    } else if (before !== undefined && ms <= before.ms) {
      findings.fault(
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
