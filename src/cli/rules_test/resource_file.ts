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
import {
  type AccessRequest,
  numberedState,
} from "../../ports/access_request.ts";
import {
  ACCESS_REQUEST_KIND,
  MONITORING_RULE_KIND,
} from "../../ports/auth_service.ts";
import type { MonitoringRule } from "../../ports/monitoring_rule.ts";
import type { LookedUp } from "../../route/predicate/condition.ts";
import { Value } from "./resource_fields.ts";
import {
  parseYaml,
  type YamlDocument,
  YamlError,
  type YamlNode,
} from "./yaml_reader.ts";

/** Where a rule stands in a file. */
export interface RulePlace {
  /** As `file:line`. */
  readonly text: string;
  /** What tctl takes otherwise than it looks, each a phrase. */
  readonly remarks: readonly string[];
}

/** What a file holds. */
export interface Resources {
  readonly rules: ReadonlyMap<MonitoringRule, RulePlace>;
  readonly requests: readonly AccessRequest[];
  /** Traits by user. */
  readonly traits: ReadonlyMap<
    string,
    Readonly<Record<string, readonly string[]>>
  >;
  /** Labels by kind and name, as `kind/name`. */
  readonly labels: ReadonlyMap<string, Readonly<Record<string, string>>>;
  /** What is neither a rule nor a request. */
  readonly others: readonly { readonly kind: string; readonly place: string }[];
}

const MAX_FILE_BYTES = 16 * 1024 * 1024;

/**
 * What a file was made for: `tctl get` prints one, also as a list in JSON; `tctl create` takes the other.
 */
export type FilePurpose = "printed" | "to be created";

/**
 * Reads a file.
 *
 * @throws {OperatorError} If it cannot be read. A {@linkcode ConfigError} if anything in it cannot be
 * used; it names file and line.
 */
export async function readResourceFile(
  path: string,
  purpose: FilePurpose,
): Promise<Resources> {
  try {
    return readResources(await readText(path, MAX_FILE_BYTES), path, purpose);
  } catch (error) {
    if (!(error instanceof ReadError)) throw error;
    throw new OperatorError(`Cannot read ${quote(path)}: ${error.message}`, {
      hint: "name a file with what `tctl get` printed, or the ID of a request",
    });
  }
}

/**
 * Reads resources; kinds that do not matter here are skipped.
 *
 * @param file Name for messages.
 * @throws {ConfigError} With everything that is wrong.
 */
export function readResources(
  text: string,
  file: string,
  purpose: FilePurpose,
): Resources {
  const problems: Problem[] = [];
  const rules = new Map<MonitoringRule, RulePlace>();
  const requests: AccessRequest[] = [];
  const traits = new Map<string, Record<string, readonly string[]>>();
  const labels = new Map<string, Record<string, string>>();
  const others: { kind: string; place: string }[] = [];
  const severity = purpose === "printed" ? "fault" : "warning";
  for (const { root, surprises } of resourcesOf(text, file, purpose)) {
    const found: Problem[] = [];
    const resource = new Value([root], [], { file, problems: found }, 1);
    const kind = resource.field("kind").text();
    const metadata = resource.field("metadata");
    const name = metadata.field("name").text();
    const place = `${file}:${root.line}`;
    for (const { line, text: detail } of surprises) {
      found.push({ severity, file, line, detail, hint: PRINT_HINT });
    }
    if (purpose === "to be created" && isRule(kind)) {
      refuse(resource);
      const rule = readRule(resource, name);
      const remarks = found.filter((each) => each.severity === "warning")
        .map(({ line, detail }) => `line ${line}: ${detail}`);
      for (const [earlier, { text: place }] of rules) {
        if (earlier.name !== rule.name) continue;
        rules.delete(earlier);
        remarks.push(`it replaces the one of the same name at ${place}`);
      }
      rules.set(rule, { text: place, remarks: [...new Set(remarks)] });
    } else if (kind === MONITORING_RULE_KIND) {
      rules.set(readRule(resource, name), { text: place, remarks: [] });
    } else if (kind === ACCESS_REQUEST_KIND) {
      requests.push(readRequest(resource, name));
    } else {
      others.push({ kind, place });
      if (kind === "user") {
        const found = resource.field("spec").field("traits");
        traits.set(name, found.textListTable());
      } else {
        labels.set(`${kind}/${name}`, metadata.field("labels").textTable());
      }
    }
    problems.push(...found);
  }
  if (problems.some(({ severity }) => severity === "fault")) {
    throw new ConfigError(problems);
  }
  return { rules, requests, traits, labels, others };
}

/** Whether somebody means a rule, or says nothing of what is meant. */
function isRule(kind: string): boolean {
  return kind === "" ||
    /^(?:access[-_]?monitoring[-_]?rules?|amr)$/i.test(kind);
}

/** Says why `tctl create` would refuse a rule, one thing of each field; seen on 18.0.0. */
function refuse(rule: Value): void {
  const [kind, version] = [rule.field("kind"), rule.field("version")];
  kind.refuseIf(
    kind.text() !== MONITORING_RULE_KIND,
    `\`tctl create\` does not know the kind ${quote(kind.text())}`,
    `write kind: ${MONITORING_RULE_KIND}`,
  );
  version.refuseIf(
    version.text() !== "v1",
    `\`tctl create\` refuses the version ${quote(version.text())}`,
    "write version: v1",
  );
  refuseMetadata(rule.field("metadata"));
  rule.field("sub_kind").text();
  refuseSpec(rule.field("spec"));
}

function refuseMetadata(metadata: Value): void {
  const [name, expires] = [metadata.field("name"), metadata.field("expires")];
  name.refuseIf(
    name.text() === "",
    "`tctl create` refuses a rule without a name",
    "write a name below metadata",
  );
  name.refuseIf(
    !isStorable(name.text()),
    `\`tctl create\` refuses the name ${quote(name.text())}`,
    "write a name of letters from a to z, digits and any of -_.:@+",
  );
  metadata.field("labels").textTable();
  expires.refuseIf(
    expires.isThere,
    "`tctl create` cannot read a time here",
    "leave it out",
  );
  for (const key of ["namespace", "description", "revision"]) {
    metadata.field(key).text();
  }
}

function refuseSpec(spec: Value): void {
  spec.field("states").texts();
  const desired = spec.field("desired_state");
  desired.refuseIf(
    !["", "reviewed"].includes(desired.text()),
    `\`tctl create\` refuses the state ${quote(desired.text())}`,
    "write desired_state: reviewed, or leave it out",
  );
  const review = spec.field("automatic_review");
  if (review.isThere) refuseReview(review);
  const subjects = spec.field("subjects");
  subjects.refuseIf(
    subjects.texts().length === 0,
    "`tctl create` refuses a rule without subjects",
    "write subjects: [access_request]",
  );
  const condition = spec.field("condition");
  condition.refuseIf(
    condition.text() === "",
    "`tctl create` refuses a rule without a condition",
    'write condition: "true" for a rule about every request',
  );
  const notification = spec.field("notification");
  notification.refuseIf(
    !notification.isThere && !review.isThere &&
      subjects.texts().includes(ACCESS_REQUEST_KIND),
    "`tctl create` refuses a rule with neither notification nor automatic_review",
    "write notification: {name: discord, recipients: [...]}",
  );
  const plugin = notification.field("name");
  plugin.refuseIf(
    notification.isThere && plugin.text() === "",
    "`tctl create` refuses a notification without the name of a plugin",
    "write name: discord",
  );
}

function refuseReview(review: Value): void {
  const [decision, integration] = [
    review.field("decision"),
    review.field("integration"),
  ];
  integration.refuseIf(
    integration.text() === "",
    "`tctl create` refuses an automatic review without an integration",
    "write integration: builtin",
  );
  decision.refuseIf(
    !["APPROVED", "DENIED"].includes(decision.text()),
    `\`tctl create\` refuses the decision ${quote(decision.text())}`,
    "write decision: APPROVED, or DENIED",
  );
}

/** Whether the storage takes a name; seen on 18.0.0. */
function isStorable(name: string): boolean {
  return /^[-\w.:@+]+$/.test(name) && !name.includes("..");
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

const PRINT_HINT =
  "write it in the form in which `tctl get` prints it; it prints " +
  "several resources at once: `tctl get KIND/NAME,KIND/NAME`";

/** Returns several documents, or where `tctl get` printed it one list of them in JSON. */
function resourcesOf(
  text: string,
  file: string,
  purpose: FilePurpose,
): YamlDocument[] {
  try {
    const documents = parseYaml(text);
    if (purpose === "printed") return documents.flatMap(itemsOf);
    if (documents.length === 0) throw new YamlError("there is no resource", 1);
    for (const { root: { value, line } } of documents) {
      if (value instanceof Map) continue;
      throw new YamlError(
        Array.isArray(value)
          ? "`tctl create` takes resources one after the other, and no list"
          : "expected a table with kind, version, metadata and spec",
        line,
      );
    }
    return documents;
  } catch (error) {
    if (!(error instanceof YamlError)) throw error;
    const detail = `expected YAML or JSON, found a mistake: ${error.message}`;
    const { line } = error;
    throw new ConfigError([
      { severity: "fault", file, line, detail, hint: PRINT_HINT },
    ]);
  }
}

function itemsOf({ root, surprises }: YamlDocument): YamlDocument[] {
  if (!Array.isArray(root.value)) return [{ root, surprises }];
  return root.value.map((item: YamlNode) => ({ root: item, surprises }));
}

function readRule(rule: Value, name: string): MonitoringRule {
  const spec = rule.field("spec");
  const notification = spec.field("notification");
  const schedules = spec.field("schedules").entries().map(([key, schedule]) => {
    const time = schedule.field("time");
    const shifts = time.field("shifts").items().map((shift) => ({
      weekday: shift.field("weekday").text(),
      start: shift.field("start").text(),
      end: shift.field("end").text(),
    }));
    return [key, { timezone: time.field("timezone").text(), shifts }] as const;
  });
  return {
    name,
    subjects: spec.field("subjects").texts(),
    condition: spec.field("condition").text(),
    plugin: notification.field("name").text(),
    recipients: notification.field("recipients").texts(),
    schedules: new Map(schedules),
    unreadable: undefined,
  };
}

function readRequest(request: Value, id: string): AccessRequest {
  const spec = request.field("spec");
  return {
    id,
    user: spec.field("user").text(),
    roles: spec.field("roles").texts(),
    state: numberedState(spec.field("state").integer() ?? 1),
    kind: "UNDEFINED",
    created: spec.field("created").requiredTime(),
    requestExpires: spec.field("expiry").time() ??
      request.field("metadata").field("expires").time(),
    accessStarts: spec.field("assume_start_time").time(),
    accessExpires: spec.field("expires").time(),
    maxDuration: spec.field("max_duration").time(),
    reason: spec.field("request_reason").text(),
    resolveReason: spec.field("resolve_reason").text(),
    reviews: [],
    suggestedReviewers: spec.field("suggested_reviewers").texts(),
    resources: spec.field("resource_ids").items().map((resource) => ({
      cluster: resource.field("cluster").text(),
      kind: resource.field("kind").text(),
      name: resource.field("name").text(),
      subResource: resource.field("sub_resource").text(),
    })),
    systemAnnotations: spec.field("system_annotations").textListTable(),
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
    detail: `expected one access request, found ${found}`,
    hint: "write the file with `tctl get access_request/ID`",
  }]);
}
