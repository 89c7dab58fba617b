/**
 * Who is told of a request: whom the access monitoring rules name, else whom the configuration names.
 *
 * Source: docs/design/routing-rules.md 1.
 *
 * @module
 */

import {
  type AccessRequest,
  formatResourceId,
  type Resource,
  type ResourceId,
} from "../ports/access_request.ts";
import { recoverTeleport } from "../ports/recovery.ts";
import { TeleportError } from "../ports/teleport_error.ts";
import type { Traits } from "../ports/user.ts";
import { createInput, type LookedUp, type Lookup } from "./predicate/input.ts";
import type { RuleBook } from "./rule_book.ts";
import { isInShift } from "./schedule.ts";

/** What the conditions of rules may ask about a request, beside what it says itself. */
export interface RuleLookups {
  /** Returns the traits of a user; a user who is not known has none. */
  traits(user: string): Promise<Traits>;
  /** Returns those of the resources that are found, by `formatResourceId`. */
  resources(ids: readonly ResourceId[]): Promise<ReadonlyMap<string, Resource>>;
}

/** What a {@linkcode Router} needs. */
export interface RouterOptions {
  readonly ruleBook: RuleBook;
  readonly teleportLookups: RuleLookups;
  /** Recipients of a request by the configuration. */
  readonly route: (request: AccessRequest) => readonly string[];
}

/** After so many rounds that failed, what cannot be looked up is done without. */
const MAX_FAILURES = 2;

/** Finds the recipients of requests. */
export class Router {
  readonly #options: RouterOptions;

  constructor(options: RouterOptions) {
    this.#options = options;
  }

  /** Whether it is known by which rules requests are routed now. */
  get isReady(): boolean {
    return this.#options.ruleBook.isLoaded;
  }

  /**
   * Returns who is told of a request by today's routing.
   *
   * @param failures Rounds for this request that failed one after another.
   * @throws {TeleportError} If something cannot be looked up that rules need, which another try may cure.
   */
  async recipientsOf(
    request: AccessRequest,
    failures: number,
  ): Promise<readonly string[]> {
    const { ruleBook, teleportLookups, route } = this.#options;
    const rules = (await ruleBook.rules())
      .filter(({ schedules }) => isInShift(schedules, request.created));
    const lookedUp = await lookUp(
      request,
      new Set(rules.flatMap(({ condition }) => [...condition.lookups])),
      teleportLookups,
      failures < MAX_FAILURES,
    );
    const input = createInput(request, lookedUp);
    const recipients = rules.flatMap((rule) => {
      const answer = rule.ask(input);
      if (typeof answer !== "boolean") {
        ruleBook.failed(rule, request.id, answer);
      }
      return answer === true ? rule.recipients : [];
    });
    return recipients.length > 0 ? [...new Set(recipients)] : route(request);
  }
}

/**
 * Looks up what conditions look at beside the request.
 *
 * @param mayThrow Whether a failure is worth another try; else what is missing is done without.
 */
export async function lookUp(
  request: AccessRequest,
  needed: ReadonlySet<Lookup>,
  teleportLookups: RouterOptions["teleportLookups"],
  mayThrow: boolean,
): Promise<LookedUp> {
  const attempt = async <Answer>(
    answer: Promise<Answer>,
    ifDenied: Answer | undefined,
  ): Promise<Answer | undefined> => {
    try {
      return await answer;
    } catch (error) {
      if (!(error instanceof TeleportError)) throw error;
      if (recoverTeleport(error) === "denied") return ifDenied;
      if (mayThrow) throw error;
      return undefined;
    }
  };
  const [traits, resources] = await Promise.all([
    needed.has("userTraits")
      ? attempt(teleportLookups.traits(request.user), new Map())
      : undefined,
    needed.has("resourceLabels")
      ? attempt(teleportLookups.resources(request.resources), undefined)
      : undefined,
  ]);
  return {
    userTraits: traits && Object.fromEntries(traits),
    // One that is not found counts as one without labels: nothing is true of all resources then.
    resourceLabels: resources &&
      request.resources.map((id) =>
        Object.fromEntries(resources.get(formatResourceId(id))?.labels ?? [])
      ),
  };
}
