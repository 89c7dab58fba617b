/**
 * The sections and keys of a configuration file, and what was probably meant by any other.
 *
 * @module
 */

import { nearest } from "./reading/nearest_word.ts";
import { quote } from "./reading/problem.ts";
import { isTable, type Section } from "./reading/section.ts";

/** Sections whose keys are names that the operator chooses. */
const OPEN_SECTIONS = ["role_to_recipients", "role_to_mentions", "users"];

/** Keys by section. */
export const KNOWN_KEYS: Readonly<Record<string, readonly string[]>> = {
  teleport: [
    "addr",
    "auth_server",
    "identity",
    "refresh_identity",
    "refresh_identity_interval",
    "client_key",
    "client_crt",
    "root_cas",
    "resync_interval",
    "web_ca",
  ],
  discord: [
    "token",
    "apiurl",
    "notify_requester",
    "notify_suggested_reviewers",
    "remind_after",
    "notify_before_end",
    "thread_per_request",
    "user_id_trait",
  ],
  log: ["output", "severity", "format"],
  http: ["listen"],
  review: ["enabled", "require_reason"],
  messages: ["language", "language_by_recipient", "hide", "hide_by_recipient"],
  escalation: ["after", "roles", "recipients", "mentions"],
};

/** Keys of `[discord]` that the official plugin takes as well, and that nobody need write. */
const OTHER_KEYS = ["APIURL", "aPIURL"];

/** Top-level keys that the official plugin reads and that change nothing for Discord. */
const WITHOUT_EFFECT = ["PluginType", "TeleportUser"].flatMap((name) => [
  name,
  name.toLowerCase(),
  name.toUpperCase(),
  name.charAt(0).toLowerCase() + name.slice(1),
]);

/** Sections that can be there several times, each with two brackets. */
const REPEATED = ["escalation"];

const SECTIONS = [...Object.keys(KNOWN_KEYS), ...OPEN_SECTIONS];

/** Warns of each section and key that this program does not know, naming the nearest that it does. */
export function checkKnownKeys(file: Section): void {
  for (const [name, value] of file.entries) {
    if (WITHOUT_EFFECT.includes(name)) {
      file.warning(name, "Key without effect", "remove it");
    } else if (!SECTIONS.includes(name)) {
      const what = isTable(value) ? "Unknown section" : "Unknown key";
      file.warning(name, what, suggestSection(name, value));
    } else if (isTable(value)) {
      checkKeys(name, file.table(name));
    } else if (
      REPEATED.includes(name) && Array.isArray(value) && value.every(isTable)
    ) {
      for (const each of file.tables(name)) checkKeys(name, each);
    }
  }
}

function checkKeys(name: string, section: Section): void {
  const known = KNOWN_KEYS[name];
  if (known === undefined) return;
  for (const [key] of section.entries) {
    if (known.includes(key)) continue;
    if (name === "discord" && OTHER_KEYS.includes(key)) continue;
    if (name === "discord" && key === "recipients") {
      section.warning(
        key,
        "Key without effect",
        "write the recipients below [role_to_recipients]",
      );
      continue;
    }
    section.warning(key, "Unknown key", suggestKey(name, key));
  }
}

function suggestSection(name: string, value: unknown): string {
  const home = homeOf(name);
  if (!isTable(value) && home !== undefined) {
    return `this key belongs below ${bracketed(home)}`;
  }
  const near = nearest(name, SECTIONS);
  return near === undefined
    ? `it is ignored; the sections are ${SECTIONS.join(", ")}`
    : `it is ignored; did you mean ${bracketed(near)}?`;
}

function suggestKey(section: string, key: string): string {
  const near = nearest(key, KNOWN_KEYS[section] ?? []);
  if (near !== undefined) return `it is ignored; did you mean ${quote(near)}?`;
  const home = homeOf(key);
  if (home !== undefined) return `this key belongs below ${bracketed(home)}`;
  if (OPEN_SECTIONS.includes(key)) {
    return `[${key}] is a section of its own, not a part of [${section}]`;
  }
  const names = KNOWN_KEYS[section] ?? [];
  return `it is ignored; the keys of ${bracketed(section)} are ${
    names.join(", ")
  }`;
}

/** Returns the name of a section as it stands above its keys. */
function bracketed(section: string): string {
  return REPEATED.includes(section) ? `[[${section}]]` : `[${section}]`;
}

/** Returns the section that has this key. */
function homeOf(key: string): string | undefined {
  return Object.keys(KNOWN_KEYS)
    .find((section) => KNOWN_KEYS[section]?.includes(key));
}
