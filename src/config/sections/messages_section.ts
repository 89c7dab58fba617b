/**
 * The `[messages]` section.
 *
 * @module
 */

import {
  CATALOGUES,
  isLanguage,
  type Language,
  type LanguageChoice,
} from "../../message/catalogue/languages.ts";
import {
  type HiddenFields,
  HIDEABLE_FIELDS,
  type HideableField,
  type HideChoice,
  NOTHING_HIDDEN,
} from "../../record/hidden_fields.ts";
import { nearest } from "../reading/nearest_word.ts";
import { describeValue, type KeyPath } from "../reading/problem.ts";
import type { ProblemList } from "../reading/problem_list.ts";
import { itemsAt, Section, type Table } from "../reading/section.ts";
import { entryHint, readRecipient } from "./recipient_value.ts";

/** What messages say, and in which language. */
export interface MessageOptions extends LanguageChoice, HideChoice {}

/**
 * Reads what messages say, and in which language. An entry for a recipient that cannot be read is left out,
 * unless it hides something: that would then be shown.
 */
export function readMessages(
  root: Table,
  problems: ProblemList,
): MessageOptions {
  const section = new Section(root, "messages", problems);
  return {
    language: readLanguage(section, problems),
    hide: section.has("hide")
      ? readFields(section.raw("hide"), section.path("hide"), problems)
      : NOTHING_HIDDEN,
    hideByRecipient: readByRecipient(
      section.table("hide_by_recipient"),
      "fault",
      problems,
      (value, path) => readFields(value, path, problems),
    ),
    languageByRecipient: readByRecipient(
      section.table("language_by_recipient"),
      "error",
      problems,
      (value, path) => {
        const language = findLanguage(value);
        if (language !== undefined) return language;
        const detail = `${expectedLanguage(value)}; it is left out`;
        return problems.error(path, detail, languageHint(value));
      },
    ),
  };
}

function readLanguage(
  section: Section,
  problems: ProblemList,
): Language | undefined {
  const value = section.raw("language");
  if (value === undefined || value === "") return undefined;
  return findLanguage(value) ??
    problems.fault(
      section.path("language"),
      expectedLanguage(value),
      languageHint(value),
    );
}

/** Reads fields to hide, as a list or as one text. */
function readFields(
  value: unknown,
  path: KeyPath,
  problems: ProblemList,
): HiddenFields {
  if (value === "") return NOTHING_HIDDEN;
  const fields = new Set<HideableField>();
  for (const { path: place, item } of itemsAt(path, value)) {
    const field = HIDEABLE_FIELDS.find((each) => each === item);
    if (field !== undefined) {
      fields.add(field);
      continue;
    }
    const near = nearest(
      typeof item === "string" ? item : "",
      HIDEABLE_FIELDS,
    );
    problems.fault(
      place,
      `expected one of ${HIDEABLE_FIELDS.join(", ")}, found ${
        describeValue(item)
      }`,
      near === undefined
        ? 'write a list such as ["reason", "logins"]'
        : `did you mean "${near}"?`,
    );
  }
  return HIDEABLE_FIELDS.filter((field) => fields.has(field));
}

/**
 * Reads a value for each recipient; `read` gives none where it has noted what is wrong.
 *
 * @param severity What a recipient is that cannot be read.
 */
function readByRecipient<T>(
  section: Section,
  severity: "fault" | "error",
  problems: ProblemList,
  read: (value: unknown, path: KeyPath) => T | undefined,
): ReadonlyMap<string, T> {
  const values = new Map<string, T>();
  for (const [name, value] of section.entries) {
    const path = section.path(name);
    const recipient = readRecipient(name);
    if (!("value" in recipient)) {
      const hint = entryHint(name, value, recipient.hint);
      if (severity === "fault") problems.fault(path, recipient.detail, hint);
      else problems.error(path, `${recipient.detail}; it is left out`, hint);
      continue;
    }
    const known = read(value, path);
    if (known !== undefined) values.set(recipient.value, known);
  }
  return values;
}

const CODES = Object.keys(CATALOGUES);

function expectedLanguage(value: unknown): string {
  return `expected one of ${CODES.join(", ")}, found ${describeValue(value)}`;
}

/** Returns the language of a code, in upper or lower case. */
function findLanguage(value: unknown): Language | undefined {
  const code = typeof value === "string" ? value.toLowerCase() : "";
  return isLanguage(code) ? code : undefined;
}

/** Names the language that was meant by its name in English or its own, or by the code of a region. */
function languageHint(value: unknown): string {
  const word = typeof value === "string" ? value : "";
  const [code = ""] = word.toLowerCase().split(/[-_]/);
  if (isLanguage(code)) return `write "${code}"`;
  const codeByName = new Map(
    CODES.flatMap((code) =>
      [code, nameOf(code, "en"), nameOf(code, code)].map((name) => [name, code])
    ),
  );
  const near = codeByName.get(nearest(word, [...codeByName.keys()]) ?? "");
  return near === undefined
    ? "leave the key out for English; docs/languages.md says how to add a language"
    : `did you mean "${near}"?`;
}

function nameOf(code: string, inLanguage: string): string {
  const names = new Intl.DisplayNames([inLanguage], { type: "language" });
  return names.of(code) ?? code;
}
