/**
 * The `[log]` section.
 *
 * @module
 */

import type { LogTarget } from "../../lib/log/log_output.ts";
import type { LogLevel } from "../../lib/log/log_record.ts";
import type { LogOptions } from "../../lib/log/logger.ts";
import { quote } from "../reading/problem.ts";
import type { Section } from "../reading/section.ts";

const LEVELS: Readonly<Record<string, LogLevel>> = {
  trace: "trace",
  debug: "debug",
  info: "info",
  warn: "warning",
  warning: "warning",
  err: "error",
  error: "error",
};

/** Reads where log lines go and what they look like; what is not set gets its default. */
export function readLogOptions(section: Section): LogOptions {
  const levels = ["error", "warn", "info", "debug", "trace"];
  return {
    output: readTarget(section),
    level: section.choice("severity", LEVELS, levels) ?? "info",
    format: section.word("format", ["text", "json"]) ?? "text",
  };
}

const STDERR = ["stderr", "error", "2", "/dev/stderr"];
const STDOUT = ["stdout", "out", "1", "/dev/stdout"];

function readTarget(section: Section): LogTarget {
  const output = section.filePath("output") ?? "stderr";
  if (STDERR.includes(output)) return { kind: "stderr" };
  if (STDOUT.includes(output)) return { kind: "stdout" };
  if (output !== "syslog" && output !== "os_log") {
    return { kind: "file", path: output };
  }
  const expected = 'expected "stderr", "stdout" or the path of a file';
  section.fault(
    "output",
    `${expected}, found ${quote(output)}`,
    'write "stderr": systemd and container runtimes collect it',
  );
  return { kind: "stderr" };
}
