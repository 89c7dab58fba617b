/**
 * The access monitoring rules of the cluster, as they are now.
 *
 * A watch has no history: so rules are listed anew after each INIT, and with each sweep in case that the
 * server does not let them be watched. Until they are, nobody is told by them.
 *
 * Source: docs/design/reconciler.md 5; docs/design/routing-rules.md 2;
 * docs/design/teleport-api.md 10.
 *
 * @module
 */

import type { Clock } from "../lib/async/clock.ts";
import { RecentKeys } from "../lib/async/recent_keys.ts";
import type { Logger } from "../lib/log/logger.ts";
import { MONITORING_RULE_HINT } from "../ports/admin_hints.ts";
import {
  type AuthService,
  concernsRouting,
  keepsSchedules,
  LIST_LAG_MS,
  MONITORING_RULE_KIND,
  SCHEDULES_SINCE,
} from "../ports/auth_service.ts";
import type { MonitoringRule } from "../ports/monitoring_rule.ts";
import { recoverTeleport } from "../ports/recovery.ts";
import { TeleportError } from "../ports/teleport_error.ts";
import type { PredicateError } from "./predicate/condition.ts";
import type { PreparedRule, prepareRule, RoutingRule } from "./routing_rule.ts";

/** What a {@linkcode RuleBook} needs. */
export interface RuleBookOptions {
  readonly auth: {
    within(signal: AbortSignal): Pick<AuthService, "listMonitoringRules">;
  };
  readonly clock: Clock;
  readonly logger: Logger;
  /** Version of the Auth Service. */
  readonly serverVersion: string;
  /**
   * Brings {@linkcode prepareRule}. It is asked for only when there is a rule: with its regular expressions it is
   * a fifth of the program, and most clusters have no rule.
   */
  readonly loadReader: () => Promise<typeof prepareRule>;
  /** Called when the rules are known again: requests that waited for that can be routed. */
  readonly onLoaded: () => void;
  /** Called when requests may have to be routed in another way than before. */
  readonly onChange: () => void;
}

/** So many failures in a row, and requests are not held up any longer. */
const MAX_FAILURES = 3;

/** A rule in one version. */
interface Entry {
  /** What it was prepared from, to tell whether it has changed. */
  readonly text: string;
  /** Until it is read. */
  unread: MonitoringRule | undefined;
  /** `undefined` if it is not read yet, or cannot be used. */
  rule: RoutingRule | undefined;
  /** It was said that its condition could not be evaluated. */
  failed: boolean;
}

/** Keeps the rules that say whom this plugin tells. */
export class RuleBook {
  readonly #options: RuleBookOptions;
  readonly #entries = new Map<string, Entry>();
  #rules: readonly RoutingRule[] | undefined;
  /** Rules by name. */
  readonly #told: RecentKeys;
  #isLoaded = false;
  /** Some rule is other than when that was last told. */
  #hasChanged = false;
  #isWatched = false;
  #failures = 0;
  /** What was logged last about reading them. */
  #state = "fine";
  /** It was said that the server drops schedules. */
  #toldOfSchedules = false;

  constructor(options: RuleBookOptions) {
    this.#options = options;
    this.#told = new RecentKeys(options.clock, LIST_LAG_MS);
  }

  /** Whether the rules are known, or it is known that they cannot be. */
  get isLoaded(): boolean {
    return this.#isLoaded;
  }

  /**
   * Returns the rules that can be used; reads first what was not read yet.
   *
   * @throws If what reads them cannot be loaded, which another try may do.
   */
  async rules(): Promise<readonly RoutingRule[]> {
    if (this.#entries.size === 0) return [];
    if (this.#rules !== undefined) return this.#rules;
    const prepare = await this.#options.loadReader();
    for (const entry of this.#entries.values()) {
      if (entry.unread === undefined) continue;
      const prepared = prepare(entry.unread);
      entry.unread = undefined;
      entry.rule = prepared.rule;
      this.#logRule(prepared);
    }
    return this.#rules ??= [...this.#entries.values()]
      .flatMap(({ rule }) => rule ?? []);
  }

  /** The condition of a rule could not be evaluated for a request; said once a version of the rule. */
  failed(rule: RoutingRule, requestId: string, error: PredicateError): void {
    const entry = this.#entries.get(rule.name);
    if (entry?.rule !== rule || entry.failed) return;
    entry.failed = true;
    this.#options.logger.warn(
      "condition of an access monitoring rule could not be evaluated, skipping the rule",
      { rule: rule.name, request_id: requestId, reason: error.message },
    );
  }

  /** A watch was opened, and what happened before it is not known. */
  opened(kinds: readonly string[]): void {
    this.#isLoaded = false;
    this.#told.clear();
    this.#isWatched = kinds.includes(MONITORING_RULE_KIND);
  }

  /** An event showed a rule. */
  put(rule: MonitoringRule): void {
    this.#told.add(rule.name);
    this.#take(rule);
    this.#tell();
  }

  /** An event told that a rule is gone. */
  delete(name: string): void {
    this.#told.add(name);
    this.#drop(name);
    this.#tell();
  }

  /**
   * Lists the rules.
   *
   * @throws {TeleportError} If that failed and is worth another try before requests are routed.
   */
  async load(signal: AbortSignal): Promise<void> {
    const { auth } = this.#options;
    this.#told.expire();
    try {
      const rules = await auth.within(signal).listMonitoringRules();
      this.#replace(rules ?? []);
      await this.rules();
      signal.throwIfAborted();
      this.#failures = 0;
      const isPolled = rules !== undefined && !this.#isWatched;
      this.#logState(isPolled ? "not watched" : "fine");
    } catch (error) {
      signal.throwIfAborted();
      if (!(error instanceof TeleportError)) throw error;
      if (recoverTeleport(error) === "denied") {
        this.#told.clear();
        this.#replace([]);
        this.#logState("denied", error);
      } else if (++this.#failures < MAX_FAILURES) throw error;
      else this.#logState(error.message, error);
    }
    if (!this.#isLoaded) {
      this.#isLoaded = true;
      this.#options.onLoaded();
    }
    this.#tell();
  }

  #tell(): void {
    if (!this.#isLoaded || !this.#hasChanged) return;
    this.#hasChanged = false;
    const { logger, onChange } = this.#options;
    // Read now, not with the next request: whoever wrote it is told what is wrong with it.
    this.rules().then(onChange, (err) => {
      // Requests wait for the next list, which tries again.
      this.#isLoaded = false;
      logger.error(
        "cannot load what reads access monitoring rules, requests wait for it",
        {
          err,
          hint: "restart the plugin: its files were replaced while it ran",
        },
      );
    });
  }

  /** Takes in a list. */
  #replace(rules: readonly MonitoringRule[]): void {
    const listed = new Set(rules.map(({ name }) => name));
    for (const name of this.#entries.keys()) {
      if (!listed.has(name) && !this.#told.has(name)) this.#drop(name);
    }
    for (const rule of rules) {
      if (!this.#told.has(rule.name)) this.#take(rule);
    }
  }

  #take(rule: MonitoringRule): void {
    if (!concernsRouting(rule)) return this.#drop(rule.name);
    const text = JSON.stringify([rule, [...rule.schedules]]);
    if (this.#entries.get(rule.name)?.text === text) return;
    const entry = { text, unread: rule, rule: undefined, failed: false };
    this.#entries.set(rule.name, entry);
    this.#changed();
  }

  #drop(name: string): void {
    if (!this.#entries.delete(name)) return;
    this.#changed();
    this.#options.logger.info("access monitoring rule is gone", { rule: name });
  }

  #changed(): void {
    this.#hasChanged = true;
    this.#rules = undefined;
  }

  #logRule(
    { name, rule, flaw, warnings, invalidRecipients }: PreparedRule,
  ): void {
    const logger = this.#options.logger.with({ rule: name });
    if (flaw !== undefined) {
      logger.warn("access monitoring rule cannot be used, skipping it", {
        reason: flaw,
      });
    }
    for (const reason of warnings) {
      logger.warn("access monitoring rule may not do what was meant", {
        reason,
      });
    }
    for (const recipient of invalidRecipients) {
      logger.warn("recipient of an access monitoring rule is left out", {
        recipient,
        hint: 'write a channel ID, or "user:" and a user ID: 17 to 20 digits',
      });
    }
    if (rule !== undefined && this.#isLoaded) {
      logger.info("access monitoring rule is in use");
    }
  }

  /** Says once that schedules which somebody may have written are not there. */
  #tellOfSchedules(): void {
    const { logger, serverVersion } = this.#options;
    if (this.#toldOfSchedules || keepsSchedules(serverVersion)) return;
    this.#toldOfSchedules = true;
    logger.info(
      "this version of Teleport keeps no schedules of access monitoring rules, each holds day and night",
      {
        server_version: serverVersion,
        hint: `schedules need Teleport ${SCHEDULES_SINCE} or newer`,
      },
    );
  }

  /** Says once how it stands with reading the rules. */
  #logState(state: string, error?: TeleportError): void {
    const { logger } = this.#options;
    const rules = this.#entries.size;
    if (!this.#isLoaded && rules > 0) {
      logger.info("access monitoring rules are in use", { rules });
      this.#tellOfSchedules();
    }
    if (this.#state === state) return;
    this.#state = state;
    if (state === "not watched") {
      logger.info(
        "access monitoring rules cannot be watched, listing them with each sweep",
      );
    } else if (state === "denied") {
      logger.warn(
        "may not read access monitoring rules, routing by the configuration alone",
        { err: error, hint: MONITORING_RULE_HINT },
      );
    } else if (error !== undefined) {
      logger.warn(
        "cannot read access monitoring rules, routing by what is known of them",
        { err: error, rules },
      );
    } else logger.info("access monitoring rules can be read");
  }
}
