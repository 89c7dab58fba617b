/**
 * Builds the clients of both sides.
 *
 * @module
 */

import { RateLimiter } from "../discord/rate_limit/rate_limiter.ts";
import { DiscordClient } from "../discord/rest/discord_client.ts";
import { HttpCaller } from "../discord/rest/http_caller.ts";
import { type Cancellation, endedBy } from "../lib/async/cancellation.ts";
import type { Clock } from "../lib/async/clock.ts";
import type { StallDetector } from "../lib/async/stall_detector.ts";
import type { LogFields } from "../lib/log/log_record.ts";
import type { RootLogger } from "../lib/log/logger.ts";
import type { ReadEnv } from "../lib/net/http_proxy.ts";
import { OperatorError } from "../lib/operator_error.ts";
import type { Secret } from "../lib/secret.ts";
import {
  isSupportedTeleport,
  OLDEST_TELEPORT,
  type ServerInfo,
} from "../ports/auth_service.ts";
import { DiscordApiError } from "../ports/discord_error.ts";
import { REFUSED_TOKEN_HINT } from "../ports/recovery.ts";
import { Connection } from "../teleport/connect/connection.ts";
import { Dialer } from "../teleport/connect/dialer.ts";
import type { CredentialKeeper } from "../teleport/credentials/credential_keeper.ts";
import { createWebTrust } from "../teleport/routes/web_trust.ts";
import type { Metrics } from "./metrics.ts";
import type { Settings } from "./settings.ts";

/** Set by the official chart. */
const FAIL_FAST = "TELEPORT_PLUGIN_FAIL_FAST";

/** Failed connects in a row that end the process where it was asked to fail fast. */
const FAIL_FAST_AFTER = 3;

/** What the clients and the service have in common. */
export interface Common {
  readonly clock: Clock;
  readonly logger: RootLogger;
  readonly cancellation: Cancellation;
  readonly env: ReadEnv;
}

/** What {@linkcode Clients} need. */
export interface ClientsOptions {
  readonly common: Common;
  readonly settings: Settings;
  readonly metrics: Metrics;
  readonly stalls: StallDetector;
}

/** How long a connection to Discord stays open without a call: no longer than Discord lets it. */
const KEEP_ALIVE_MS = 60_000;

/** Builds clients. */
export class Clients {
  readonly #options: ClientsOptions;

  constructor(options: ClientsOptions) {
    this.#options = options;
  }

  /** Builds a client of Discord; it uses another token than that of the settings if it is given one. */
  messenger(limiter: RateLimiter, token?: Secret): DiscordClient {
    const { settings, metrics } = this.#options;
    const { clock, logger, cancellation, env } = this.#options.common;
    const http = new HttpCaller({
      clock,
      env,
      apiUrl: settings.config.discord.apiUrl,
      onCall: metrics.called,
      // A client with another token makes one call.
      keepAliveMs: token === undefined ? KEEP_ALIVE_MS : 0,
    });
    return new DiscordClient({
      http,
      clock,
      logger,
      cancellation,
      token: () => token ?? settings.token,
      limiter,
      onSlot: metrics.waited,
    });
  }

  /**
   * Asks Discord about another token. One that does not answer in time refuses nothing.
   *
   * @throws {OperatorError} If Discord refuses it.
   */
  async checkToken(token: Secret, waitMs: number): Promise<void> {
    const { clock, logger, cancellation: { stop } } = this.#options.common;
    const signal = AbortSignal.any([stop, AbortSignal.timeout(waitMs)]);
    // Another bot has limits of its own.
    using messenger = this.messenger(new RateLimiter(clock, logger), token);
    try {
      await messenger.within(endedBy(signal)).getCurrentUser();
    } catch (error) {
      if (error instanceof DiscordApiError && error.status === 401) {
        throw refusedToken();
      }
    }
  }

  /**
   * Builds the connection to the Auth Service.
   *
   * @param onFailed Called with what ends the process, where the environment asks for that.
   */
  connection(
    keeper: CredentialKeeper,
    onFailed: (error: Error) => void,
  ): Connection {
    const { teleport } = this.#options.settings.config;
    const { common: { env, clock, logger }, stalls } = this.#options;
    return new Connection({
      dialer: new Dialer({
        ...teleport.addr,
        trust: createWebTrust(teleport.webCaPath, env),
        env,
        clock,
        stalls,
      }),
      keeper,
      clock,
      logger,
      stalls,
      onConnected: (server, fields) => this.#logServer(server, fields),
      onUnreachable: this.#failFast(env, onFailed),
    });
  }

  /** Ends the process after some failed connects in a row, where the environment asks for that. */
  #failFast(
    env: ReadEnv,
    onFailed: (error: Error) => void,
  ): (failures: number) => void {
    const { logger } = this.#options.common;
    const value = env(FAIL_FAST) ?? "";
    if (!TRUE.test(value)) {
      if (value !== "" && !FALSE.test(value)) {
        logger.warn(`${FAIL_FAST} is ignored, as it is neither true nor false`);
      }
      return () => {};
    }
    logger.warn(
      `${FAIL_FAST} is set, which is not needed: what can heal is retried`,
    );
    return (failures) => {
      if (failures < FAIL_FAST_AFTER) return;
      const detail =
        `${failures} attempts in a row failed, and ${FAIL_FAST} is set`;
      onFailed(new Error(`Cannot connect to the Auth Service: ${detail}`));
    };
  }

  #logServer(server: ServerInfo, way: LogFields): void {
    const { logger } = this.#options.common;
    const fields = {
      cluster: server.clusterName,
      server_version: server.serverVersion,
    };
    logger.info("connected to the Auth Service", { ...fields, ...way });
    if (isSupportedTeleport(server.serverVersion)) return;
    logger.warn("this version of Teleport is too old for this plugin", {
      ...fields,
      hint: `upgrade Teleport to ${OLDEST_TELEPORT} or newer`,
    });
  }
}

/** Returns what the process ends with if Discord refuses its token. */
export function refusedToken(): OperatorError {
  return new OperatorError("Cannot use the bot token: Discord refuses it", {
    hint: REFUSED_TOKEN_HINT,
  });
}

/** What means true and false in Go, as the official plugin reads it. */
const TRUE = /^(?:1|t|true)$/i;
const FALSE = /^(?:0|f|false)$/i;
