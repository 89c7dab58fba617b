/**
 * Where a configuration lies.
 *
 * @module
 */

/** The path that is read unless `--config` names another one; Teleport's guides use it. */
export const DEFAULT_CONFIG_PATH = "/etc/teleport-discord.toml";
