/**
 * What the check says of the configuration, and of the token that it names.
 *
 * @module
 */

import type { Problem } from "../../config/reading/problem.ts";
import type { TokenReading } from "../../config/sections/token_form.ts";
import type { RoutingTable } from "../../route/role_map.ts";
import { type Finding, found } from "../report/finding.ts";

/**
 * Judges a configuration.
 *
 * @param file Its path.
 * @param routing What could be read of it; `undefined` if it is not TOML.
 */
export function judgeConfiguration(
  file: string,
  problems: readonly Problem[],
  routing: RoutingTable | undefined,
): Finding[] {
  const findings = problems.map(judgeProblem);
  if (routing === undefined) return findings;
  const recipients = new Set([...routing.values()].flat()).size;
  if (findings.some(({ status }) => status === "failed")) return findings;
  const detail = `${plural(recipients, "recipient")} for ${
    plural(routing.size, "entry", "entries")
  } of [role_to_recipients]`;
  const subject = `configuration ${file}`;
  return [{ id: "configuration", subject, ...found.ok(detail) }, ...findings];
}

/** Judges what is wrong with a token, if anything is. */
export function judgeToken({ token, flaw }: TokenReading): Finding[] {
  if (flaw === undefined) return [];
  const status = token === undefined ? "failed" : "warning";
  const outcome = found[status](flaw.detail, flaw.hint);
  return [{ id: "discord.token", subject: "bot token", ...outcome }];
}

/** Whether the values of a section can be used in spite of these problems. */
export function isUsable(
  section: string,
  problems: readonly Problem[],
): boolean {
  return !problems.some(({ severity, key }) =>
    severity === "fault" &&
    (key === section || key?.startsWith(`${section}.`) === true)
  );
}

function judgeProblem(problem: Problem): Finding {
  const { severity, file, line, key, detail, hint } = problem;
  const place = line === undefined ? file : `${file}:${line}`;
  return {
    id: "configuration.problem",
    subject: key === undefined ? place : `${place}: ${key}`,
    ...found[severity === "warning" ? "warning" : "failed"](detail, hint),
  };
}

function plural(count: number, one: string, many = `${one}s`): string {
  return `${count} ${count === 1 ? one : many}`;
}
