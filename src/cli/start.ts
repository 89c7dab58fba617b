/**
 * `teleport-discord start`
 *
 * @module
 */

import { logProblem } from "../config/reading/problem.ts";
import type { SettingsOptions } from "../daemon/settings.ts";
import { systemClock } from "../lib/async/clock.ts";
import { GIT_REF, VERSION } from "../lib/build.ts";
import { EXIT } from "../lib/exit_codes.ts";
import { requireDeno } from "../lib/deno_version.ts";
import { HostSignals } from "../lib/host/host_signals.ts";
import { isJournal } from "../lib/host/journal.ts";
import { onNpxEnded } from "../lib/host/npx_parent.ts";
import { outliveFaults } from "../lib/host/unhandled_errors.ts";
import { createLogger } from "../lib/log/logger.ts";
import { gatherEntropy } from "../lib/net/entropy.ts";
import { OperatorError } from "../lib/operator_error.ts";

/**
 * Runs the daemon in the foreground until the signal to stop.
 *
 * @returns The exit code.
 * @throws {OperatorError} If the configuration cannot be used; later there is a log to say things in.
 */
export async function start(
  options: SettingsOptions,
  stop: AbortSignal,
): Promise<number> {
  gatherEntropy();
  using signals = new HostSignals("SIGHUP", "SIGUSR1", "SIGUSR2");
  // The daemon brings gRPC; with the settings loaded before that a process keeps 1 MiB more.
  const [{ Settings }, { runDaemon }] = await Promise.all([
    import("../daemon/settings.ts"),
    import("../daemon/daemon.ts"),
  ]);
  const settings = await Settings.load(options);
  requireDeno();
  const onJournal = await isJournal(Deno.env.get("JOURNAL_STREAM"));
  await using logger = createLogger(
    settings.logOptions(),
    systemClock,
    onJournal,
  );
  if (options.debug) logger.debug("DEBUG logging enabled");
  logger.info("Starting Teleport Access Discord Plugin", {
    version: VERSION,
    ...(GIT_REF === "" ? {} : { git_ref: GIT_REF }),
  });
  for (const problem of settings.config.problems) logProblem(logger, problem);
  using _faults = outliveFaults(logger);
  const orphaned = new AbortController();
  using _npx = onNpxEnded(() => {
    logger.info("npx has ended, which started the plugin");
    orphaned.abort();
  });
  try {
    const ending = AbortSignal.any([stop, orphaned.signal]);
    await runDaemon(settings, logger, signals, ending);
  } catch (error) {
    logger.error("Terminating with fatal error", { err: error });
    return error instanceof OperatorError ? EXIT.config : EXIT.failure;
  }
  logger.info("Successfully shut down");
  return EXIT.stopped;
}
