/**
 * The program, with a note of when it does what; `bench/trips.ts` runs it.
 *
 * When it ends, the notes are in a file beside the configuration, which its last argument names.
 *
 * @module
 */

import { HttpCaller } from "../src/discord/rest/http_caller.ts";
import { Reconciler } from "../src/reconcile/reconciler.ts";
import { Caller, methodName } from "../src/teleport/client/caller.ts";

/** Something that the program did, by the wall clock in milliseconds. */
export interface Mark {
  /** What, with its object: `event put`, `auth UpdatePluginData`, `discord POST`. */
  readonly name: string;
  readonly beginMs: number;
  /** Not there if it has not ended. */
  endMs?: number;
}

/** Returns where the notes are of a program with this configuration. */
export function marksPath(configPath: string): string {
  return `${configPath}.marks.json`;
}

if (import.meta.main) {
  const marks: Mark[] = [];
  note(marks, Reconciler.prototype, "observed", (_id, { source }) => {
    return `event ${source}`;
  });
  note(marks, Caller.prototype, "unary", (method) => {
    return `auth ${methodName(method)}`;
  });
  note(marks, HttpCaller.prototype, "send", ({ method }) => {
    return `discord ${method}`;
  });
  addEventListener("unload", () => {
    const path = marksPath(Deno.args.at(-1) ?? "");
    Deno.writeTextFileSync(path, JSON.stringify(marks));
  });
  await import("../main.ts");
}

/** Lets a method note when it begins and ends; a promise ends when it is settled. */
function note<
  Name extends string,
  Owner extends Record<Name, (...args: never[]) => unknown>,
>(
  marks: Mark[],
  prototype: Owner,
  method: Name,
  nameOf: (...args: Parameters<Owner[Name]>) => string,
): void {
  const original: (...args: never[]) => unknown = prototype[method];
  const noting = function (this: Owner, ...args: Parameters<Owner[Name]>) {
    const mark: Mark = { name: nameOf(...args), beginMs: now() };
    const end = () => {
      mark.endMs = now();
    };
    marks.push(mark);
    const result = original.apply(this, args);
    if (result instanceof Promise) result.then(end, end);
    else end();
    return result;
  };
  Object.assign(prototype, { [method]: noting });
}

function now(): number {
  return performance.timeOrigin + performance.now();
}
