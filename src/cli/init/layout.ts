/**
 * Where the files belong, and whose they are.
 *
 * @module
 */

import { resolve } from "node:path";
import {
  DEFAULT_CONFIG_PATH,
  PACKAGE_IDENTITY_PATH,
  PACKAGE_TOKEN_PATH,
} from "../../config/default_path.ts";

/** The user that the service runs as, and its group. */
export const SERVICE_USER = "teleport-discord";

/** Name of an owner and of a group. */
export interface Owner {
  readonly user: string;
  readonly group: string;
}

/** Where a file belongs. */
export interface Place {
  readonly path: string;
  readonly mode: number;
  /** `undefined` if it belongs to whoever writes it. */
  readonly owner: Owner | undefined;
}

/** Where everything belongs. */
export interface Layout {
  readonly kind: "package" | "folder";
  readonly config: Place;
  readonly token: Place;
  /** Where an identity file is copied to; `undefined` if the plugin reads it where it is. */
  identity(path: string): Place | undefined;
}

const BY_ROOT: Owner = { user: "root", group: SERVICE_USER };

/** What the packages expect, and the unit that they bring. */
export const PACKAGE_LAYOUT: Layout = {
  kind: "package",
  config: { path: DEFAULT_CONFIG_PATH, mode: 0o640, owner: BY_ROOT },
  token: { path: PACKAGE_TOKEN_PATH, mode: 0o640, owner: BY_ROOT },
  identity(path) {
    if (!isHiddenFromService(path)) return undefined;
    const owner: Owner = { user: SERVICE_USER, group: SERVICE_USER };
    return { path: PACKAGE_IDENTITY_PATH, mode: 0o640, owner };
  },
};

/** Everything in one folder, for its owner alone. */
export function folderLayout(folder: string): Layout {
  const place = (name: string): Place => ({
    path: resolve(folder, name),
    mode: 0o600,
    owner: undefined,
  });
  return {
    kind: "folder",
    config: place("teleport-discord.toml"),
    token: place("token"),
    identity: () => undefined,
  };
}

/**
 * Whether the unit of the packages keeps a file from the service (ProtectHome=, PrivateTmp=). Others stay where
 * they are: tbot may renew them there.
 */
function isHiddenFromService(path: string): boolean {
  return /^\/(?:home|root|run\/user|tmp|var\/tmp)\//.test(path);
}
