/**
 * Real Teleport programs, for tests and measurements. Nothing here fetches or builds them.
 *
 * They lie in `$TELEPORT_BIN_DIR`, else in the folder `teleport-test-18.0.0` of the user's cache
 * (`$XDG_CACHE_HOME`, else `~/.cache`).
 *
 * @module
 */

import { findProgram } from "./command.ts";

/** What a folder of Teleport may have; `teleport-discord` is the official plugin. */
export type TeleportProgram =
  | "teleport"
  | "tctl"
  | "tbot"
  | "tsh"
  | "teleport-discord";

/** Returns the path of a program; undefined if it is not there. */
export function findTeleport(program: TeleportProgram): string | undefined {
  return findProgram(`${teleportFolder()}/${program}`);
}

/** Returns which of some programs are not there. */
export function missingTeleport(
  ...programs: readonly TeleportProgram[]
): readonly TeleportProgram[] {
  return programs.filter((each) => findTeleport(each) === undefined);
}

/**
 * Returns the line that says what was left out.
 *
 * @param what Such as "No real Teleport".
 * @param missing What there would have to be.
 */
export function describeMissing(
  what: string,
  missing: readonly TeleportProgram[],
  env: Pick<Deno.Env, "get"> = Deno.env,
): string {
  const where = env.get("TELEPORT_BIN_DIR")
    ? ", which TELEPORT_BIN_DIR sets"
    : "; set TELEPORT_BIN_DIR to the folder that has it";
  return `!! ${what}: there is no ${missing.join(", ")} in ${
    teleportFolder(env)
  }${where}`;
}

/**
 * Returns the path of a program.
 *
 * @throws {Error} If it is not there.
 */
export function requireTeleport(program: TeleportProgram): string {
  const path = findTeleport(program);
  if (path !== undefined) return path;
  throw new Error(
    `There is no ${program} of Teleport in ${teleportFolder()}; set TELEPORT_BIN_DIR to the folder that has it`,
  );
}

/** Returns the folder that the programs are to be in. */
export function teleportFolder(
  env: Pick<Deno.Env, "get"> = Deno.env,
): string {
  const cache = env.get("XDG_CACHE_HOME") || `${env.get("HOME") ?? ""}/.cache`;
  return env.get("TELEPORT_BIN_DIR") || `${cache}/teleport-test-18.0.0`;
}
