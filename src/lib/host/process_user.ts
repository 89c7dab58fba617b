/**
 * Which user runs this process.
 *
 * @module
 */

/** User ID of this process; `undefined` where Deno does not let the program know. */
export function readUid(): number | undefined {
  const { state } = Deno.permissions.querySync({ name: "sys", kind: "uid" });
  return state === "granted" ? Deno.uid() ?? undefined : undefined;
}

/** Returns the user as `chown` takes it: by name, else by ID; `undefined` if neither is known. */
export function nameUser(): string | undefined {
  return Deno.env.get("USER") || readUid()?.toString();
}
