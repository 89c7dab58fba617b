/**
 * The form that the texts of each language have: that of the English ones, which say what each is for.
 *
 * @module
 */

import type { EN } from "./en.ts";

/** The texts of one language. */
export type Catalogue = Fixed<typeof EN>;

/** What stands in front of a value. */
export type Label = keyof Catalogue["labels"];

type Fixed<T> = T extends (...args: never) => unknown ? T
  : { readonly [Key in keyof T]: Fixed<T[Key]> };
