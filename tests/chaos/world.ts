/**
 * Runs one schedule: a cluster, Discord, and processes that come and go.
 *
 * @module
 */

import { Pipeline } from "../../src/daemon/pipeline.ts";
import type { Logger } from "../../src/lib/log/logger.ts";
import { EN } from "../../src/message/catalogue/en.ts";
import { KO } from "../../src/message/catalogue/ko.ts";
import type { PeopleConfig } from "../../src/people/people_config.ts";
import type { AccessRequest } from "../../src/ports/access_request.ts";
import type { HiddenFields } from "../../src/record/hidden_fields.ts";
import type { StatusName } from "../../src/ports/teleport_error.ts";
import { TeleportUsers } from "../../src/people/teleport_users.ts";
import { ClickHandler } from "../../src/review/click_handler.ts";
import { ReviewSubmitter } from "../../src/review/review_submitter.ts";
import { prepareRule } from "../../src/route/routing_rule.ts";
import { AnswersPort } from "./answers_port.ts";
import { AuthPort } from "./auth_port.ts";
import { Clicks } from "./clicks.ts";
import { Cluster } from "./cluster.ts";
import { BOT_ID, CHANNELS, DiscordServer } from "./discord_server.ts";
import { Faults } from "./faults.ts";
import { Judge, OFFENSE } from "./judge.ts";
import { JudgingLogger } from "./judging_logger.ts";
import { MessengerPort, REQUESTER_ID, USER_ID } from "./messenger_port.ts";
import { Noise } from "./noise.ts";
import { runOfficialPlugin } from "./official.ts";
import { Process } from "./process.ts";
import {
  CHAOS_MS,
  END_MS,
  type RequestPlan,
  type Route,
  ROUTES,
  type Schedule,
  type Step,
  TYPED,
  WELL_MS,
} from "./schedule.ts";
import { checkChannel, checkEnds, verdict } from "./verdict.ts";
import { VirtualTime } from "./virtual_time.ts";

/** The classes under test: the real ones, or some that were broken on purpose. */
export interface Build {
  readonly Pipeline: typeof Pipeline;
  readonly ClickHandler: typeof ClickHandler;
  readonly ReviewSubmitter: typeof ReviewSubmitter;
}

export const REAL: Build = { Pipeline, ClickHandler, ReviewSubmitter };

/** What a run came to. */
export interface Outcome {
  /** The first thing that was wrong. */
  readonly failure: string | undefined;
  readonly counters: ReadonlyMap<string, number>;
  readonly trace: readonly string[];
}

interface Running {
  readonly process: Process;
  readonly auth: AuthPort;
  readonly pipeline: Pipeline;
  readonly stop: AbortController;
}

/** How long a process that is told to stop may take. */
const DRAIN_MS = 15_000;

/** After that, leases are given back for so long at most. */
const HAND_BACK_MS = 5000;

/** How long a sweep may take when all is well. */
const SWEEP_MS = 10_000;

/** Runs a schedule from the beginning to the end. */
export async function runSchedule(
  schedule: Schedule,
  build: Build,
  options: { trace?: boolean } = {},
): Promise<Outcome> {
  const world = new World(schedule, build, options.trace ? [] : undefined);
  await world.run();
  return world.outcome;
}

class World {
  readonly #schedule: Schedule;
  readonly #build: Build;
  readonly #trace: string[] | undefined;
  /** What messages hide; all processes have one configuration. */
  readonly #hides: HiddenFields;
  readonly #noise: Noise;
  readonly #time: VirtualTime;
  readonly #cluster: Cluster;
  readonly #judge: Judge;
  readonly #discord: DiscordServer;
  readonly #faults: Faults;
  readonly #clicks: Clicks | undefined;
  readonly #running = new Map<number, Running>();
  #started = 0;

  constructor(schedule: Schedule, build: Build, trace: string[] | undefined) {
    this.#schedule = schedule;
    this.#build = build;
    this.#trace = trace;
    const noise = this.#noise = new Noise(schedule.seed);
    this.#hides = this.#noise.chance("hides", 0.3) ? ["review_reasons"] : [];
    const time = this.#time = new VirtualTime(() => noise.next("tie"));
    this.#cluster = new Cluster(time, schedule.pollMs);
    const faults = this.#faults = new Faults(schedule, noise, time);
    const judge = this.#judge = new Judge(
      this.#cluster,
      faults,
      trace,
      schedule.people,
    );
    const discord = this.#discord = new DiscordServer(
      { time, judge },
      schedule,
    );
    this.#clicks = schedule.clicks &&
      new Clicks({ cluster: this.#cluster, discord, judge, noise });
  }

  get outcome(): Outcome {
    const { failure, counters } = this.#judge;
    return { failure, counters, trace: this.#trace ?? [] };
  }

  async run(): Promise<void> {
    const { requests, outages, faults, secondAtMs, chatter, late, holds = [] } =
      this.#schedule;
    const judge = this.#judge;
    for (let i = 0; i < chatter; i++) this.#discord.chatter();
    this.#start(0);
    if (secondAtMs !== undefined) this.#at(secondAtMs, () => this.#start(1));
    for (const [i, plan] of requests.entries()) {
      this.#at(plan.atMs, () => this.#request(i, plan));
    }
    for (const click of this.#schedule.clicks ?? []) {
      this.#at(click.atMs, () => {
        const { ids } = this.#cluster;
        const id = ids[click.request % ids.length];
        if (id !== undefined) this.#clicks?.click(id, click);
      });
    }
    for (const outage of outages) {
      this.#at(outage.atMs, () => this.#breakDown(outage));
    }
    for (const { atMs, slot, calls, forMs } of holds) {
      this.#at(atMs, () => {
        this.#running.get(slot)?.process.holdAfter(calls, forMs);
      });
    }
    for (const { kind, atMs, slot } of faults) {
      if (kind === "stream ends" || kind === "auth refuses") {
        this.#at(atMs, () => this.#endStreams(slot));
      }
    }
    this.#at(CHAOS_MS, () => {
      judge.trace("--- calm ---");
      for (const { process } of this.#running.values()) process.disarm();
      this.#start(0);
    });
    this.#at(WELL_MS, () => checkEnds(this.#cluster, this.#discord, judge));
    for (const [i, plan] of [LAST_REQUEST, ...late].entries()) {
      this.#late(FIRST_LATE + i, plan);
    }
    const failed = () => judge.failure !== undefined;
    try {
      await this.#time.runUntil(END_MS, failed);
      // A sweep that has just begun looks at each request that had nobody to tell.
      const isIdle = () =>
        this.#running.values().every((
          { pipeline: { reconciler: { workload } } },
        ) => workload.requests === 0 && workload.deliveries === 0);
      const lastMs = END_MS + SWEEP_MS;
      await this.#time.runUntil(lastMs, () => failed() || isIdle());
      if (failed()) return;
      verdict(this.#cluster, this.#discord, judge);
      for (const { pipeline, process } of this.#running.values()) {
        const { requests, deliveries } = pipeline.reconciler.workload;
        // What is owed to a closed channel is kept.
        if (this.#schedule.closed !== undefined) continue;
        if (requests !== 0 || deliveries !== 0) {
          judge.fail(
            `${process.id} still tracks ${requests} requests, ${deliveries} deliveries`,
          );
        }
      }
      for (const running of this.#running.values()) this.#stop(running);
      await this.#time.runUntil(
        lastMs + DRAIN_MS + HAND_BACK_MS + 1000,
        failed,
      );
      if (this.#running.size > 0) judge.fail("a process did not stop");
    } catch (error) {
      judge.fail(error instanceof Error ? error.message : String(error));
    }
  }

  /** Makes a request when all is well: it is brought in step within seconds. */
  #late(index: number, plan: RequestPlan): void {
    const atMs = WELL_MS + plan.atMs;
    this.#at(atMs, () => this.#request(index, plan));
    const { id } = requestOf(index, plan, 0);
    const check = () => {
      // Whoever takes a request over waits before it posts to the forum: the end shows whether it is there.
      const recipients = plan.offends ? [] : ROUTES[plan.route]
        .filter((i) => !this.#discord.isForum(CHANNELS[i] ?? ""));
      for (const i of recipients) {
        const world = [this.#cluster, this.#discord, this.#judge] as const;
        checkChannel(...world, id, CHANNELS[i] ?? "", plan);
      }
    };
    const last = Math.max(0, ...plan.steps.map((step) => step.afterMs));
    this.#at(atMs + last + PROMPT_MS, check);
    this.#at(atMs + last + THREADS_MS, () => {
      this.#judge.notices.checkThreads(this.#discord, id);
    });
    if (plan !== LAST_REQUEST) return;
    for (const { afterMs } of plan.steps) {
      this.#at(atMs + afterMs - 1, () => {
        check();
        this.#judge.notices.checkReminders(this.#discord, id);
        this.#judge.escalations.check(this.#discord, id);
      });
    }
  }

  #at(ms: number, run: () => void): void {
    this.#time.after(ms - this.#time.nowMs, run);
  }

  #start(slot: number): void {
    if (this.#running.has(slot)) return;
    const noise = this.#noise;
    const judge = this.#judge;
    const id = `p${slot}-${this.#started++}`;
    const skewMs = noise.int("clock skew", -3000, 3000);
    const process = new Process({ id, slot, skewMs }, {
      noise,
      time: this.#time,
      observer: judge,
      faults: this.#faults,
    });
    const world = {
      cluster: this.#cluster,
      discord: this.#discord,
      faults: this.#faults,
      judge,
      listLagMs: this.#schedule.listLagMs,
      clicks: this.#clicks,
    };
    const stop = new AbortController();
    const call = new AbortController();
    const auth = new AuthPort(process, world, call.signal);
    const logger: Logger = new JudgingLogger(process, judge);
    // Now and then the configuration was changed while the process was down.
    const extra = noise.chance("other routing", 0.1);
    const texts = noise.pick("language", [EN, KO]);
    const people = peopleOf(this.#schedule);
    const cancellation = { stop: stop.signal, deadline: call.signal };
    const messenger = new MessengerPort(process, world, cancellation);
    const common = { auth, clock: process.clock, logger, cancellation };
    const clicks = this.#clicks;
    const submitter = new this.#build.ReviewSubmitter({
      ...common,
      reviewers: new TeleportUsers({
        auth,
        people: () => ({ users: new Map(), userIdTrait: "discord_id" }),
        clock: process.clock,
        logger,
      }),
      getChannel: (id, until) => messenger.within(until).getChannel(id),
      textsFor: () => texts,
      hiddenFor: () => this.#hides,
      botId: () => BOT_ID,
      reasonRule: "deny",
    });
    const review = clicks && new this.#build.ClickHandler({
      clock: process.clock,
      logger,
      cancellation,
      submitter,
      answers: new AnswersPort(process, clicks, this.#faults, call.signal),
      textsFor: () => texts,
      hiddenAt: () => this.#hides,
      reasonRule: "deny",
    });
    if (review !== undefined) clicks?.listen(process, review);
    const pipeline = new this.#build.Pipeline({
      ...common,
      messenger,
      serverVersion: "18.2.8",
      self: id,
      people: () => people,
      facts: {
        textsFor: () => texts,
        hiddenFor: () => this.#hides,
        cluster: "example.com",
        webLink: () => undefined,
        canReview: review !== undefined,
      },
      review,
      botId: () => BOT_ID,
      mayReadHistory: () => Promise.resolve(true),
      loadRuleReader: () => Promise.resolve(prepareRule),
      route: (request) => recipientsOf(request, extra),
      resyncMs: this.#schedule.resyncMs,
      reloadToken: () => Promise.resolve(),
      onReady: () => process.trace("ready"),
    });
    let toldAtMs = 0;
    stop.signal.addEventListener("abort", () => {
      toldAtMs = this.#time.nowMs;
      process.after(DRAIN_MS, () => call.abort(stopped()));
    });
    process.onDeath(() => {
      judge.died(process);
      this.#running.delete(slot);
    });
    this.#running.set(slot, { process, auth, pipeline, stop });
    process.trace("started");
    pipeline.run().then(
      () => {
        if (!process.alive) return;
        if (!stop.signal.aborted) judge.fail(`${id} ended by itself`);
        process.trace("ended");
        judge.ended(process, toldAtMs);
        process.end();
      },
      (error) => {
        if (process.alive) judge.fail(`${id} ended: ${error}`);
      },
    );
  }

  #stop({ process, stop }: Running): void {
    process.trace("told to stop");
    process.after(0, () => {
      if (!process.alive) return;
      stop.abort(stopped());
      // Held still meanwhile, it ends its calls only when it goes on.
      process.after(DRAIN_MS, () => {
        process.after(HAND_BACK_MS + 1000, () => {
          if (process.alive) this.#judge.fail(`${process.id} did not stop`);
        });
      });
    });
  }

  #breakDown(
    { slot, graceful, calls, downMs }: Schedule["outages"][number],
  ): void {
    const running = this.#running.get(slot);
    if (running === undefined) return;
    const restart = () => {
      this.#time.after(downMs, () => {
        if (this.#time.nowMs < CHAOS_MS) this.#start(slot);
      });
    };
    running.process.onDeath(restart);
    if (graceful) this.#stop(running);
    else running.process.killAfter(calls);
  }

  #endStreams(slot: number | undefined): void {
    for (const { auth, process } of this.#running.values()) {
      if (slot !== undefined && slot !== process.slot) continue;
      auth.endWatches(this.#noise.pick("stream status", STREAM_ENDS));
    }
  }

  #request(index: number, plan: RequestPlan): void {
    const request = requestOf(index, plan, this.#cluster.wallMs);
    this.#judge.trace(`request ${request.id} ${plan.route}`);
    this.#cluster.create(request);
    for (const step of plan.steps) {
      this.#time.after(step.afterMs, () => this.#step(request, step));
    }
    if (plan.official !== undefined) {
      const channelIds = ROUTES[plan.route].flatMap((i) => CHANNELS[i] ?? []);
      const world = {
        cluster: this.#cluster,
        discord: this.#discord,
        judge: this.#judge,
      };
      // The official plugin knows no direct messages, and no posts.
      const open = channelIds.slice(0, 3).filter((channelId) =>
        !this.#discord.isForum(channelId)
      );
      runOfficialPlugin(world, request, open, plan.official);
    }
  }

  #step({ id }: AccessRequest, step: Step): void {
    const cluster = this.#cluster;
    const judge = this.#judge;
    judge.trace(`${step.kind} ${id} ${"state" in step ? step.state : ""}`);
    switch (step.kind) {
      case "review": {
        const count = cluster.current(id)?.reviews.length ?? 0;
        const review = {
          author: `reviewer-${count}`,
          proposedState: step.verdict,
          reason: "",
          created: new Date(cluster.wallMs),
          proposedStart: undefined,
        };
        const state = step.decides ? step.verdict : "PENDING";
        return cluster.review(id, review, state);
      }
      case "resolve":
        return cluster.resolve(
          id,
          step.state,
          step.reason === "" ? "" : TYPED + step.reason,
        );
      case "touch":
        return cluster.touch(id);
      case "remove":
        return cluster.remove(id);
      case "delete message": {
        const channelId = CHANNELS[step.channel] ?? "";
        for (const message of this.#discord.messages(channelId)) {
          if (message.content.includes(id)) this.#discord.delete(message);
        }
      }
    }
  }
}

const STREAM_ENDS: readonly [StatusName, ...StatusName[]] = [
  "UNAVAILABLE",
  "UNKNOWN",
  "CANCELLED",
  "RESOURCE_EXHAUSTED",
  "PERMISSION_DENIED",
  "INTERNAL",
];

/** Index of the first request that is made when all is well. */
const FIRST_LATE = 200;

/** Within this time a message shows what happened. */
const PROMPT_MS = 12_000;

/** Within this time a thread does: it is closed once the announcement is certain to show the outcome. */
const THREADS_MS = 30_000;

/** A request that is made after everything came right, and must find its way. */
const LAST_REQUEST: RequestPlan = {
  atMs: 60_000,
  route: "all",
  pendingMin: 600,
  accessMin: 600,
  hasResource: false,
  offends: false,
  official: undefined,
  steps: [
    {
      kind: "review",
      afterMs: 60_000,
      verdict: "APPROVED",
      decides: false,
    },
    {
      kind: "review",
      afterMs: 120_000,
      verdict: "APPROVED",
      decides: true,
    },
  ],
};

function requestOf(
  index: number,
  plan: RequestPlan,
  nowMs: number,
): AccessRequest {
  const later = (min: number) => new Date(nowMs + min * 60_000);
  // The last digits decide whether a role that shows only some requests shows it.
  const tail = ((index * 89 + 7) % 256).toString(16).padStart(2, "0");
  const head = index.toString(16).padStart(8, "0");
  return {
    id: `${head}-0000-7000-8000-0000000000${tail}`,
    user: "alice",
    roles: [plan.route],
    state: "PENDING",
    kind: "UNDEFINED",
    created: new Date(nowMs),
    requestExpires: later(Math.min(plan.pendingMin, plan.accessMin)),
    accessStarts: undefined,
    accessExpires: later(plan.accessMin),
    maxDuration: undefined,
    reason: plan.offends ? `${TYPED}${OFFENSE}` : "",
    resolveReason: "",
    reviews: [],
    suggestedReviewers: ["bob"],
    resources: plan.hasResource
      ? [{ cluster: "example.com", kind: "node", name: "n1", subResource: "" }]
      : [],
    systemAnnotations: {},
    promotedTo: undefined,
    unknownFields: [],
  };
}

function recipientAt(index: number): string {
  return index === 3 ? `user:${USER_ID}` : CHANNELS[index] ?? "";
}

function recipientsOf(request: AccessRequest, extra: boolean): string[] {
  const [role = "nobody"] = request.roles;
  const indexes = ROUTES[role as Route];
  const recipients = indexes.map(recipientAt);
  const other = CHANNELS[2] ?? "";
  return extra && recipients.length > 0 && !recipients.includes(other)
    ? [...recipients, other]
    : recipients;
}

function peopleOf({ people }: Schedule): PeopleConfig {
  const isKnown = people !== undefined && !people.byTrait;
  return {
    users: new Map(isKnown ? [["alice", REQUESTER_ID], ["bob", USER_ID]] : []),
    userIdTrait: people?.byTrait === true ? "discord_id" : undefined,
    mentions: new Map(
      people === undefined ? [] : [["*", [`user:${USER_ID}`]]],
    ),
    notices: {
      requester: people?.requester ?? false,
      reviewers: people?.reviewers ?? "off",
      remindAfterMs: people?.remindAfterMs ?? [],
      beforeEndMs: people?.beforeEndMs,
      escalations: (people?.escalations ?? []).map((
        { afterMs, route, channels },
      ) => ({
        afterMs,
        roles: route === undefined ? undefined : [route],
        recipients: channels.map(recipientAt),
        mentions: [`user:${USER_ID}`],
      })),
      threads: people?.threads ?? false,
    },
  };
}

function stopped(): DOMException {
  return new DOMException("The process is told to stop", "AbortError");
}
