/**
 * The Gateway: a connection on which Discord tells of clicks.
 *
 * It is kept up as long as it takes. Whatever goes wrong here, messages are posted and edited all the
 * same: they need no Gateway.
 *
 * Source: docs/design/discord-gateway.md 1 to 3.
 *
 * @module
 */

import { Backoff } from "../../lib/async/backoff.ts";
import type { Clock } from "../../lib/async/clock.ts";
import { FailureStreak } from "../../lib/log/failure_streak.ts";
import type { Logger } from "../../lib/log/logger.ts";
import { findRuntimeProxy, type ReadEnv } from "../../lib/net/http_proxy.ts";
import type { Secret } from "../../lib/secret.ts";
import type { Click } from "../../ports/clicks.ts";
import { DiscordApiError } from "../../ports/discord_error.ts";
import { readClick } from "./click_reader.ts";
import type { GatewayEnding } from "./gateway_close.ts";
import { type GatewaySession, holdConnection } from "./gateway_connection.ts";
import { checkShape, gatewayAddress, GatewayInfo } from "./gateway_frames.ts";
import { startDelayMs } from "./gateway_pace.ts";

/** What a {@linkcode Gateway} needs. */
export interface GatewayOptions {
  /** Asks Discord where the Gateway is. Rejects with a `DiscordApiError`. */
  readonly getGateway: (signal: AbortSignal) => Promise<unknown>;
  readonly token: () => Secret;
  /** Called when Discord's HTTP API refuses the token too. */
  readonly onTokenRefused: () => void;
  /** Base of the API: only if that is called without TLS, the Gateway may be. */
  readonly apiUrl: string;
  /** Reads the environment, which may name a proxy; none is used if it is not given. */
  readonly env?: ReadEnv;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Called for each click on a message of this bot. */
  readonly onClick: (click: Click) => void;
}

/** How it stands. */
export interface GatewayStatus {
  /** `off`: it waits for another token. */
  readonly state: "connecting" | "connected" | "off";
  /** Why it is not connected; empty while it is. */
  readonly reason: string;
  /** Sessions that were started, each of which counts towards the limit of a day. */
  readonly starts: number;
  /** Connections that went on with a session. */
  readonly resumes: number;
}

const WAIT = { minMs: 1000, maxMs: 300_000 };

/** Of a longer wait it is said when it ends. */
const LONG_MS = 60_000;

/** A connection that lasted so long tells that what was wrong is over. */
const STABLE_MS = 60_000;

/**
 * How long it is tried to go on with a session: the address that it is tied to may be dead, and a click is of
 * no use 3 seconds later. A new session counts towards the limit of a day, so that a short break costs none.
 */
const RESUME_FOR_MS = 8000;

/** Longest pause between two such tries. */
const RESUME_PAUSE_MS = 3000;

/** Keeps a session of the Gateway. */
export class Gateway {
  readonly #options: GatewayOptions;
  readonly #backoff: Backoff;
  #status: GatewayStatus = {
    state: "connecting",
    reason: "not connected yet",
    starts: 0,
    resumes: 0,
  };
  #session: GatewaySession | undefined;
  /** What the last attempt was made with: a reload may have brought another since. */
  #token: Secret | undefined;
  /** Ends the last attempt, and every wait, when the token is another one. */
  #renewal = new AbortController();
  #lastStartMs = -Infinity;
  #connectedAtMs: number | undefined;
  /** Since when the session could not be gone on with. */
  #lostAtMs: number | undefined;
  /** What went wrong, so that it is logged once. */
  readonly #failures = new FailureStreak();

  constructor(options: GatewayOptions) {
    this.#options = options;
    this.#backoff = new Backoff(WAIT, options.clock.random);
  }

  get status(): GatewayStatus {
    return this.#status;
  }

  /**
   * Takes in that the token may be another one, whose bot hears of other clicks. A new one is tried at once,
   * whatever became of the one before.
   */
  renew(): void {
    const used = this.#token?.reveal();
    if (used === undefined || used === this.#options.token().reveal()) return;
    this.#session = undefined;
    this.#renewal.abort(new Error("the bot token is another one"));
  }

  /** Keeps the connection up until the signal aborts; it never rejects. */
  async run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      this.#token = this.#options.token();
      this.#renewal = new AbortController();
      const renewed = this.#renewal.signal;
      const either = AbortSignal.any([signal, renewed]);
      try {
        this.#connectedAtMs = undefined;
        const resumeUrl = this.#session?.ready.resume_gateway_url;
        const ending = resumeUrl === undefined
          ? await this.#identify(either)
          : await this.#connect(resumeUrl, either);
        await this.#goOn(ending, either);
      } catch (error) {
        if (!either.aborted) {
          if (isTokenRefused(error)) this.#options.onTokenRefused();
          await this.#goOn(failureOf(error), either).catch(() => {});
        }
      }
      if (renewed.aborted) this.#backoff.reset();
    }
    this.#set({ state: "off", reason: "stopped" });
  }

  /** Starts a new session, as soon as that is allowed. */
  async #identify(signal: AbortSignal): Promise<GatewayEnding> {
    const { clock, getGateway, logger } = this.#options;
    const answer = await getGateway(signal);
    const { value: info, fault } = checkShape(GatewayInfo, answer);
    if (info === undefined) {
      return { next: "identify", why: `Discord's answer lacks ${fault}` };
    }
    const sinceLastMs = clock.monotonic() - this.#lastStartMs;
    const waitMs = startDelayMs(info.session_start_limit, sinceLastMs);
    if (waitMs > STABLE_MS) {
      const reason = "few sessions of the Gateway are left for today, waiting";
      const until = this.#timeAfter(waitMs);
      this.#set({ reason: `${reason} until ${until}` });
      logger.warn(reason, {
        remaining: info.session_start_limit.remaining,
        wait_ms: Math.round(waitMs),
        until,
        hint:
          "something starts this program, or another with this bot token, again and again",
      });
    }
    await clock.sleep(waitMs, signal);
    this.#lastStartMs = clock.monotonic();
    return await this.#connect(info.url, signal);
  }

  async #connect(url: string, signal: AbortSignal): Promise<GatewayEnding> {
    const { apiUrl, env = () => undefined, clock, logger } = this.#options;
    const address = gatewayAddress(url, apiUrl.startsWith("http:"));
    if (address === undefined) {
      const why = "the address of the Gateway is not one of TLS";
      return { next: "identify", why };
    }
    const session = this.#session;
    return await holdConnection({
      url: address,
      proxy: findRuntimeProxy(new URL(address), env),
      token: this.#token ?? this.#options.token(),
      session,
      clock,
      logger,
      onSession: (accepted) => this.#accept(accepted, session !== undefined),
      onEvent: (name, data) => this.#take(name, data),
    }, signal);
  }

  #accept(session: GatewaySession, resumed: boolean): void {
    const { starts, resumes } = this.#status;
    this.#session = session;
    this.#lostAtMs = undefined;
    this.#connectedAtMs = this.#options.clock.monotonic();
    this.#set({
      state: "connected",
      reason: "",
      ...(resumed ? { resumes: resumes + 1 } : { starts: starts + 1 }),
    });
    this.#options.logger.info("listening for clicks", {
      resumed,
      ...(this.#failures.end() && { recovered: true }),
    });
  }

  #take(name: string, data: unknown): void {
    if (name !== "INTERACTION_CREATE") return;
    const { logger, clock, onClick } = this.#options;
    const read = readClick(data, clock.monotonic());
    const { value: click, fault } = read;
    if (fault !== undefined) {
      const message = "a click is not as it should be, skipping it";
      return logger.warn(message, { fault });
    }
    if (click === undefined) return;
    const { application, user } = this.#session?.ready ?? {};
    if (click.applicationId !== application?.id) {
      return logger.warn("a click is for another application", {
        application_id: click.applicationId,
      });
    }
    if (click.authorId !== user?.id) {
      return logger.warn("a click is on a message of somebody else", {
        channel_id: click.channelId,
        message_id: click.messageId,
      });
    }
    onClick(click);
  }

  /** Waits as long as an ending calls for. */
  async #goOn(ending: GatewayEnding, signal: AbortSignal): Promise<void> {
    const { clock, logger } = this.#options;
    const nowMs = clock.monotonic();
    this.#lostAtMs ??= nowMs;
    if (ending.next !== "resume") this.#session = undefined;
    if ("hint" in ending) return await this.#switchOff(ending, signal);
    if (this.#session && nowMs - this.#lostAtMs >= RESUME_FOR_MS) {
      this.#session = undefined;
      this.#backoff.reset();
    }
    const upMs = nowMs - (this.#connectedAtMs ?? Infinity);
    const wasStable = upMs >= STABLE_MS;
    if (wasStable) this.#backoff.reset();
    const pauseMs = wasStable
      ? clock.random() * WAIT.minMs
      : this.#backoff.nextMs();
    const isResumeFailed = this.#session && this.#connectedAtMs === undefined;
    const mostMs = isResumeFailed ? RESUME_PAUSE_MS : Infinity;
    const { why, waitMs: leastMs = 0 } = ending;
    const waitMs = Math.max(Math.min(pauseMs, mostMs), leastMs);
    const until = waitMs > LONG_MS ? this.#timeAfter(waitMs) : undefined;
    const reason = until === undefined ? why : `${why}, waiting until ${until}`;
    this.#set({ state: "connecting", reason });
    // Discord ends every connection now and then, which is no news; the rest is, once.
    const isNews = this.#failures.add(why) && !wasStable;
    const fields = { reason: why, wait_ms: Math.round(waitMs), until };
    if (isNews) {
      logger.warn("not connected to the Gateway, will retry", fields);
    } else logger.debug("connecting to the Gateway again", fields);
    await clock.sleep(waitMs, signal);
  }

  async #switchOff(
    ending: GatewayEnding & { readonly hint: string },
    signal: AbortSignal,
  ): Promise<void> {
    const { why, hint, next } = ending;
    const { clock, logger, token, getGateway, onTokenRefused } = this.#options;
    this.#set({ state: "off", reason: why });
    const fields = { reason: why, hint };
    logger.error("reviewing in Discord is off, messages go on", fields);
    this.#failures.add(why);
    const refused = this.#token?.reveal();
    do {
      await clock.sleep(this.#backoff.nextMs(), signal);
      if (next === "stop") continue;
      // A refused session is not tried again with the same token, but the API may be asked.
      await getGateway(signal).catch((error) => {
        signal.throwIfAborted();
        if (isTokenRefused(error)) onTokenRefused();
      });
    } while (token().reveal() === refused);
  }

  #timeAfter(ms: number): string {
    return new Date(this.#options.clock.now() + ms).toISOString();
  }

  #set(change: Partial<GatewayStatus>): void {
    this.#status = { ...this.#status, ...change };
  }
}

/** Says how to go on after a call failed; where Discord said how long to wait, not before that. */
function failureOf(error: unknown): GatewayEnding {
  const why = error instanceof Error ? error.message : "unknown fault";
  const waitMs = error instanceof DiscordApiError
    ? error.retryAfterMs
    : undefined;
  return { next: "resume", why, ...(waitMs !== undefined && { waitMs }) };
}

function isTokenRefused(error: unknown): boolean {
  return error instanceof DiscordApiError && error.status === 401;
}
