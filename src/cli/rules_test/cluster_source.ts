/**
 * What `rules test` asks a cluster for.
 *
 * @module
 */

import type { Config } from "../../config/config.ts";
import { systemClock } from "../../lib/async/clock.ts";
import { createLogger, type RootLogger } from "../../lib/log/logger.ts";
import { OperatorError } from "../../lib/operator_error.ts";
import { TeleportLookups } from "../../people/teleport_lookups.ts";
import type { AccessRequest } from "../../ports/access_request.ts";
import { MONITORING_RULE_HINT } from "../../ports/admin_hints.ts";
import type { MonitoringRule } from "../../ports/monitoring_rule.ts";
import { TeleportError } from "../../ports/teleport_error.ts";
import type { LookedUp, Lookup } from "../../route/predicate/condition.ts";
import { lookUp } from "../../route/router.ts";
import { TeleportClient } from "../../teleport/client/teleport_client.ts";
import { Dialer } from "../../teleport/connect/dialer.ts";
import { loadCredentials } from "../../teleport/credentials/identity_files.ts";
import { createWebTrust } from "../../teleport/routes/web_trust.ts";

/** How long everything together may take. */
const LIMIT_MS = 60_000;

/** A connection to the Auth Service. */
export class Cluster implements AsyncDisposable {
  readonly #client: TeleportClient;
  readonly #signal: AbortSignal;
  readonly #teleportLookups: TeleportLookups;
  readonly #owned: AsyncDisposableStack;

  private constructor(
    client: TeleportClient,
    logger: RootLogger,
    signal: AbortSignal,
    owned: AsyncDisposableStack,
  ) {
    this.#client = client;
    this.#signal = signal;
    this.#owned = owned;
    const common = { clock: systemClock, logger, signal };
    this.#teleportLookups = new TeleportLookups({ ...common, auth: client });
  }

  /**
   * Connects as the plugin does.
   *
   * @throws {OperatorError} If the credentials cannot be used, or no route works.
   */
  static async connect(
    { teleport }: Config,
    stop: AbortSignal,
  ): Promise<Cluster> {
    await using starting = new AsyncDisposableStack();
    const limit = new AbortController();
    const timer = setTimeout(() => {
      limit.abort(new OperatorError(`No answer in ${LIMIT_MS / 1000} s`));
    }, LIMIT_MS);
    starting.defer(() => clearTimeout(timer));
    const signal = AbortSignal.any([stop, limit.signal]);
    // What is missing shows in the report; why, here.
    const logger = starting.use(createLogger({
      output: { kind: "stderr" },
      level: "warning",
      format: "text",
      clock: systemClock,
    }));
    const env = (name: string) => Deno.env.get(name);
    const dialer = new Dialer({
      ...teleport.addr,
      env,
      clock: systemClock,
      trust: createWebTrust(teleport.webCaPath, env),
    });
    const credentials = await loadCredentials(teleport.credentials, new Date());
    const { channel } = await dialer.connect(credentials, signal);
    starting.use(channel);
    const client = new TeleportClient(channel);
    return new Cluster(client, logger, signal, starting.move());
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#owned[Symbol.asyncDispose]();
  }

  /** @throws {OperatorError} If there is no such request. */
  async request(id: string): Promise<AccessRequest> {
    const request = await this.#client.getAccessRequest(id, this.#signal);
    if (request !== undefined) return request;
    throw new OperatorError(`Cannot find the access request ${id}`, {
      hint: "see which there are with `tctl requests ls`; the role of the " +
        "plugin needs access_request: list, read",
    });
  }

  /** Returns the version of the Auth Service. */
  async version(): Promise<string> {
    return (await this.#client.ping(this.#signal)).serverVersion;
  }

  /** Lists all rules. */
  async rules(): Promise<readonly MonitoringRule[]> {
    try {
      return await this.#client.listMonitoringRules(this.#signal) ?? [];
    } catch (error) {
      const isDenied = error instanceof TeleportError &&
        error.code === "PERMISSION_DENIED";
      if (!isDenied) throw error;
      throw new OperatorError(error.message, { hint: MONITORING_RULE_HINT });
    }
  }

  /** Looks up what conditions look at. */
  async lookUp(
    request: AccessRequest,
    needed: ReadonlySet<Lookup>,
  ): Promise<LookedUp> {
    return await lookUp(request, needed, this.#teleportLookups, false);
  }
}
