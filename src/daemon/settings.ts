/**
 * The configuration and the token in use, and what may take their place.
 *
 * @module
 */

import type { Config } from "../config/config.ts";
import { loadConfig, type LoadedConfig } from "../config/load.ts";
import { takeOver } from "../config/takeover.ts";
import type { LogOptions } from "../lib/log/logger.ts";
import type { Secret } from "../lib/secret.ts";

/** Where the configuration is, and what the command line adds to it. */
export interface SettingsOptions {
  readonly configPath: string;
  /** Whether everything down to severity debug is logged, whatever the file says. */
  readonly debug: boolean;
}

/** Holds what is in use. Whoever uses a part that can change asks for it each time. */
export class Settings {
  readonly #options: SettingsOptions;
  #current: LoadedConfig;

  private constructor(options: SettingsOptions, current: LoadedConfig) {
    this.#options = options;
    this.#current = current;
  }

  /**
   * Reads the configuration and the token.
   *
   * @throws {OperatorError} If anything in them is wrong.
   */
  static async load(options: SettingsOptions): Promise<Settings> {
    return new Settings(options, await loadConfig(options.configPath));
  }

  get config(): Config {
    return this.#current.config;
  }

  get token(): Secret {
    return this.#current.token;
  }

  /** How to log by this configuration. */
  logOptions({ log }: Config = this.config): LogOptions {
    return this.#options.debug ? { ...log, level: "debug" } : log;
  }

  /**
   * Reads the files again; nothing changes yet.
   *
   * @throws {OperatorError} If anything in them is wrong.
   */
  async readAgain(): Promise<LoadedConfig> {
    return await loadConfig(this.#options.configPath);
  }

  /** Takes what was read into use; returns the keys whose change takes a restart. */
  use(next: LoadedConfig): readonly string[] {
    const { config, restart } = takeOver(this.config, next.config);
    this.#current = { ...next, config };
    return restart;
  }

  /**
   * Reads the token alone from where it is configured, and takes it into use.
   *
   * @throws {OperatorError} If there is none.
   */
  async renewToken(): Promise<void> {
    const { readToken } = this.#current;
    const token = await readToken();
    // A reload in the meantime knows better.
    if (this.#current.readToken === readToken) {
      this.#current = { ...this.#current, token };
    }
  }
}
