/**
 * The languages that there are, and which one somebody is told in.
 *
 * @module
 */

import {
  type Click,
  type ClickPlace,
  recipientOf,
} from "../../ports/clicks.ts";
import type { Catalogue } from "./catalogue.ts";
import { EN } from "./en.ts";
import { KO } from "./ko.ts";

/** The texts of each language, by its code in ISO 639-1. */
export const CATALOGUES = { en: EN, ko: KO } as const;

/** Code of a language that there is. */
export type Language = keyof typeof CATALOGUES;

/** What the configuration says of languages. */
export interface LanguageChoice {
  /** `undefined` if none is chosen: English. */
  readonly language: Language | undefined;
  readonly languageByRecipient: ReadonlyMap<string, Language>;
}

export function isLanguage(code: string): code is Language {
  return Object.hasOwn(CATALOGUES, code);
}

/** Returns what a recipient is told in. Of several messages in a channel each is in the channel's language. */
export function textsFor(
  { language = "en", languageByRecipient }: LanguageChoice,
  recipient: string,
): Catalogue {
  const [channel = recipient] = recipient.split("/");
  return CATALOGUES[languageByRecipient.get(channel) ?? language];
}

/**
 * Returns what somebody who clicked is told in: the language of their Discord, else that of the message.
 * Where no language is chosen nobody expects another than English.
 */
export function textsForClick(
  choice: LanguageChoice,
  click: ClickPlace & Pick<Click, "locale">,
): Catalogue {
  const { language, languageByRecipient } = choice;
  if (language === undefined && languageByRecipient.size === 0) return EN;
  const [code = ""] = (click.locale ?? "").split("-");
  if (isLanguage(code)) return CATALOGUES[code];
  const isNamed = (recipient: string) => languageByRecipient.has(recipient);
  return textsFor(choice, recipientOf(click, isNamed));
}
