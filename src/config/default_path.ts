/**
 * Where the files of an installed plugin lie, and whose they are.
 *
 * @module
 */

/** The user that the service runs as, and its group. */
export const SERVICE_USER = "teleport-discord";

/** The configuration that is read unless `--config` names another one; Teleport's guides use it. */
export const DEFAULT_CONFIG_PATH = "/etc/teleport-discord.toml";

/** Where the packages have a place for the bot token. */
export const PACKAGE_TOKEN_PATH = "/etc/teleport-discord/token";

/** Where the packages have a place for the identity, which tbot renews. */
export const PACKAGE_IDENTITY_PATH = "/var/lib/teleport-discord/identity";

/** A file is written under this name beside it, then renamed. */
export const NEW_SUFFIX = ".new";

/** What `init` may write beside the folders of the plugin; nothing else in the program does. */
export const SETUP_PATHS: readonly string[] = [
  DEFAULT_CONFIG_PATH,
  `${DEFAULT_CONFIG_PATH}${NEW_SUFFIX}`,
  "/etc/teleport-discord",
];
