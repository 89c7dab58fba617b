/**
 * Files with resources of Teleport, as `tctl get` prints them in YAML or JSON: access monitoring rules,
 * access requests, and what a condition may look at beside them.
 *
 * @module
 */

import {
  ConfigError,
  type Problem,
  quote,
} from "../../config/reading/problem.ts";
import { ReadError, readText } from "../../config/reading/read_text.ts";
import { OperatorError } from "../../lib/operator_error.ts";
import type {
  AccessRequest,
  RequestState,
} from "../../ports/access_request.ts";
import type { MonitoringRule } from "../../ports/monitoring_rule.ts";
import type { LookedUp } from "../../route/predicate/condition.ts";
import { Fields } from "./resource_fields.ts";
import { parseYaml, YamlError, type YamlNode } from "./yaml.ts";

/** What a file holds. */
export interface Resources {
  /** Each with its place, as `file:line`. */
  readonly rules: ReadonlyMap<MonitoringRule, string>;
  readonly requests: readonly AccessRequest[];
  /** Traits by user. */
  readonly traits: ReadonlyMap<
    string,
    Readonly<Record<string, readonly string[]>>
  >;
  /** Labels by kind and name, as `kind/name`. */
  readonly labels: ReadonlyMap<string, Readonly<Record<string, string>>>;
}

const MAX_FILE_BYTES = 16 * 1024 * 1024;

/**
 * Reads a file.
 *
 * @throws {OperatorError} If it cannot be read. A {@linkcode ConfigError} if anything in it cannot be
 * used; it names file and line.
 */
export async function readResourceFile(path: string): Promise<Resources> {
  try {
    return readResources(await readText(path, MAX_FILE_BYTES), path);
  } catch (error) {
    if (!(error instanceof ReadError)) throw error;
    throw new OperatorError(`Cannot read ${quote(path)}: ${error.message}`, {
      hint: "name a file with what `tctl get` printed, or the ID of a request",
    });
  }
}

/**
 * Reads resources; kinds that do not matter here are passed over.
 *
 * @param file Name for messages.
 * @throws {ConfigError} With everything that is wrong.
 */
export function readResources(text: string, file: string): Resources {
  const problems: Problem[] = [];
  const rules = new Map<MonitoringRule, string>();
  const requests: AccessRequest[] = [];
  const traits = new Map<string, Record<string, readonly string[]>>();
  const labels = new Map<string, Record<string, string>>();
  for (const node of documentsOf(text, file)) {
    const fields = Fields.open(node, file, problems);
    const kind = fields.text("kind");
    const metadata = fields.table("metadata");
    const name = metadata.text("name");
    switch (kind) {
      case "access_monitoring_rule":
        rules.set(readRule(fields, name), `${file}:${node.line}`);
        break;
      case "access_request":
        requests.push(readRequest(fields, name));
        break;
      case "user":
        traits.set(name, fields.table("spec").table("traits").textLists());
        break;
      default:
        labels.set(`${kind}/${name}`, metadata.table("labels").texts());
    }
  }
  if (problems.length > 0) throw new ConfigError(problems);
  return { rules, requests, traits, labels };
}

/** Returns what the file tells that conditions look at beside the request. */
export function lookedUpIn(
  { traits, labels }: Resources,
  { user, resources }: AccessRequest,
): LookedUp {
  const found = resources.map(({ kind, name }) => labels.get(`${kind}/${name}`))
    .filter((each) => each !== undefined);
  return {
    userTraits: traits.get(user),
    resourceLabels: found.length === resources.length ? found : undefined,
  };
}

/** Several documents, or in JSON one list of them. */
function documentsOf(text: string, file: string): YamlNode[] {
  try {
    return parseYaml(text).flatMap((node) =>
      Array.isArray(node.value) ? [...node.value] : [node]
    );
  } catch (error) {
    if (!(error instanceof YamlError)) throw error;
    throw new ConfigError([{
      severity: "fault",
      file,
      line: error.line,
      key: undefined,
      detail: `expected YAML or JSON, found a mistake: ${error.message}`,
      hint: "write it in the form in which `tctl get` prints it; it prints " +
        "several resources at once: `tctl get KIND/NAME,KIND/NAME`",
    }]);
  }
}

function readRule(fields: Fields, name: string): MonitoringRule {
  const spec = fields.table("spec");
  const notification = spec.table("notification");
  const schedules = spec.table("schedules").tables().map((
    [key, schedule],
  ) => {
    const time = schedule.table("time");
    const shifts = time.list("shifts").map((shift) => ({
      weekday: shift.text("weekday"),
      start: shift.text("start"),
      end: shift.text("end"),
    }));
    return [key, { timezone: time.text("timezone"), shifts }] as const;
  });
  return {
    name,
    subjects: spec.textList("subjects"),
    condition: spec.text("condition"),
    plugin: notification.text("name"),
    recipients: notification.textList("recipients"),
    schedules: new Map(schedules),
    unreadable: undefined,
  };
}

/** As `tctl get` numbers them. */
const STATES: readonly RequestState[] = [
  "UNKNOWN",
  "PENDING",
  "APPROVED",
  "DENIED",
  "PROMOTED",
];

function readRequest(fields: Fields, id: string): AccessRequest {
  const spec = fields.table("spec");
  return {
    id,
    user: spec.text("user"),
    roles: spec.textList("roles"),
    state: STATES[spec.integer("state") ?? 1] ?? "UNKNOWN",
    kind: "UNDEFINED",
    created: spec.requiredTime("created"),
    requestExpires: spec.time("expiry") ??
      fields.table("metadata").time("expires"),
    accessStarts: spec.time("assume_start_time"),
    accessExpires: spec.time("expires"),
    maxDuration: spec.time("max_duration"),
    reason: spec.text("request_reason"),
    resolveReason: spec.text("resolve_reason"),
    reviews: [],
    suggestedReviewers: spec.textList("suggested_reviewers"),
    resources: spec.list("resource_ids").map((resource) => ({
      cluster: resource.text("cluster"),
      kind: resource.text("kind"),
      name: resource.text("name"),
      subResource: resource.text("sub_resource"),
    })),
    systemAnnotations: spec.table("system_annotations").textLists(),
    promotedTo: undefined,
    unknownFields: [],
  };
}

/** Returns the only request of a file. @throws {ConfigError} If there is none, or more. */
export function onlyRequest(
  { requests }: Resources,
  file: string,
): AccessRequest {
  const [request, ...others] = requests;
  if (request !== undefined && others.length === 0) return request;
  const found = request === undefined ? "none" : `${requests.length}`;
  throw new ConfigError([{
    severity: "fault",
    file,
    line: undefined,
    key: undefined,
    detail: `expected one access request, found ${found}`,
    hint: "write the file with `tctl get access_request/ID`",
  }]);
}
