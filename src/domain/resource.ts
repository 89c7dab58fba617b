/**
 * Resources that requests ask for.
 *
 * Source: teleport-wire.md 2.9.
 *
 * @module
 */

/** What the cluster tells about one of its resources. */
export interface Resource {
  /** Name for people; `undefined` if it has no other than its ID. */
  readonly friendlyName: string | undefined;
  readonly labels: ReadonlyMap<string, string>;
}

/** Whether a resource of this kind can have a name for people. */
export function isNameable(kind: string): boolean {
  return NAMEABLE.has(kind);
}

const NAMEABLE: ReadonlySet<string> = new Set([
  "node",
  "app",
  "user_group",
  "aws_ic_account",
]);
