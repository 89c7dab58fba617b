/**
 * How much memory this process may have.
 *
 * @module
 */

import { constrainedMemory } from "node:process";

/**
 * Returns what the control group allows, such as `MemoryMax` of a unit or the limit of a container, in bytes;
 * `undefined` if it cannot be told.
 */
export function memoryLimit(): number | undefined {
  const kind = "systemMemoryInfo";
  const { state } = Deno.permissions.querySync({ name: "sys", kind });
  if (state !== "granted") return undefined;
  const bytes = constrainedMemory();
  return bytes > 0 ? bytes : undefined;
}
