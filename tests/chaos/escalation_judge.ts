/**
 * What must hold of escalations: each is carried out once, in time, and only while nobody has decided.
 *
 * @module
 */

import { isTitle } from "../../src/message/catalogue/titles.ts";
import { decodePluginData } from "../../src/record/plugin_data_codec.ts";
import type { Cluster } from "./cluster.ts";
import {
  CHANNELS,
  type DiscordServer,
  type Message,
} from "./discord_server.ts";
import type { Faults } from "./faults.ts";
import type { Judge } from "./judge.ts";
import { subjectIn } from "./notice_judge.ts";
import type { EscalationPlan, PeoplePlan } from "./schedule.ts";

type Entries = Readonly<Record<string, string>>;

/** Clocks differ, and plugin data holds whole seconds. */
const CLOCKS_MS = 4500;

/** What was read may be so old when it has been written, or has reached Discord. */
const STALE_MS = 45_000;

/** An escalation is carried out so soon after its time when all is well. */
const PROMPT_MS = 30_000;

/** Watches over escalations. */
export class EscalationJudge {
  readonly #judge: Judge;
  readonly #cluster: Cluster;
  readonly #faults: Faults;
  readonly #plans: readonly EscalationPlan[];
  readonly #called = new Set<string>();

  constructor(judge: Judge, faults: Faults, people: PeoplePlan | undefined) {
    this.#judge = judge;
    this.#cluster = judge.cluster;
    this.#faults = faults;
    this.#plans = people?.escalations ?? [];
  }

  /** Whether a message calls somebody to a request. */
  isCall({ content }: Message): boolean {
    return isTitle(content.split("\n", 1)[0] ?? "", "escalation");
  }

  /** Somebody was called who had the announcement before. */
  called(message: Message): void {
    const id = subjectIn(message.content);
    this.#judge.count("calls of escalations");
    const line = message.content.split("\n")[2] ?? "";
    const key = `${id} ${message.channelId} ${line}`;
    if (this.#called.has(key)) {
      this.#judge.fail(`${message.channelId} was called twice to ${id}`);
    }
    this.#called.add(key);
    const seconds = Number(/<t:(\d+):R>$/.exec(line)?.[1] ?? NaN);
    const created = this.#cluster.last(id)?.created.getTime() ?? NaN;
    const afterMs = (seconds - Math.floor(created / 1000)) * 1000;
    if (!this.#plansFor(id).some((plan) => plan.afterMs === afterMs)) {
      this.#judge.fail(`${message.channelId} was called to ${id} for nothing`);
    }
    this.#checkTime(id, afterMs, "called to");
    const { deliveries, mentionsAt } = decodePluginData(
      this.#cluster.stored(id) ?? {},
    );
    const channel = CHANNELS.indexOf(message.parentId ?? message.channelId);
    const isAdded = [...deliveries].some(([recipient, delivery]) =>
      delivery.kind === "posted" && mentionsAt.has(recipient) &&
      delivery.message.channelId === message.channelId
    );
    const isFirst = this.#plansFor(id).every((plan) =>
      plan.afterMs >= afterMs || !plan.channels.includes(channel)
    );
    if (isAdded && isFirst) {
      this.#judge.fail(`${message.channelId} was told of ${id}, and called`);
    }
  }

  /** Plugin data was written. */
  written(id: string, before: Entries, after: Entries): void {
    const [was, is] = [before["x-escalated"], after["x-escalated"]];
    if (is === was) return;
    this.#judge.count("escalations");
    if (Number(is ?? 0) < Number(was ?? 0)) {
      this.#judge.fail(`${id} was escalated up to ${was}, then to ${is}`);
    }
    this.#checkTime(id, Number(is) * 1000, "escalated:");
  }

  #checkTime(id: string, afterMs: number, what: string): void {
    const { nowMs } = this.#cluster.time;
    const created = this.#cluster.last(id)?.created.getTime() ?? 0;
    const ageMs = this.#cluster.wallMs - created;
    const isSteady = this.#faults.wereAbsent("clock", 0);
    if (isSteady && ageMs + CLOCKS_MS < afterMs) {
      this.#judge.fail(`${what} ${id} too soon`);
    }
    const states = ["APPROVED", "DENIED", "PROMOTED"] as const;
    for (const state of states) {
      const sinceMs = this.#cluster.sinceMs(id, state) ?? Infinity;
      if (nowMs - sinceMs > STALE_MS) {
        this.#judge.fail(`${what} ${id}, which has been ${state} for long`);
      }
    }
  }

  #plansFor(id: string): readonly EscalationPlan[] {
    const roles = this.#cluster.last(id)?.roles ?? [];
    return this.#plans.filter(({ route }) =>
      route === undefined || roles.includes(route)
    );
  }

  /** In the end whoever was to be told has been told. */
  verdict(discord: DiscordServer): void {
    for (const id of this.#cluster.ids) this.check(discord, id);
  }

  /** Whoever was to be told of a request by now has been told, where all is well. */
  check(discord: DiscordServer, id: string): void {
    const request = this.#cluster.current(id);
    const data = decodePluginData(this.#cluster.stored(id) ?? {});
    const ageMs = this.#cluster.wallMs -
      (request?.created.getTime() ?? Infinity);
    const due = this.#plansFor(id).filter(({ afterMs }) =>
      afterMs + PROMPT_MS <= ageMs
    );
    if (
      request?.state !== "PENDING" || data.deliveries.size === 0 ||
      due.length === 0
    ) return;
    const wanted = Math.max(...due.map(({ afterMs }) => afterMs)) / 1000;
    if ((data.escalated ?? 0) < wanted) {
      this.#judge.fail(`${id} is escalated up to ${data.escalated}`);
    }
    for (const channel of new Set(due.flatMap(({ channels }) => channels))) {
      const channelId = CHANNELS[channel] ?? "";
      const entry = [...data.deliveries].find(([, delivery]) =>
        delivery.kind === "posted" &&
        discord.placeOf(delivery.message.channelId) === channelId
      );
      if (!this.#judge.isReachable(channelId)) continue;
      if (entry === undefined) {
        this.#judge.fail(`${id} was not escalated to ${channelId}`);
        continue;
      }
      const [recipient, delivery] = entry;
      const inChannel = delivery.kind === "posted"
        ? discord.messages(delivery.message.channelId)
        : [];
      const isDeleted = delivery.kind !== "posted" ||
        delivery.shows === "gone" ||
        inChannel.find((each) => each.id === delivery.message.messageId)
            ?.deleted !== false;
      if (data.mentionsAt.has(recipient) || isDeleted) continue;
      const calls = inChannel.filter((message) =>
        this.isCall(message) && subjectIn(message.content) === id
      );
      if (calls.length === 0) {
        this.#judge.fail(`${channelId} was not called to ${id}`);
      }
    }
  }
}
