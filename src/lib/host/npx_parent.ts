/**
 * The `npx` that this process may have been started by.
 *
 * npm hands a signal on to nobody but the shell that it runs the command with, and a shell hands it on to nobody: a
 * SIGTERM to `npx deno run …` ends npx and that shell, and leaves Deno behind, with another parent.
 *
 * @module
 */

const LOOK_EVERY_MS = 1000;

/** What tells whether npx started this process, and is still there. */
export interface ParentWatch {
  /** Value of `npm_lifecycle_event`, which npm sets. */
  readonly npmEvent: string | undefined;
  parent(): number;
}

/**
 * Calls back once the parent of this process has ended, if that is npx. Whoever starts the program in another way may
 * well leave it alone.
 */
export function onNpxEnded(
  onEnded: () => void,
  { npmEvent, parent }: ParentWatch,
  everyMs = LOOK_EVERY_MS,
): Disposable {
  if (npmEvent !== "npx") return { [Symbol.dispose]() {} };
  const first = parent();
  const timer = setInterval(() => {
    if (parent() === first) return;
    clearInterval(timer);
    onEnded();
  }, everyMs);
  Deno.unrefTimer(timer);
  return { [Symbol.dispose]: () => clearInterval(timer) };
}
