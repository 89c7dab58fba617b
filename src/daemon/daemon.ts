/**
 * The daemon: brings everything up, runs the pipeline until the signal to stop, drains.
 *
 * @module
 */

import type { Config } from "../config/config.ts";
import { BotIdentity } from "../discord/bot_identity.ts";
import { mayReadHistory } from "../discord/history_access.ts";
import { DiscordInspector } from "../discord/inspector.ts";
import { RateLimiter } from "../discord/rate_limit/rate_limiter.ts";
import type { DiscordClient } from "../discord/rest/discord_client.ts";
import { type Cancellation, endedBy } from "../lib/async/cancellation.ts";
import { systemClock } from "../lib/async/clock.ts";
import {
  StallDetector,
  withStallDetection,
} from "../lib/async/stall_detector.ts";
import { rest } from "../lib/async/wait.ts";
import { takeProxyVariables } from "../lib/net/http_proxy.ts";
import type { HostSignals } from "../lib/host/host_signals.ts";
import { PauseCollector } from "../lib/host/memory.ts";
import type { RootLogger } from "../lib/log/logger.ts";
import { textsFor } from "../message/catalogue/languages.ts";
import { hiddenFor } from "../record/hidden_fields.ts";
import { webLink, webLinkBase } from "../message/web_link.ts";
import type { PeopleConfig } from "../people/people_config.ts";
import type { ServerInfo } from "../ports/auth_service.ts";
import type { ClickHandler } from "../review/click_handler.ts";
import { recipientsFor } from "../route/role_map.ts";
import { TeleportClient } from "../teleport/client/teleport_client.ts";
import { CredentialKeeper } from "../teleport/credentials/credential_keeper.ts";
import { Clients, type Common, refusedToken } from "./clients.ts";
import { Host } from "./host.ts";
import { Metrics } from "./metrics.ts";
import { Pipeline } from "./pipeline.ts";
import { reload } from "./reload.ts";
import type { ReviewPipeline } from "./review_pipeline.ts";
import type { Settings } from "./settings.ts";
import { cancellationUntil } from "./shutdown.ts";
import type { DaemonState } from "./status.ts";

/** How long the start, or a reload, waits for Discord's answer; after that it goes on without. */
const TOKEN_CHECK_MS = 5000;

/**
 * Runs the daemon until the signal to stop.
 *
 * @param signals Listens to SIGHUP, SIGUSR1 and SIGUSR2.
 * @throws {OperatorError} If Discord refuses the token at start.
 */
export async function runDaemon(
  settings: Settings,
  logger: RootLogger,
  signals: HostSignals,
  stop: AbortSignal,
): Promise<void> {
  const failed = new AbortController();
  const ending = AbortSignal.any([stop, failed.signal]);
  using cancellation = cancellationUntil(ending, logger);
  try {
    await new Daemon(settings, logger, cancellation, failed).run(signals);
  } catch (error) {
    if (!ending.aborted) throw error;
  }
  failed.signal.throwIfAborted();
}

/** Everything that runs, as it comes up. */
class Daemon {
  readonly #settings: Settings;
  readonly #common: Common;
  /** Aborted with what ends the daemon, other than a stop that was asked for. */
  readonly #failed: AbortController;
  readonly #stalls = new StallDetector(systemClock);
  readonly #metrics = new Metrics();
  readonly #garbage: PauseCollector;
  readonly #clients: Clients;
  readonly #limiter: RateLimiter;
  readonly #messenger: DiscordClient;
  readonly #bot: BotIdentity;
  #keeper: CredentialKeeper | undefined;
  #server: ServerInfo | undefined;
  #pipeline: Pipeline | undefined;
  #reviewing: ReviewPipeline | undefined;
  /** Whether configuration and token count as good: from here on nothing ends the daemon by itself. */
  #isUsable = false;
  #isReady = false;
  /** Whether the last reload, if there was one, was done. */
  #isReloadGood = true;
  /** Recipients that were looked at, whatever came of it. */
  readonly #knownRecipients = new Set<string>();

  constructor(
    settings: Settings,
    logger: RootLogger,
    cancellation: Cancellation,
    failed: AbortController,
  ) {
    this.#settings = settings;
    this.#failed = failed;
    const { stop } = cancellation;
    const clock = withStallDetection(systemClock, this.#stalls);
    const env = takeProxyVariables();
    this.#common = { clock, logger, cancellation, env };
    this.#garbage = new PauseCollector({ clock: systemClock, stop });
    this.#clients = new Clients({
      common: this.#common,
      settings,
      metrics: this.#metrics,
      stalls: this.#stalls,
    });
    this.#limiter = new RateLimiter(clock, logger);
    this.#messenger = this.#clients.messenger(this.#limiter);
    this.#bot = new BotIdentity({
      clock,
      logger,
      messenger: this.#messenger,
      signal: stop,
      token: settings.token,
    });
  }

  async run(signals: HostSignals): Promise<void> {
    using _messenger = this.#messenger;
    const { clock, logger, cancellation: { stop, deadline } } = this.#common;
    await using host = new Host({
      settings: this.#settings,
      logger,
      signals,
      stalls: this.#stalls,
      metrics: this.#metrics,
      state: () => this.#state,
      reload: () => this.#reload(),
      ending: stop,
    });
    const unreachable = Promise.withResolvers<void>();
    const checked = this.#bot.confirm(unreachable.resolve).then((accepted) => {
      if (accepted) return;
      // Once there is a service, the first call tells it; without one, nobody calls.
      if (this.#isUsable) this.#pipeline?.tokenMonitor.refused();
      else this.#failed.abort(refusedToken());
    }, () => {});
    const usable = rest(
      TOKEN_CHECK_MS,
      Promise.race([checked, unreachable.promise]),
      systemClock,
      stop,
    ).then(() => {
      if (stop.aborted) return;
      this.#isUsable = true;
      host.ready();
    });
    const keeper = this.#keeper = await CredentialKeeper.open({
      clock,
      logger,
      source: this.#settings.config.teleport.credentials,
      refreshMs: this.#settings.config.teleport.refreshIntervalMs,
    }, stop);
    // From here on: credentials that the server refuses may be replaced before the first connection.
    const keeping = keeper.run(stop);
    const fail = (error: Error) => this.#failed.abort(error);
    await using connection = this.#clients.connection(keeper, fail);
    const [server] = await Promise.all([connection.connected(stop), usable]);
    this.#server = server;
    const teleport = new TeleportClient(connection, deadline);
    const reviewing = await this.#createReviewPipeline(teleport);
    this.#pipeline = this.#createPipeline(teleport, server, reviewing?.review);
    await Promise.all([
      this.#pipeline.run(),
      keeping,
      checked,
      reviewing?.gateway.run(stop),
    ]);
  }

  async #reload(): Promise<boolean> {
    const { logger, cancellation: { stop } } = this.#common;
    return this.#isReloadGood = await reload({
      settings: this.#settings,
      logger,
      checkToken: (token) => this.#clients.checkToken(token, TOKEN_CHECK_MS),
      readCredentials: async () =>
        await this.#keeper?.prepare(stop) ?? (() => {}),
      onDone: () => {
        this.#tokenChanged();
        this.#pipeline?.reloaded();
        if (this.#isReady) this.#lookAtRecipients();
      },
    });
  }

  #tokenChanged(): void {
    this.#bot.useToken(this.#settings.token);
    this.#reviewing?.gateway.renew();
  }

  /** Warns, in the background, of recipients that no message gets to. */
  #lookAtRecipients(): void {
    const { clock, logger, cancellation: { stop } } = this.#common;
    const { config } = this.#settings;
    const client = this.#messenger.within(endedBy(stop));
    const lookups = { client, botId: this.#bot.id, clock };
    // Loaded only now: nothing of it is needed to get ready.
    import("./recipient_warnings.ts").then(({ warnOfRecipients }) =>
      warnOfRecipients(config, this.#knownRecipients, lookups, logger, stop)
    ).catch((error) => {
      if (!stop.aborted) throw error;
    });
  }

  get #state(): DaemonState {
    const { watcher, reconciler, tokenMonitor } = this.#pipeline ?? {};
    return {
      hasBeenReady: this.#isReady,
      isStopping: this.#common.cancellation.stop.aborted,
      cluster: this.#server?.clusterName,
      credentialsExpire: this.#keeper?.credentials.notAfter,
      isWatching: watcher?.isWatching ?? false,
      watchFailure: watcher?.lastFailure,
      isTokenRefused: tokenMonitor?.pause.isPaused ?? false,
      workload: reconciler?.workload,
      missesDeletions: watcher?.missesDeletions ?? false,
      isReloadGood: this.#isReloadGood,
      gateway: this.#reviewing?.gateway.status,
      longWaits: this.#limiter.longWaits,
    };
  }

  /** Builds what takes clicks, where that is switched on. */
  async #createReviewPipeline(
    teleport: TeleportClient,
  ): Promise<ReviewPipeline | undefined> {
    if (!this.#settings.config.review.enabled) return undefined;
    const { createReviewPipeline } = await import("./review_pipeline.ts");
    return this.#reviewing = createReviewPipeline({
      common: this.#common,
      settings: this.#settings,
      metrics: this.#metrics,
      auth: teleport,
      messenger: this.#messenger,
      people: () => peopleOf(this.#settings.config),
      botId: () => this.#bot.id,
      onTokenRefused: () => this.#pipeline?.tokenMonitor.refused(),
    });
  }

  #createPipeline(
    teleport: TeleportClient,
    server: ServerInfo,
    review: ClickHandler | undefined,
  ): Pipeline {
    const { clock, logger, cancellation } = this.#common;
    const settings = this.#settings;
    const base = webLinkBase(server.webAddress);
    return new Pipeline({
      clock,
      logger,
      cancellation,
      auth: teleport,
      messenger: this.#messenger,
      self: crypto.randomUUID(),
      facts: {
        textsFor: (recipient) => textsFor(settings.config.messages, recipient),
        hiddenFor: (recipient) =>
          hiddenFor(settings.config.messages, recipient),
        cluster: server.clusterName,
        webLink: (id) => base === undefined ? undefined : webLink(base, id),
        takesReviews: server.takesReviews,
        canReview: review !== undefined,
      },
      serverVersion: server.serverVersion,
      review,
      botId: () => this.#bot.id,
      mayReadHistory: (channelId) =>
        mayReadHistory(
          new DiscordInspector(this.#messenger),
          channelId,
          this.#bot.id,
          new Date(),
        ),
      loadRuleReader: async () =>
        (await import("../route/routing_rule.ts")).prepareRule,
      route: ({ roles }) => recipientsFor(roles, settings.config.routing),
      people: () => peopleOf(settings.config),
      resyncMs: settings.config.teleport.resyncIntervalMs,
      reloadToken: async () => {
        await settings.renewToken();
        this.#tokenChanged();
      },
      onReady: () => {
        if (this.#isReady) return;
        this.#isReady = true;
        logger.info("Plugin is ready");
        this.#lookAtRecipients();
      },
      onSwept: () => this.#garbage.worked(),
      onEvent: this.#metrics.event,
      onRound: (...round) => {
        this.#metrics.round(...round);
        this.#garbage.worked();
      },
      onPosted: this.#metrics.posted,
      stalls: this.#stalls,
    });
  }
}

function peopleOf({ users, mentions, discord }: Config): PeopleConfig {
  const { notices, userIdTrait } = discord;
  return { users, userIdTrait, mentions, notices };
}
