/**
 * `teleport-discord check`
 *
 * @module
 */

import { VERSION } from "../lib/build.ts";
import { EXIT } from "../lib/exit_codes.ts";
import { requireDeno } from "../lib/deno_version.ts";
import { createStderrLogger } from "../lib/log/logger.ts";
import type { Terminal } from "../lib/terminal.ts";
import {
  type CheckHost,
  limitTime,
  systemCheckHost,
} from "./collect/check_host.ts";
import { examineDiscord } from "./collect/discord_side.ts";
import { examineSetUp } from "./collect/local_setup.ts";
import { examineTeleport } from "./collect/teleport_side.ts";
import { type Area, exitCodeFor, type Finding } from "./report/finding.ts";
import { formatJsonReport } from "./report/json_report.ts";
import { formatArea, formatSummary } from "./report/text_report.ts";

/** What the command line says. */
export interface CheckOptions {
  readonly configPath: string;
  readonly debug: boolean;
  readonly json: boolean;
  readonly sendTest: boolean;
}

/**
 * Checks a set-up and prints what it found, each part as soon as it is known.
 *
 * @returns The exit code: 78 if something has to be changed, 1 if something did not answer or the check
 * was interrupted, else 0.
 * @throws {OperatorError} If this Deno is too old.
 */
export async function check(
  options: CheckOptions,
  target: Omit<Terminal, "err">,
  stop: AbortSignal,
  host: CheckHost = systemCheckHost(),
): Promise<number> {
  requireDeno();
  // What goes wrong is in the report.
  const level = options.debug ? "debug" : "error";
  await using logger = createStderrLogger(level, host.clock);
  using limit = limitTime(host, stop);
  const context = { ...host, logger, signal: limit.signal };
  const areas: Area[] = [];
  const add = (id: string, title: string, findings: readonly Finding[]) => {
    if (findings.length === 0) return;
    const area = { id, title, findings };
    areas.push(area);
    if (!options.json) target.out(formatArea(area, target));
  };
  const setUp = await examineSetUp(options.configPath, host);
  add("configuration", "Configuration", [PROGRAM, ...setUp.configuration]);
  add("files", "Files", setUp.files);
  const teleport = examineTeleport(setUp.teleport, context);
  const rules = teleport.then((side) => side.monitoringRules, () => []);
  const discord = examineDiscord(
    setUp.discord,
    rules,
    options.sendTest,
    context,
  );
  // It may fail while the other is waited for.
  discord.catch(() => {});
  add("teleport", "Teleport", (await teleport).findings);
  add("discord", "Discord", await discord);
  const findings = areas.flatMap((area) => area.findings);
  const exitCode = stop.aborted ? EXIT.failure : exitCodeFor(findings);
  target.out(
    options.json
      ? formatJsonReport(options.configPath, areas, exitCode)
      : formatSummary(findings, target),
  );
  return exitCode;
}

const PROGRAM: Finding = {
  id: "program",
  subject: `teleport-discord ${VERSION}`,
  status: "ok",
  detail: `runs on Deno ${Deno.version.deno}`,
};
