/**
 * Regular expressions as Go has them, which match in linear time.
 *
 * @module
 */

import { RE2JS } from "re2js";
import { translatePattern } from "./go_pattern.ts";

/** Matching costs a step for so many characters times instructions. */
const UNITS_PER_STEP = 4;

/** The same for each of many searches in one text, most of which end long before the text does. */
const UNITS_PER_SEARCH_STEP = 32;

const STEPS_PER_COMPILED_UNIT = 100;

/** What takes the steps that something costs. */
export interface Budget {
  spend(steps: number): void;
}

/** What Go calls a template: `$1`, `${name}`, `$$`. */
const REFERENCE =
  /\$(?:(?<dollar>\$)|(?<name>[\p{L}\p{Nd}_]+)|\{(?<braced>[\p{L}\p{Nd}_]+)\})/gu;

/** A compiled regular expression. */
export class Regexp {
  readonly #compiled: RE2JS;
  readonly #groupNames: readonly (string | undefined)[];
  /** What only some versions of Go take in it, each a phrase. */
  readonly doubts: readonly string[];

  /** @throws If it is none, with a message that says why. */
  constructor(pattern: string) {
    const { source, groupNames, doubts } = translatePattern(pattern);
    this.#compiled = compileTranslated(source, pattern);
    this.#groupNames = groupNames;
    this.doubts = doubts;
  }

  /** Tells whether it matches a part of the text. */
  matches(text: string, budget: Budget): boolean {
    budget.spend(this.#cost(text.length, UNITS_PER_STEP));
    return this.#compiled.test(text);
  }

  /**
   * Replaces every match in the text, as Go's `ReplaceAllString` does.
   *
   * @returns `undefined` if nothing matches.
   */
  replaceAll(
    text: string,
    template: string,
    budget: Budget,
  ): string | undefined {
    const matcher = this.#compiled.matcher(text);
    let replaced = "";
    let from = 0;
    let found = false;
    for (let at = 0; at <= text.length;) {
      budget.spend(this.#cost(text.length - at, UNITS_PER_SEARCH_STEP));
      if (!matcher.find(at)) break;
      found = true;
      const [start, end] = [matcher.start(), matcher.end()];
      replaced += text.slice(from, start);
      // An empty match right behind another one does not count.
      if (end > from || start === 0) {
        budget.spend(1 + template.length);
        replaced += expand(template, (name) => {
          const text = this.#group(matcher, name);
          budget.spend(text.length);
          return text;
        });
      }
      from = end;
      at = Math.max(end, at + charLength(text, at));
    }
    return found ? replaced + text.slice(from) : undefined;
  }

  /** Returns what a group took: of several of one name, the first that took part. */
  #group(matcher: ReturnType<RE2JS["matcher"]>, name: string): string {
    // Go reads as a number what has no leading zero and less than ten digits.
    if (/^(?:0|[1-9]\d{0,8})$/.test(name)) {
      const index = Number(name);
      return index <= matcher.groupCount() ? matcher.group(index) ?? "" : "";
    }
    for (const [i, groupName] of this.#groupNames.entries()) {
      const text = groupName === name ? matcher.group(i + 1) : null;
      if (text !== null) return text;
    }
    return "";
  }

  #cost(chars: number, unitsPerStep: number): number {
    const size = this.#compiled.programSize();
    return Math.ceil((chars + 1) * size / unitsPerStep);
  }
}

/** The regular expressions that stand in one condition, each compiled once. */
export class Regexps {
  readonly #compiled = new Map<string, Regexp | Error>();

  /** Compiles one ahead of the time when it is asked for. */
  prepare(source: string): void {
    this.#compiled.getOrInsertComputed(source, compile);
  }

  /** What only some versions of Go take in those that were prepared, each a phrase. */
  get doubts(): readonly string[] {
    const all = [...this.#compiled.values()].flatMap((compiled) =>
      compiled instanceof Error ? [] : compiled.doubts
    );
    return [...new Set(all)];
  }

  /**
   * Returns one. It is compiled for this time only if the condition makes it up while it is evaluated.
   *
   * @returns The reason instead if it cannot be compiled.
   */
  get(source: string, budget: Budget): Regexp | Error {
    const prepared = this.#compiled.get(source);
    if (prepared !== undefined) return prepared;
    budget.spend(STEPS_PER_COMPILED_UNIT * source.length);
    const compiled = compile(source);
    // The reason of a compiler quotes the expression, which may have come from a requester.
    return compiled instanceof Error
      ? new Error("expected a regular expression", { cause: compiled })
      : compiled;
  }
}

function compile(source: string): Regexp | Error {
  try {
    return new Regexp(source);
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error));
  }
}

/** Compiles what was translated; an error quotes the pattern as it was written. */
function compileTranslated(source: string, pattern: string): RE2JS {
  try {
    return RE2JS.compile(source);
  } catch (error) {
    RE2JS.compile(pattern);
    throw error;
  }
}

/** Expands a template; a group that there is not, or that did not match, is empty. */
function expand(template: string, group: (name: string) => string): string {
  return template.replace(REFERENCE, (...args) => {
    const { dollar, name, braced } = args.at(-1);
    return dollar ?? group(name ?? braced);
  });
}

function charLength(text: string, at: number): number {
  return (text.codePointAt(at) ?? 0) > 0xffff ? 2 : 1;
}
