/**
 * How the stand-in keeps access monitoring rules and lists them.
 *
 * Source: docs/design/teleport-api.md 10;
 * docs/design/teleport-behaviour.md 4, 5; seen on Teleport 18.0.0 but for schedules.
 *
 * @module
 */

import { status } from "@grpc/grpc-js";
import { AccessMonitoringRulesServiceService } from "../../src/teleport/gen/access_monitoring_rules_service.ts";
import { Event, Operation } from "../../src/teleport/gen/auth_service.ts";
import type { AccessMonitoringRule } from "../../src/teleport/gen/types/access_monitoring_rule.ts";
import { RefusedError } from "./cluster_state.ts";
import { type Handler, unary } from "./grpc_methods.ts";
import { buildRule, type NewRule } from "./new_rule.ts";

/** Kind of rules in watches and headers. */
export const RULE_KIND = "access_monitoring_rule";

/**
 * What the server makes of rules: 18 lists those of one plugin; 15 lists all and watches none; 14 knows
 * none; without a rule in the plugin's role it refuses.
 */
export type RuleSupport = "18" | "15" | "14" | "denied";

const DEFAULT_PAGE = 100;

/** The rules of one cluster. */
export class RuleStore {
  support: RuleSupport = "18";
  readonly #rules = new Map<string, AccessMonitoringRule>();
  readonly #onEvent: (event: Event) => void;

  constructor(onEvent: (event: Event) => void) {
    this.#onEvent = onEvent;
  }

  /** Creates or replaces a rule, as `tctl create -f` does. */
  put(rule: NewRule): void {
    this.#put(buildRule(rule));
  }

  #put(message: AccessMonitoringRule): void {
    if (message.spec?.condition === "") {
      throw new RefusedError(
        status.INVALID_ARGUMENT,
        "accessMonitoringRule condition is missing",
      );
    }
    this.#rules.set(message.metadata?.name ?? "", message);
    this.#onEvent(
      Event.create({ type: Operation.PUT, accessMonitoringRule: message }),
    );
  }

  /** Removes a rule, as `tctl rm` does. */
  delete(name: string): void {
    if (!this.#rules.delete(name)) {
      throw new RefusedError(
        status.NOT_FOUND,
        `${RULE_KIND} "${name}" doesn't exist`,
      );
    }
    this.#onEvent(Event.create({
      type: Operation.DELETE,
      resourceHeader: {
        kind: RULE_KIND,
        version: "v1",
        metadata: { name, namespace: "default" },
      },
    }));
  }

  /** Whether the kind is accepted in a watch. */
  get isWatchable(): boolean {
    return this.support === "18";
  }

  /** Returns the methods of the rules service by path. */
  get handlers(): [path: string, handler: Handler][] {
    const service = AccessMonitoringRulesServiceService;
    return [
      unary(service.listAccessMonitoringRulesWithFilter, (page) => {
        if (this.support === "15") {
          throw unimplemented(
            "unknown method ListAccessMonitoringRulesWithFilter for service",
          );
        }
        return this.#page(
          page,
          ({ spec }) =>
            page.subjects.every((each) => spec?.subjects.includes(each)) &&
            [spec?.notification?.name, ""].includes(page.notificationName),
        );
      }),
      unary(
        service.listAccessMonitoringRules,
        (page) => this.#page(page, () => true),
      ),
      unary(service.upsertAccessMonitoringRule, ({ rule }) => {
        const message = rule ?? buildRule({ name: "" });
        this.#put(message);
        return message;
      }),
      unary(service.deleteAccessMonitoringRule, ({ name }) => {
        this.delete(name);
        return {};
      }),
    ];
  }

  #page(
    { pageSize, pageToken }: { pageSize: bigint; pageToken: string },
    matches: (rule: AccessMonitoringRule) => boolean,
  ): { rules: AccessMonitoringRule[]; nextPageToken: string } {
    if (this.support === "14") throw unimplemented("unknown service");
    if (this.support === "denied") {
      throw new RefusedError(
        status.PERMISSION_DENIED,
        `access denied to perform action "list" on "${RULE_KIND}"`,
      );
    }
    const size = Number(pageSize) || DEFAULT_PAGE;
    const rules = [...this.#rules.values()].filter(matches)
      .map((rule) => ({ rule, name: rule.metadata?.name ?? "" }))
      .filter(({ name }) => name >= pageToken)
      .sort((a, b) => a.name < b.name ? -1 : 1);
    return {
      rules: rules.slice(0, size).map(({ rule }) => rule),
      nextPageToken: rules[size]?.name ?? "",
    };
  }
}

function unimplemented(what: string): RefusedError {
  return new RefusedError(
    status.UNIMPLEMENTED,
    `${what} teleport.accessmonitoringrules.v1.AccessMonitoringRulesService`,
  );
}
