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

function readTarget(section: Section): LogTarget {
  const output = section.filePath("output");
  switch (output) {
    case undefined:
    case "stderr":
    case "error":
    case "2":
    case "/dev/stderr":
      return { kind: "stderr" };
    case "stdout":
    case "out":
    case "1":
    case "/dev/stdout":
      return { kind: "stdout" };
    case "syslog":
    case "os_log":
      section.fault(
        "output",
        `expected "stderr", "stdout" or the path of a file, found ${
          quote(output)
        }`,
        'write "stderr": systemd and container runtimes collect it',
      );
      return { kind: "stderr" };
    default:
      return { kind: "file", path: output };
  }
}
