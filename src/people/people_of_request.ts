/**
 * Who has to do with a request, as Discord knows them.
 *
 * @module
 */

import type { AccessRequest } from "../ports/access_request.ts";
import { NOT_KNOWN, type PluginData, withOwed } from "../record/plugin_data.ts";
import { TOLD_NOTHING } from "../record/shown_facts.ts";
import { recipientsFor } from "../route/role_map.ts";
import {
  type KnownPeople,
  knowsUsers,
  type PeopleConfig,
} from "./people_config.ts";

/** Returns the Teleport users whose Discord users an announcement needs. */
export function peopleOf(
  request: AccessRequest,
  config: PeopleConfig,
): readonly string[] {
  if (!knowsUsers(config)) return [];
  return config.notices.reviewers === "off"
    ? [request.user]
    : [request.user, ...reviewersOf(request)];
}

/** A requester types whom to ask: more than this are neither looked up nor disturbed. */
const MAX_REVIEWERS = 12;

/** Returns the suggested reviewers, each once, and never the requester. */
function reviewersOf({ user, suggestedReviewers }: AccessRequest): string[] {
  const others = suggestedReviewers.filter((name) => name !== user);
  return [...new Set(others)].slice(0, MAX_REVIEWERS);
}

/** Returns the data of a claim with the people of its request. */
export function withPeople(
  claim: PluginData,
  request: AccessRequest,
  known: KnownPeople,
  config: PeopleConfig,
): PluginData {
  const [requester, ...reviewers] = peopleOf(request, config);
  const asked = {
    ...claim,
    userId: requester === undefined ? undefined : NOT_KNOWN,
    mentions: [
      ...recipientsFor(request.roles, config.mentions),
      ...(reviewers.length > 0 ? [NOT_KNOWN] : []),
    ],
    told: config.notices.requester ? TOLD_NOTHING : undefined,
  };
  return completePeople(asked, request, known, config);
}

/**
 * Returns the data with those people who became known since; it is the same object if that is nobody. A
 * reviewer who is told by direct message is one more recipient. Once all reviewers are known nobody is
 * added any more, whatever the configuration says by then.
 */
export function completePeople(
  data: PluginData,
  request: AccessRequest,
  known: KnownPeople,
  config: PeopleConfig,
): PluginData {
  if (!knowsUsers(config)) return data;
  let next = data;
  if (data.userId === NOT_KNOWN && known.has(request.user)) {
    next = { ...next, userId: known.get(request.user) };
  }
  if (!data.mentions.includes(NOT_KNOWN)) return next;
  const isDirect = config.notices.reviewers === "dm";
  const reviewers = reviewersOf(request);
  const isComplete = reviewers.every((name) => known.has(name));
  const ids = reviewers.map((name) => known.get(name))
    .flatMap((id) => id === undefined ? [] : [`user:${id}`]);
  const mentions = new Set([...data.mentions, ...isDirect ? [] : ids]);
  if (isComplete) mentions.delete(NOT_KNOWN);
  if (isComplete || mentions.size > data.mentions.length) {
    next = { ...next, mentions: [...mentions] };
  }
  return isDirect && data.resolution === "" ? withOwed(next, ids) : next;
}
