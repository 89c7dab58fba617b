/**
 * Which parts of a configuration a running program can take over, and which take a restart.
 *
 * @module
 */

import type { Config } from "./config.ts";

type Divided = "teleport" | "discord" | "http";

/** Each part that is taken over as a whole. */
type Part =
  | { [S in Divided]: `${S}.${keyof Config[S] & string}` }[Divided]
  | Exclude<keyof Config, Divided | "problems">;

/**
 * `live` where whoever uses the part asks for it each time; else the keys that it is made of, which
 * are said when a changed one takes a restart.
 */
const PARTS: Readonly<Record<Part, "live" | { readonly restart: string }>> = {
  "teleport.addr": { restart: "teleport.addr" },
  "teleport.webCaPath": { restart: "teleport.web_ca" },
  "teleport.credentials": {
    restart:
      "teleport.identity, teleport.client_key, teleport.client_crt, teleport.root_cas",
  },
  "teleport.refreshIntervalMs": {
    restart: "teleport.refresh_identity_interval",
  },
  "teleport.resyncIntervalMs": { restart: "teleport.resync_interval" },
  "discord.token": "live",
  "discord.apiUrl": { restart: "discord.apiurl" },
  "discord.notices": "live",
  "discord.userIdTrait": "live",
  "http.listen": { restart: "http.listen" },
  routing: "live",
  mentions: "live",
  users: "live",
  review: { restart: "review.enabled, review.require_reason" },
  messages: "live",
  log: "live",
};

/** A configuration that takes the place of another one. */
export interface Takeover {
  /** The new one, but for the parts that take a restart. */
  readonly config: Config;
  /** Keys whose change takes a restart. */
  readonly restart: readonly string[];
}

/** Takes over what can be from a new configuration. */
export function takeOver(running: Config, next: Config): Takeover {
  let config = next;
  const restart: string[] = [];
  for (const [part, change] of Object.entries(PARTS)) {
    if (change === "live") continue;
    if (fingerprint(read(running, part)) !== fingerprint(read(next, part))) {
      restart.push(change.restart);
    }
    config = write(config, part, read(running, part));
  }
  return { config, restart };
}

type Tree = Readonly<Record<string, unknown>>;

function read(config: Config, part: string): unknown {
  const [section = "", key] = part.split(".");
  const value = (config as unknown as Tree)[section];
  return key === undefined ? value : (value as Tree)[key];
}

function write(config: Config, part: string, value: unknown): Config {
  const [section = "", key] = part.split(".");
  const old = (config as unknown as Tree)[section];
  const changed = key === undefined
    ? value
    : { ...(old as Tree), [key]: value };
  return { ...config, [section]: changed };
}

/** Returns a text that is the same for the same values. */
function fingerprint(value: unknown): string {
  return JSON.stringify(value) ?? "";
}
