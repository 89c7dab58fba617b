/**
 * Who is told of a request.
 *
 * @module
 */

/** Whether a text is a recipient: a channel ID, or `user:` and a user ID. */
export function isRecipient(text: string): boolean {
  return /^(?:user:)?\d{17,20}$/.test(text);
}

/** The role that stands for every role without an entry of its own. */
export const ANY_ROLE = "*";

/** Recipients by Teleport role; `"*"` has those of every role without an entry of its own. */
export type RoutingTable = ReadonlyMap<string, readonly string[]>;

/**
 * Returns the recipients of a request for these roles; so also whom its announcement mentions.
 *
 * Each role brings its own entry or else the one under `"*"`; a role with an entry of its own does
 * not bring those under `"*"` as well. A request without roles has no recipients.
 *
 * @returns Each recipient once, in the order of first sight.
 */
export function recipientsFor(
  roles: readonly string[],
  table: RoutingTable,
): readonly string[] {
  const fallback = table.get(ANY_ROLE) ?? [];
  return [...new Set(roles.flatMap((role) => table.get(role) ?? fallback))];
}
