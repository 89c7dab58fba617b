/**
 * A cluster, a Discord and the processes between them, all on one clock that the test turns.
 *
 * @module
 */

import {
  Pipeline,
  type PipelineOptions,
} from "../../../src/daemon/pipeline.ts";
import type { StallDetector } from "../../../src/lib/async/stall_detector.ts";
import type { HiddenFor } from "../../../src/deliver/due/due.ts";
import type { Clock } from "../../../src/lib/async/clock.ts";
import type { Catalogue } from "../../../src/message/catalogue/catalogue.ts";
import { EN } from "../../../src/message/catalogue/en.ts";
import type { PeopleConfig } from "../../../src/people/people_config.ts";
import type { AccessRequest } from "../../../src/ports/access_request.ts";
import type { AuthService } from "../../../src/ports/auth_service.ts";
import type { Messenger } from "../../../src/ports/messenger.ts";
import type { Delivery, PluginData } from "../../../src/record/plugin_data.ts";
import { encodePluginData } from "../../../src/record/plugin_data_codec.ts";
import { prepareRule } from "../../../src/route/routing_rule.ts";
import { FakeClock } from "../../fakes/clock.ts";
import { MemoryLogger } from "../../fakes/logger.ts";
import { MemoryAuth } from "../../fakes/memory_auth.ts";
import {
  BOT_ID,
  MemoryDiscord,
  messengerOf,
} from "../../fakes/memory_discord.ts";
import {
  accessRequest,
  CREATED,
  NO_NOTICES,
  pluginData,
  storedEntries,
} from "../../fakes/samples.ts";

/** The channel that every request is announced in, unless a test says otherwise. */
export const CHANNEL = "800000000000000001";
export const OTHER_CHANNEL = "800000000000000002";

/**
 * A pending request without reviews is taken for a new one; after this time it is known that its claim
 * was refused, and whose it is.
 */
export const CLAIM_REFUSED_MS = 10;

export const RESYNC_MS = 300_000;

/** What the tests vary of a process. */
export interface ProcessOptions {
  readonly self?: string;
  readonly route?: (request: AccessRequest) => readonly string[];
  readonly reloadToken?: () => Promise<void>;
  readonly botId?: () => string;
  readonly people?: () => PeopleConfig;
  /** Whether messages have buttons that review. */
  readonly canReview?: boolean;
  /** What a recipient is told in; English if not given. */
  readonly textsFor?: (recipient: string) => Catalogue;
  /** What a recipient is not shown; nothing is hidden if not given. */
  readonly hiddenFor?: HiddenFor;
  /** Instead of those of the world, such as wrapped ones. */
  readonly auth?: AuthService;
  /** Wraps the one of the world. */
  readonly wrap?: (messenger: Messenger) => Messenger;
  readonly clock?: Clock;
  readonly onEvent?: PipelineOptions["onEvent"];
  readonly onRound?: PipelineOptions["onRound"];
  readonly stalls?: StallDetector;
  /** Another build of the program. */
  readonly build?: { readonly Pipeline: typeof Pipeline };
  readonly serverVersion?: string;
  readonly loadRuleReader?: PipelineOptions["loadRuleReader"];
}

/** Returns how many requests need work, and how many deliveries have not ended. */
export function loadOf({ reconciler: { workload } }: Pipeline): {
  readonly requests: number;
  readonly deliveries: number;
} {
  const { requests, deliveries } = workload;
  return { requests, deliveries };
}

/** A running plugin. */
export class Process {
  readonly pipeline: Pipeline;
  readonly #running: Promise<void>;
  readonly #clock: FakeClock;
  readonly #stop = new AbortController();
  readonly #deadline = new AbortController();
  readonly #killed = new AbortController();
  /** How many times what a watch missed has been listed. */
  ready = 0;

  constructor(world: World, options: ProcessOptions) {
    this.#clock = world.clock;
    const { build = { Pipeline }, wrap = (messenger) => messenger } = options;
    const { auth = world.auth } = options;
    const cancellation = {
      stop: this.#stop.signal,
      deadline: this.#deadline.signal,
    };
    this.pipeline = new build.Pipeline({
      serverVersion: "18.2.8",
      messenger: wrap(messengerOf(world.discord, cancellation)),
      clock: world.clock,
      logger: world.logger,
      self: "self",
      people: () => NOBODY,
      facts: {
        textsFor: options.textsFor ?? (() => EN),
        hiddenFor: options.hiddenFor ?? (() => []),
        cluster: "example.com",
        webLink: () => undefined,
        canReview: options.canReview ?? false,
      },
      botId: () => BOT_ID,
      mayReadHistory: () => Promise.resolve(world.discord.readsHistory),
      loadRuleReader: () => Promise.resolve(prepareRule),
      route: () => [CHANNEL],
      resyncMs: RESYNC_MS,
      reloadToken: () => Promise.resolve(),
      cancellation,
      onReady: () => this.ready++,
      ...options,
      auth: untilKilled(
        auth.within(cancellation.deadline),
        this.#killed.signal,
      ),
    });
    this.#running = this.pipeline.run();
  }

  /** Lets what is under way end, and waits for that. */
  async stop(): Promise<void> {
    this.#stop.abort(new DOMException("Stopping", "AbortError"));
    await this.#clock.run(this.#running);
  }

  /** Ends what is under way so many milliseconds after the signal to stop, and waits until it has stopped. */
  async stopWithin(ms: number): Promise<void> {
    this.#stop.abort(new DOMException("Stopping", "AbortError"));
    await this.#clock.advance(ms);
    this.#deadline.abort(new DOMException("Too late", "AbortError"));
    await this.stop();
  }

  /** Ends the process at once: what is under way is never known to have ended. */
  async kill(): Promise<void> {
    const reason = new DOMException("Killed", "AbortError");
    this.#killed.abort(reason);
    this.#deadline.abort(reason);
    await this.stop();
  }
}

/** Lets nothing reach the Auth Service any more once the process was killed. */
function untilKilled(auth: AuthService, killed: AbortSignal): AuthService {
  return new Proxy(auth, {
    get(target, name) {
      const value = Reflect.get(target, name);
      if (typeof value !== "function") return value;
      if (name === "within") {
        return (signal: AbortSignal) =>
          untilKilled(target.within(signal), killed);
      }
      return (...args: unknown[]) =>
        killed.aborted
          ? Promise.reject(killed.reason)
          : value.apply(target, args);
    },
  });
}

/** Everything that a scenario takes place in; leaving it kills the processes. */
export class World implements AsyncDisposable {
  readonly clock: FakeClock = new FakeClock(CREATED.getTime());
  readonly logger: MemoryLogger = new MemoryLogger();
  readonly auth: MemoryAuth = new MemoryAuth(this.clock);
  readonly discord: MemoryDiscord = new MemoryDiscord(this.clock);
  readonly #processes: Process[] = [];

  /** Starts a process, and waits until it watches. */
  async start(options: ProcessOptions = {}): Promise<Process> {
    const process = new Process(this, options);
    this.#processes.push(process);
    await this.clock.advance(0);
    return process;
  }

  /** Makes an access request, or changes it. */
  async put(fields: Partial<AccessRequest> & { id: string }): Promise<void> {
    const known = this.auth.requests.get(fields.id);
    this.auth.put(accessRequest({ ...known, ...fields }));
    await this.clock.advance(0);
  }

  /** Stores what another process left behind about a pending request. */
  claim(
    id: string,
    deliveries: Record<string, Delivery>,
    fields: Partial<PluginData> = {},
  ): void {
    const data = pluginData({
      deliveries: new Map(Object.entries(deliveries)),
      leaseHolder: "other",
      ...fields,
    });
    this.auth.store(id, storedEntries(encodePluginData(data)));
  }

  /** What is stored about a delivery. */
  delivery(id: string, recipient = CHANNEL): string | undefined {
    return this.auth.stored(id)[`x-to:${recipient}`];
  }

  /** The messages that stand in a channel, as their state: the last line but for a reason. */
  shown(channelId = CHANNEL): string[] {
    return this.discord.messages(channelId)
      .filter((message) => !message.deleted)
      .map(({ content }) => /\*Status\*: \S+ (\w+)/.exec(content)?.[1] ?? "");
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const process of this.#processes) await process.kill();
  }
}

/** Nobody is known, and nobody is told anything beside announcements. */
export const NOBODY: PeopleConfig = {
  users: new Map(),
  userIdTrait: undefined,
  mentions: new Map(),
  notices: NO_NOTICES,
};

export const OWED: Delivery = { kind: "owed", generation: 1 };
