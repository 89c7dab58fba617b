/**
 * The languages that there are.
 *
 * @module
 */

import type { Catalogue } from "./catalogue.ts";
import { EN } from "./en.ts";

/** The texts of each language, by its code in ISO 639-1. */
export const CATALOGUES = {
  en: EN,
} as const satisfies Readonly<Record<string, Catalogue>>;

export type Language = keyof typeof CATALOGUES;
