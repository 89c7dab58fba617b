/**
 * The `npx` that this process may have been started by.
 *
 * npm hands a signal on to nobody but the shell that it runs the command with, and a shell hands it on to nobody: a
 * SIGTERM to `npx deno run …` ends npx and that shell, and leaves Deno behind, with another parent.
 *
 * @module
 */

const LOOK_EVERY_MS = 1000;

/**
 * Calls back once the parent of this process has ended, if that is npx. Whoever starts the program in another way may
 * well leave it alone.
 */
export function onNpxEnded(onEnded: () => void): Disposable {
  if (Deno.env.get("npm_lifecycle_event") !== "npx") {
    return { [Symbol.dispose]() {} };
  }
  const first = Deno.ppid;
  const timer = setInterval(() => {
    if (Deno.ppid === first) return;
    clearInterval(timer);
    onEnded();
  }, LOOK_EVERY_MS);
  Deno.unrefTimer(timer);
  return { [Symbol.dispose]: () => clearInterval(timer) };
}
