/**
 * The `npx` that a task was started by, if one was.
 *
 * npm hands a signal on to the shell that it runs the command with, and a shell does not hand it on: a SIGTERM to
 * `npx deno task …` ends npx and that shell, and leaves Deno running. So a task that stays looks whether npx is
 * still there. Nothing tells it of a SIGINT to npx alone, which neither npx nor the shell ends by; that of a
 * terminal goes to all of them.
 *
 * @module
 */

import { attempt } from "./command.ts";

const LOOK_EVERY_MS = 1000;

/** Deno, its task, a shell or two: npx is nearer than this, or not there. */
const MOST_STEPS = 6;

/** A process that is not reaped, or whose number was given anew, does not have the same parent any more. */
interface Link {
  readonly child: number;
  readonly parent: number;
}

/** Waits until the npx has ended that this process was started by; forever, if there was none. */
export async function launcherEnded(): Promise<void> {
  const links = await linksToLauncher();
  if (links === undefined) return await new Promise(() => {});
  do {
    await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS));
  } while (await areIntact(links));
}

/** Returns the links from the parent of this process up to npm; undefined if there is no npm above it. */
async function linksToLauncher(): Promise<readonly Link[] | undefined> {
  const links: Link[] = [{ child: Deno.pid, parent: Deno.ppid }];
  for (let i = 0; i < MOST_STEPS; i++) {
    const above = links.at(-1)?.parent ?? 1;
    const found = await look(above);
    if (found === undefined) return undefined;
    if (/^np[mx]\b/.test(found.name)) return links;
    links.push({ child: above, parent: found.parent });
  }
  return undefined;
}

async function areIntact(links: readonly Link[]): Promise<boolean> {
  for (const { child, parent } of links) {
    const now = child === Deno.pid ? Deno.ppid : (await look(child))?.parent;
    if (now !== parent) return false;
  }
  return true;
}

/** Reads the name and the parent of a process. Deno itself reads nothing below /proc without all permissions. */
async function look(
  pid: number,
): Promise<{ readonly name: string; readonly parent: number } | undefined> {
  const { out } = Deno.build.os === "linux"
    ? await attempt("cat", [`/proc/${pid}/stat`])
    : await attempt("ps", ["-o", "pid=,command=,ppid=", "-p", `${pid}`]);
  // Linux: "12 (npm exec deno) S 11 …", where the name may hold anything; ps: "12 npm exec deno … 11".
  const [, name, parent] = Deno.build.os === "linux"
    ? /^\d+ \((.*)\) \S+ (\d+)/s.exec(out) ?? []
    : /^\s*\d+ (.*?) +(\d+)\s*$/.exec(out) ?? [];
  return name === undefined ? undefined : { name, parent: Number(parent) };
}
