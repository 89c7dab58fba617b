/**
 * A configuration from its text alone.
 *
 * @module
 */

import { type Config, draftConfig } from "../../src/config/config.ts";

/**
 * Parses a configuration.
 *
 * @param file Its path, for messages.
 * @throws {ConfigError} If it cannot be used.
 */
export function parseConfig(text: string, file: string): Config {
  return draftConfig(text, file).finish();
}
