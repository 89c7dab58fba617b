/**
 * Taking a changed configuration, token, identity or log file into use, all of it or nothing.
 *
 * @module
 */

import {
  ConfigError,
  formatProblem,
  logProblem,
} from "../config/reading/problem.ts";
import type { RootLogger } from "../lib/log/logger.ts";
import type { Secret } from "../lib/secret.ts";
import type { Settings } from "./settings.ts";

/** What {@linkcode reload} needs. */
export interface ReloadOptions {
  readonly settings: Settings;
  readonly logger: RootLogger;
  /**
   * Checks a token that is to take the place of another.
   *
   * @throws {OperatorError} If Discord refuses it.
   */
  readonly checkToken: (token: Secret) => Promise<void>;
  /**
   * Reads the credentials again and returns what takes them into use.
   *
   * @throws {OperatorError} If they cannot be used.
   */
  readonly readCredentials: () => Promise<() => void>;
  /** Called when everything new is in use. */
  readonly onDone: () => void;
}

/**
 * Reads everything, and only then takes it into use; nothing that is under way is disturbed.
 *
 * @returns Whether it was done; otherwise the log says why, and everything is as before.
 */
export async function reload(
  { settings, logger, checkToken, readCredentials, onDone }: ReloadOptions,
): Promise<boolean> {
  try {
    const next = await settings.readAgain();
    if (next.token.reveal() !== settings.token.reveal()) {
      await checkToken(next.token);
    }
    const useCredentials = await readCredentials();
    logger.reconfigure(settings.logOptions(next.config));
    // From here on nothing can fail.
    const restart = settings.use(next);
    useCredentials();
    for (const problem of next.config.problems) logProblem(logger, problem);
    logger.info("configuration reloaded");
    if (restart.length > 0) {
      const keys = restart.join(", ");
      logger.warn("some changes take a restart", { keys });
    }
    onDone();
    return true;
  } catch (error) {
    report(error, logger);
    return false;
  }
}

function report(error: unknown, logger: RootLogger): void {
  const message = "cannot reload the configuration, keeping the old one";
  if (!(error instanceof ConfigError)) {
    return logger.error(message, { err: error });
  }
  for (const problem of error.problems) {
    if (problem.severity !== "fault") continue;
    const { hint } = problem;
    logger.error(message, { problem: formatProblem(problem), hint });
  }
}
