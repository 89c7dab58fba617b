/**
 * Where the files belong, whose they are, and how they are used.
 *
 * @module
 */

import { resolve } from "node:path";
import {
  DEFAULT_CONFIG_PATH,
  PACKAGE_IDENTITY_PATH,
  PACKAGE_TOKEN_PATH,
  SERVICE_USER,
} from "../../config/default_path.ts";
import { quoteWord } from "../../ports/admin_hints.ts";

/** Name of a user. */
export type Owner = "root" | typeof SERVICE_USER;

/** Where a file belongs. */
export interface Place {
  readonly path: string;
  readonly mode: number;
  /** Its user, beside the group of the service; `undefined` if it belongs to whoever writes it. */
  readonly owner: Owner | undefined;
}

/** Where everything belongs. */
export interface Layout {
  readonly kind: "package" | "folder";
  readonly config: Place;
  readonly token: Place;
  /** Where an identity file is copied to; `undefined` if the plugin reads it where it is. */
  identity(path: string): Place | undefined;
  /** Returns how a command is run with this configuration. */
  commandLine(name: "check" | "start"): string;
}

/**
 * Files that the unit of the packages keeps from the service (ProtectHome=, PrivateTmp=). Others stay where
 * they are: tbot may renew them there.
 */
const HIDDEN_FROM_SERVICE = /^\/(?:home|root|run\/user|tmp|var\/tmp)\//;

/** What the packages expect, and the unit that they bring. */
export const PACKAGE_LAYOUT: Layout = {
  kind: "package",
  config: { path: DEFAULT_CONFIG_PATH, mode: 0o640, owner: "root" },
  token: { path: PACKAGE_TOKEN_PATH, mode: 0o640, owner: "root" },
  identity(path) {
    return HIDDEN_FROM_SERVICE.test(path)
      ? { path: PACKAGE_IDENTITY_PATH, mode: 0o640, owner: SERVICE_USER }
      : undefined;
  },
  commandLine: (name) =>
    name === "check"
      ? "sudo -u teleport-discord teleport-discord check"
      : "sudo systemctl enable --now teleport-discord",
};

/** Everything in one folder, for its owner alone. */
export function folderLayout(folder: string): Layout {
  const place = (name: string): Place => ({
    path: resolve(folder, name),
    mode: 0o600,
    owner: undefined,
  });
  const config = place("teleport-discord.toml");
  return {
    kind: "folder",
    config,
    token: place("token"),
    identity: () => undefined,
    commandLine: (name) =>
      `${programCommand()} ${name} --config=${quoteWord(config.path)}`,
  };
}

/** What starts this program: from the sources there is no command of its name. */
function programCommand(): string {
  const path = decodeURIComponent(new URL(Deno.mainModule).pathname);
  return path.endsWith(".ts")
    ? `deno run --allow-net --allow-env --allow-read ${quoteWord(path)}`
    : "teleport-discord";
}
