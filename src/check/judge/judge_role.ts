/**
 * What the check says of the rules of the plugin's role.
 *
 * A missing `list` is no error but an empty list. That it is there shows in another way: reading plugin
 * data takes `list`, on `access_request` or on `access_plugin_data`; and if plugin data of access
 * lists are refused for want of `list`, it is not on `access_plugin_data`.
 *
 * Source: docs/design/teleport-behaviour.md 5.
 *
 * @module
 */

import { UNKNOWN_FIELD_HINT } from "../../ports/admin_hints.ts";
import type { MonitoringRule } from "../../ports/monitoring_rule.ts";
import { type Finding, found, type Outcome } from "../report/finding.ts";
import { remedyFor, type Renewal } from "./judge_certificate.ts";

/** A rule of a role. */
export interface Rule {
  readonly resource: string;
  readonly verb: string;
  /** All verbs that the plugin needs on this resource, if that is not the only one. */
  readonly verbs?: readonly string[];
  readonly purpose: string;
  /** What happens without it. */
  readonly without: string;
  /** Whether the plugin works without it. */
  readonly isOptional?: true;
}

const REQUEST_VERBS = ["list", "read"];

const READ_REQUESTS: Rule = {
  resource: "access_request",
  verb: "read",
  verbs: REQUEST_VERBS,
  purpose: "requests can be watched",
  without: "no request is ever announced",
};

const LIST_REQUESTS: Rule = {
  resource: "access_request",
  verb: "list",
  verbs: REQUEST_VERBS,
  purpose: "requests can be listed",
  without: "the plugin does not get ready",
};

const UPDATE_DATA: Rule = {
  resource: "access_plugin_data",
  verb: "update",
  purpose: "messages can be remembered",
  without: "nothing is announced",
};

const READ_ROLES: Rule = {
  resource: "role",
  verb: "read",
  purpose: "logins of roles can be shown",
  without: "messages name roles without their logins",
  isOptional: true,
};

const READ_USERS: Rule = {
  resource: "user",
  verb: "read",
  purpose: "traits of users can be read",
  without:
    "conditions of monitoring rules find no traits, and Discord users are known from [users] alone",
  isOptional: true,
};

const READ_LOGIN_STATES: Rule = {
  resource: "user_login_state",
  verb: "read",
  purpose: "traits that access lists grant can be read",
  without: "traits that access lists grant are not seen",
  isOptional: true,
};

const LIST_MONITORING_RULES: Rule = {
  resource: "access_monitoring_rule",
  verb: "list",
  verbs: ["list", "read"],
  purpose: "access monitoring rules can be listed",
  without: "requests are routed by [role_to_recipients] alone",
  isOptional: true,
};

/** Judges the rules by the outcome of trying them. */
export function judgeRules(
  probes: RuleProbes,
  renewal: Renewal | undefined,
): Finding[] {
  const judge = (rule: Rule, probe: Probe) => judgeRule(rule, probe, renewal);
  return [
    judge(READ_REQUESTS, probes.watch),
    finding(LIST_REQUESTS, judgeList(probes, renewal)),
    judge(UPDATE_DATA, probes.updateData),
    finding(LIST_MONITORING_RULES, judgeMonitoring(probes, renewal)),
    judge(READ_ROLES, probes.role),
    judge(READ_USERS, probes.user),
    judge(READ_LOGIN_STATES, probes.loginState),
    judgeResources(probes.resources),
    ...judgeUnknownFields(probes.unknownFields),
  ];
}

/** Names what open requests ask for that this build cannot show. */
function judgeUnknownFields(fields: ReadonlyMap<string, number>): Finding[] {
  return [...fields].map(([name, count]) => {
    const who = count === 1
      ? "one open request has it"
      : `${count} open requests have it`;
    return {
      id: "teleport.unknown_field",
      subject: `field ${name} of requests`,
      ...found.warning(
        `is not known to this version: ${who}, and cannot be approved in Discord`,
        UNKNOWN_FIELD_HINT,
      ),
    };
  });
}

/** That nothing can be seen is no fault: there may be nothing. */
function judgeResources(resources: ReadonlyMap<string, boolean>): Finding {
  const kinds = (isSeen: boolean) =>
    [...resources].filter(([, seen]) => seen === isSeen).map(([kind]) => kind)
      .join(", ");
  const [seen, unseen] = [kinds(true), kinds(false)];
  const named = `names of ${seen} can be looked up`;
  const lacking =
    `no ${unseen} can be seen: either there are none, or the role lacks their labels`;
  const subject = { id: "teleport.resources", subject: "resources" };
  if (unseen === "") return { ...subject, ...found.ok(seen && named) };
  const detail = seen === "" ? lacking : `${named}; ${lacking}`;
  return { ...subject, ...found.info(detail) };
}

function judgeList(
  { watch, requestData, listData, showsRequests }: RuleProbes,
  renewal: Renewal | undefined,
): Outcome {
  if (requestData.kind !== "granted") {
    // For want of read it is refused as well, and that is told already.
    const isTold = requestData.kind === "denied" &&
      requestData.verb !== "list" && watch.kind !== "granted";
    return isTold
      ? found.skipped("skipped because it cannot be told while read is missing")
      : judgeProbe(LIST_REQUESTS, requestData, renewal);
  }
  const isOnRequests = listData.kind === "denied" && listData.verb === "list";
  return isOnRequests || showsRequests
    ? found.ok(LIST_REQUESTS.purpose)
    : found.warning(
      "no request can be seen: either there is none now, or this rule is missing",
      "look whether the role has it, or check again while a request is open",
    );
}

function judgeMonitoring(
  { monitoring, monitoringRules }: RuleProbes,
  renewal: Renewal | undefined,
): Outcome {
  return monitoring.kind === "granted" && monitoringRules === undefined
    ? found.info("this version of Teleport has no access monitoring rules")
    : judgeProbe(LIST_MONITORING_RULES, monitoring, renewal);
}

/** Judges one rule by the outcome of trying it. */
export function judgeRule(
  rule: Rule,
  probe: Probe,
  renewal: Renewal | undefined,
): Finding {
  return finding(rule, judgeProbe(rule, probe, renewal));
}

function finding({ resource, verb }: Rule, outcome: Outcome): Finding {
  const subject = `rule ${verb} on ${resource}`;
  return { id: "teleport.rule", subject, ...outcome };
}

function judgeProbe(
  rule: Rule,
  probe: Probe,
  renewal: Renewal | undefined,
): Outcome {
  switch (probe.kind) {
    case "granted":
      return found.ok(rule.purpose);
    case "denied":
      return found[rule.isOptional ? "warning" : "failed"](
        `is missing: ${rule.without}`,
        remedyFor(ruleRemedy(rule), renewal),
      );
    case "unanswered":
      return found.unanswered(
        `the Auth Service did not tell: ${probe.detail}`,
        "check again; if it stays so, look into the log of the Auth Service",
      );
  }
}

function ruleRemedy({ resource, verb, verbs = [verb] }: Rule): string {
  return `add this below spec.allow.rules of the plugin's role:
- resources: [${resource}]
  verbs: [${verbs.join(", ")}]`;
}

/** The outcome of an attempt. */
export type Probe =
  | { readonly kind: "granted" }
  /** `verb` is the one that is missing, if the server said so. */
  | { readonly kind: "denied"; readonly verb: string | undefined }
  | { readonly kind: "unanswered"; readonly detail: string };

/** The outcome of each attempt. */
export interface RuleProbes {
  /** Watching requests: `read` on `access_request`. */
  readonly watch: Probe;
  /** Reading plugin data of requests: `list` and `read`, each on `access_request` or `access_plugin_data`. */
  readonly requestData: Probe;
  /** Reading plugin data of access lists: the same, on `access_list` or `access_plugin_data`. */
  readonly listData: Probe;
  /** Whether a list of requests shows any. */
  readonly showsRequests: boolean;
  /** How many pending requests hold a field that this build does not know, by its name. */
  readonly unknownFields: ReadonlyMap<string, number>;
  /** Writing plugin data: `update` on `access_plugin_data`. */
  readonly updateData: Probe;
  /** Reading a role: `read` on `role`. */
  readonly role: Probe;
  /** Reading a user: `read` on `user`. */
  readonly user: Probe;
  /** Reading what a user had at the last login: `read` on `user_login_state`. */
  readonly loginState: Probe;
  /** Listing access monitoring rules: `list` and `read` on `access_monitoring_rule`. */
  readonly monitoring: Probe;
  /** The rules that are there; `undefined` if they may not be listed, or the server knows none. */
  readonly monitoringRules: readonly MonitoringRule[] | undefined;
  /** Kinds of resources, and whether any of a kind can be seen. */
  readonly resources: ReadonlyMap<string, boolean>;
}
