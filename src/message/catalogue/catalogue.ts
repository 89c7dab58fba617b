/**
 * The form that the texts of each language have: that of the English ones, which say what each is for.
 *
 * @module
 */

import type { EN } from "./en.ts";

/** The languages that there are, by their code in ISO 639-1. */
export type Language = "en" | "ko";

/** The texts of one language; the first lines of messages are in `titles.ts`. */
export type Catalogue = Fixed<Omit<typeof EN, "language">> & {
  readonly language: Language;
};

/** What stands in front of a value. */
export type Label = keyof Catalogue["labels"];

type Fixed<T> = T extends (...args: never) => unknown ? T
  : { readonly [Key in keyof T]: Fixed<T[Key]> };
