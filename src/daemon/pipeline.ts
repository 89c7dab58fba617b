/**
 * The pipeline: everything between the two clients, put together.
 *
 * @module
 */

import { Deliveries, type DeliveriesOptions } from "../deliver/deliveries.ts";
import { TokenMonitor } from "../deliver/token_monitor.ts";
import type { Cancellation } from "../lib/async/cancellation.ts";
import type { Clock } from "../lib/async/clock.ts";
import type { StallDetector } from "../lib/async/stall_detector.ts";
import type { Logger } from "../lib/log/logger.ts";
import type { ClusterFacts } from "../message/announcement.ts";
import { DiscordUsers } from "../people/discord_users.ts";
import type { PeopleConfig } from "../people/people_config.ts";
import { RequestLookups } from "../people/request_lookups.ts";
import { TeleportLookups } from "../people/teleport_lookups.ts";
import type { AccessRequest } from "../ports/access_request.ts";
import type { AuthService } from "../ports/auth_service.ts";
import type { Messenger } from "../ports/messenger.ts";
import { Reconciler, type ReconcilerOptions } from "../reconcile/reconciler.ts";
import type { ClickHandler } from "../review/click_handler.ts";
import { Router } from "../route/router.ts";
import { RuleBook, type RuleBookOptions } from "../route/rule_book.ts";
import { ListProbe } from "../watch/list_probe.ts";
import { UnknownFieldLog } from "../watch/unknown_field_log.ts";
import { Watcher, type WatcherOptions } from "../watch/watcher.ts";

/** What a {@linkcode Pipeline} needs. */
export interface PipelineOptions {
  readonly auth: AuthService;
  readonly messenger: Messenger;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Random ID of this process. */
  readonly self: string;
  readonly facts: Omit<ClusterFacts, "userId">;
  /** Version of the Auth Service. */
  readonly serverVersion: string;
  /** User ID of the bot. */
  readonly botId: () => string;
  /** Whether the bot may read earlier messages of a channel, by its permissions. */
  readonly mayReadHistory: DeliveriesOptions["mayReadHistory"];
  /** Brings what reads access monitoring rules. */
  readonly loadRuleReader: RuleBookOptions["loadReader"];
  /** Recipients of a request by the configuration. */
  readonly route: (request: AccessRequest) => readonly string[];
  /** Who is who, and who is told what, by today's configuration. */
  readonly people: () => PeopleConfig;
  /** Time between two sweeps, in milliseconds. */
  readonly resyncMs: number;
  /** Reads the bot token again from where it is configured. */
  readonly reloadToken: () => Promise<void>;
  /** `stop` is the signal to stop; `deadline` ends even what is under way then. */
  readonly cancellation: Cancellation;
  /** Called each time that the watch is open and what it missed has been listed. */
  readonly onReady: () => void;
  /** Called after each sweep. */
  readonly onSwept?: WatcherOptions["onSwept"];
  /** Called with the kind of each event. */
  readonly onEvent?: WatcherOptions["onEvent"];
  /** Called after each round. */
  readonly onRound?: ReconcilerOptions["onRound"];
  /** Called with each message that was posted, to count it. */
  readonly onPosted?: DeliveriesOptions["onPosted"];
  /** Notices a watch that does not end. */
  readonly stalls?: StallDetector;
  /** Reviews by clicks, if they are taken. */
  readonly review?: Pick<ClickHandler, "see" | "drain"> | undefined;
}

/** Keeps the messages of a cluster's access requests in step. */
export class Pipeline {
  readonly #options: PipelineOptions;
  readonly reconciler: Reconciler;
  readonly watcher: Watcher;
  readonly tokenMonitor: TokenMonitor;

  constructor(options: PipelineOptions) {
    this.#options = options;
    const { auth, messenger, clock, logger, self, people } = options;
    const { route, cancellation, review } = options;
    const signal = cancellation.stop;
    const tokenMonitor = this.tokenMonitor = new TokenMonitor({
      messenger,
      reloadToken: options.reloadToken,
      clock,
      logger,
      signal,
    });
    const teleportLookups = new TeleportLookups({
      auth,
      clock,
      logger,
      signal,
    });
    const ruleBook = new RuleBook({
      auth,
      clock,
      logger,
      serverVersion: options.serverVersion,
      loadReader: options.loadRuleReader,
      onLoaded: () => this.reconciler.routingKnown(),
      onChange: () => this.reconciler.routingChanged(),
    });
    const discordUsers = new DiscordUsers({
      people,
      traits: (user) => teleportLookups.traits(user),
      clock,
      logger,
    });
    const deliveries = new Deliveries({
      messenger,
      clock,
      logger,
      self,
      facts: { ...options.facts, userId: (user) => discordUsers.known(user) },
      people,
      discordUsers,
      botId: options.botId,
      mayReadHistory: options.mayReadHistory,
      pause: tokenMonitor.pause,
      cancellation,
      onTokenRefused: () => tokenMonitor.refused(),
      onLeaseLost: (holder) => this.reconciler.holderSeen(holder),
      onEnded: (id, name) => this.reconciler.deliveryEnded(id, name),
      onPosted: options.onPosted,
    });
    const unknownFields = new UnknownFieldLog(logger);
    this.reconciler = new Reconciler({
      auth,
      router: new Router({ ruleBook, teleportLookups, route }),
      deliveries,
      requestLookups: new RequestLookups({
        teleportLookups,
        discordUsers,
        people,
        clock,
        signal,
      }),
      people,
      hiddenFor: options.facts.hiddenFor,
      clock,
      logger,
      self,
      cancellation,
      onSeen: (id, request) => {
        if (request !== undefined) unknownFields.see(request);
        review?.see(id, request);
      },
      onRound: options.onRound,
    });
    this.watcher = new Watcher({
      auth,
      reconciler: this.reconciler,
      ruleBook,
      listProbe: new ListProbe({ auth, clock, logger, signal }),
      clock,
      logger,
      resyncMs: options.resyncMs,
      onReady: options.onReady,
      onSwept: options.onSwept,
      onEvent: options.onEvent,
      stalls: options.stalls,
    });
  }

  /** Takes in that routing or token may be others: looks at every request again. */
  reloaded(): void {
    this.tokenMonitor.retrySoon();
    this.watcher.sweepSoon();
  }

  /** Works until the signal to stop, then lets what is under way end. */
  async run(): Promise<void> {
    await this.watcher.run(this.#options.cancellation.stop);
    await Promise.all([this.reconciler.drain(), this.#options.review?.drain()]);
  }
}
