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
import { Fields } from "./resource_fields.ts";
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
    const fields = new Fields(root, [], { file, problems: found }, root.line);
    const kind = fields.text("kind");
    const metadata = fields.table("metadata");
    const name = metadata.text("name");
    const place = `${file}:${root.line}`;
    for (const { line, text: detail } of surprises) {
      found.push({ severity, file, line, detail, hint: PRINT_HINT });
    }
    if (purpose === "to be created" && isRule(kind)) {
      refuse(fields);
      const rule = readRule(fields, name);
      const remarks = found.filter((each) => each.severity === "warning")
        .map(({ line, detail }) => `line ${line}: ${detail}`);
      for (const [earlier, { text: place }] of rules) {
        if (earlier.name !== rule.name) continue;
        rules.delete(earlier);
        remarks.push(`it replaces the one of the same name at ${place}`);
      }
      rules.set(rule, { text: place, remarks: [...new Set(remarks)] });
    } else if (kind === MONITORING_RULE_KIND) {
      rules.set(readRule(fields, name), { text: place, remarks: [] });
    } else if (kind === ACCESS_REQUEST_KIND) {
      requests.push(readRequest(fields, name));
    } else {
      others.push({ kind, place });
      if (kind === "user") {
        traits.set(name, fields.table("spec").table("traits").textLists());
      } else labels.set(`${kind}/${name}`, metadata.table("labels").texts());
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
function refuse(fields: Fields): void {
  const [kind, version] = [fields.text("kind"), fields.text("version")];
  if (kind !== MONITORING_RULE_KIND) {
    fields.refuse(
      "kind",
      `\`tctl create\` does not know the kind ${quote(kind)}`,
      `write kind: ${MONITORING_RULE_KIND}`,
    );
  }
  if (version !== "v1") {
    fields.refuse(
      "version",
      `\`tctl create\` refuses the version ${quote(version)}`,
      "write version: v1",
    );
  }
  refuseMetadata(fields.table("metadata"));
  fields.text("sub_kind");
  refuseSpec(fields.table("spec"));
}

function refuseMetadata(metadata: Fields): void {
  const name = metadata.text("name");
  if (name === "") {
    metadata.refuse(
      "name",
      "`tctl create` refuses a rule without a name",
      "write a name below metadata",
    );
  } else if (!isStorable(name)) {
    metadata.refuse(
      "name",
      `\`tctl create\` refuses the name ${quote(name)}`,
      "write a name of letters from a to z, digits and any of -_.:@+",
    );
  }
  metadata.table("labels").texts();
  if (metadata.has("expires")) {
    metadata.refuse(
      "expires",
      "`tctl create` cannot read a time here",
      "leave it out",
    );
  }
  for (const key of ["namespace", "description", "revision"]) {
    metadata.text(key);
  }
}

function refuseSpec(spec: Fields): void {
  spec.textList("states");
  const desired = spec.text("desired_state");
  if (desired !== "" && desired !== "reviewed") {
    spec.refuse(
      "desired_state",
      `\`tctl create\` refuses the state ${quote(desired)}`,
      "write desired_state: reviewed, or leave it out",
    );
  }
  const [reviews, notifies] = [
    spec.has("automatic_review"),
    spec.has("notification"),
  ];
  if (reviews) refuseReview(spec.table("automatic_review"));
  const subjects = spec.textList("subjects");
  if (subjects.length === 0) {
    spec.refuse(
      "subjects",
      "`tctl create` refuses a rule without subjects",
      "write subjects: [access_request]",
    );
  }
  if (spec.text("condition") === "") {
    spec.refuse(
      "condition",
      "`tctl create` refuses a rule without a condition",
      'write condition: "true" for a rule about every request',
    );
  }
  if (!notifies && !reviews && subjects.includes(ACCESS_REQUEST_KIND)) {
    spec.refuse(
      "notification",
      "`tctl create` refuses a rule with neither notification nor automatic_review",
      "write notification: {name: discord, recipients: [...]}",
    );
  }
  const notification = spec.table("notification");
  if (notifies && notification.text("name") === "") {
    notification.refuse(
      "name",
      "`tctl create` refuses a notification without the name of a plugin",
      "write name: discord",
    );
  }
}

function refuseReview(review: Fields): void {
  const decision = review.text("decision");
  if (review.text("integration") === "") {
    review.refuse(
      "integration",
      "`tctl create` refuses an automatic review without an integration",
      "write integration: builtin",
    );
  }
  if (decision !== "APPROVED" && decision !== "DENIED") {
    review.refuse(
      "decision",
      `\`tctl create\` refuses the decision ${quote(decision)}`,
      "write decision: APPROVED, or DENIED",
    );
  }
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

function readRequest(fields: Fields, id: string): AccessRequest {
  const spec = fields.table("spec");
  return {
    id,
    user: spec.text("user"),
    roles: spec.textList("roles"),
    state: numberedState(spec.integer("state") ?? 1),
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
    detail: `expected one access request, found ${found}`,
    hint: "write the file with `tctl get access_request/ID`",
  }]);
}
