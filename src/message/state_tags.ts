/**
 * Tags of a forum that tell the state of a request. They are known by their names, in any language.
 *
 * @module
 */

import type { Forum, ForumTag } from "../ports/messenger.ts";
import { SHOWN_STATES, type ShownState } from "../record/plugin_data.ts";
import { CATALOGUES } from "./catalogue/languages.ts";

/** Tags that a post can have. Source: docs/design/forums.md 1. */
const MAX_TAGS = 5;

/** Returns the state that a tag with this name tells, whatever its case; `undefined` for any other tag. */
export function stateOfTag(name: string): ShownState | undefined {
  return SHOWN_STATES.find((state) =>
    Object.values(CATALOGUES).some(({ lines }) =>
      fold(lines.states[state]) === fold(name)
    )
  );
}

function fold(name: string): string {
  return name.trim().toLowerCase();
}

/**
 * Returns the IDs of the tags that a post is made with, and whether these are all that it is to have: those
 * that only moderators may set are set later, so that nothing keeps it from being made.
 */
export function firstTags(
  state: ShownState,
  { tags, requiresTag }: Pick<Forum, "tags" | "requiresTag">,
): { readonly ids: readonly string[]; readonly isAll: boolean } {
  const wanted = tagsForState(state, [], tags);
  const mayBeRefused = tags.some(({ id, isModerated }) =>
    wanted.includes(id) && isModerated
  );
  return mayBeRefused && !requiresTag
    ? { ids: [], isAll: false }
    : { ids: wanted, isAll: true };
}

/**
 * Returns the IDs of the tags that a post is to have: the one of its state, if the forum has it, and those
 * that are not about states.
 *
 * @param current IDs of the tags that it has.
 * @param available The tags of the forum.
 */
export function tagsForState(
  state: ShownState,
  current: readonly string[],
  available: readonly ForumTag[],
): string[] {
  const stateById = new Map(
    available.map(({ id, name }) => [id, stateOfTag(name)]),
  );
  const own = available.find(({ id }) => stateById.get(id) === state);
  const others = current.filter((id) => stateById.get(id) === undefined);
  return own === undefined
    ? others
    : [...others.slice(0, MAX_TAGS - 1), own.id];
}
