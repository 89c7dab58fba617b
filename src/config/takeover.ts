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

const LIVE = undefined;

/**
 * `LIVE` where whoever uses the part asks for it each time; else the keys that it is made of, which
 * are said when a changed one takes a restart.
 */
const PARTS: Readonly<Record<Part, string | typeof LIVE>> = {
  "teleport.addr": "teleport.addr",
  "teleport.webCaPath": "teleport.web_ca",
  "teleport.credentials":
    "teleport.identity, teleport.client_key, teleport.client_crt, teleport.root_cas",
  "teleport.refreshIntervalMs": "teleport.refresh_identity_interval",
  "teleport.resyncIntervalMs": "teleport.resync_interval",
  "discord.token": LIVE,
  "discord.apiUrl": "discord.apiurl",
  "discord.notices": LIVE,
  "discord.userIdTrait": LIVE,
  "http.listen": "http.listen",
  routing: LIVE,
  mentions: LIVE,
  users: LIVE,
  review: "review.enabled, review.require_reason",
  messages: LIVE,
  log: LIVE,
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
  for (const [part, keys] of Object.entries(PARTS)) {
    if (keys === LIVE) continue;
    const inUse = read(running, part);
    if (JSON.stringify(inUse) !== JSON.stringify(read(next, part))) {
      restart.push(keys);
    }
    config = write(config, part, inUse);
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
