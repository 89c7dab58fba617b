/**
 * What was found, as JSON for a program.
 *
 * @module
 */

import { VERSION } from "../../lib/build.ts";
import type { Area } from "./finding.ts";

/** Number of the form; it grows if a reader of the former one would be misled. */
const FORM = 1;

/**
 * Formats everything as one JSON object.
 *
 * New keys may come with any release; those that are there keep their meaning.
 */
export function formatJsonReport(
  configPath: string,
  areas: readonly Area[],
  exitCode: number,
): string {
  const report = {
    form: FORM,
    version: VERSION,
    config: configPath,
    exit_code: exitCode,
    findings: areas.flatMap(({ id: area, findings }) =>
      findings.map(({ id, status, subject, detail, remedy }) => ({
        area,
        id,
        status,
        subject,
        detail,
        remedy: remedy ?? null,
      }))
    ),
  };
  return `${JSON.stringify(report, null, 2)}\n`;
}
