/**
 * What must hold of the end of access: the requester is told of it once and in time, and each announcement
 * says that it came, and not before.
 *
 * @module
 */

import { CATALOGUES } from "../../src/message/catalogue/languages.ts";
import { isTitle } from "../../src/message/catalogue/titles.ts";
import type { Cluster } from "./cluster.ts";
import {
  type DiscordServer,
  type Message,
  REQUESTER_CHANNEL,
} from "./discord_server.ts";
import type { Faults } from "./faults.ts";
import { type Judge, stateOf } from "./judge.ts";
import { subjectIn } from "./notice_judge.ts";
import { type PeoplePlan, WELL_MS } from "./schedule.ts";

/** Clocks differ, and messages hold whole seconds. */
const CLOCKS_MS = 4500;

/** A notice may be on its way for so long after it became known that there is nothing to tell. */
const STALE_MS = 20_000;

/** A notice is there so soon after its time when all is well. */
const PROMPT_MS = 20_000;

/** What an announcement says once access is over, in each language. */
const ENDED = Object.values(CATALOGUES).map(({ lines }) => lines.accessEnded);

function saysEnded({ content }: Message): boolean {
  return ENDED.some((text) => content.includes(text));
}

/** The longest time between two sweeps. */
const SWEEP_MS = 330_000;

/** Watches over what is said of the end of access. */
export class EndJudge {
  readonly #judge: Judge;
  readonly #cluster: Cluster;
  readonly #faults: Faults;
  readonly #beforeEndMs: number | undefined;
  /** Requests whose requester was told, and when. */
  readonly #told = new Map<string, number>();

  constructor(judge: Judge, faults: Faults, people: PeoplePlan | undefined) {
    this.#judge = judge;
    this.#cluster = judge.cluster;
    this.#faults = faults;
    this.#beforeEndMs = people?.beforeEndMs;
  }

  /** Whether a message tells of an end of access. */
  isNotice({ content }: Message): boolean {
    return isTitle(content.split("\n", 1)[0] ?? "", "before end");
  }

  /** The requester was told that access ends soon. */
  told({ content }: Message): void {
    const id = subjectIn(content);
    this.#judge.count("notices before the end");
    if (this.#told.has(id)) {
      this.#judge.fail(`the requester of ${id} was told of the end twice`);
    }
    const { nowMs } = this.#cluster.time;
    this.#told.set(id, nowMs);
    const endMs = this.#endOf(id);
    const beforeEndMs = this.#beforeEndMs ?? -Infinity;
    if (!this.#faults.wereAbsent("clock", 0)) return;
    if (nowMs + CLOCKS_MS < endMs - beforeEndMs) {
      this.#judge.fail(`the requester of ${id} was told of the end too soon`);
    }
    if (nowMs - CLOCKS_MS - STALE_MS > endMs) {
      this.#judge.fail(`the requester of ${id} was told of an end that was`);
    }
    const approvedMs = this.#cluster.sinceMs(id, "APPROVED") ?? Infinity;
    const startedMs = this.#cluster.wallMs - nowMs;
    // Without a review that decides nothing tells since when it is approved, whatever was reviewed before.
    const isDated = (this.#cluster.last(id)?.reviews ?? []).some((review) =>
      review.created.getTime() - startedMs >= approvedMs
    );
    if (
      approvedMs === Infinity ||
      (isDated && approvedMs - CLOCKS_MS > endMs - beforeEndMs)
    ) {
      this.#judge.fail(
        `the requester of ${id} was told of the end for nothing`,
      );
    }
    const deniedMs = this.#cluster.sinceMs(id, "DENIED") ?? Infinity;
    if (nowMs - deniedMs > STALE_MS && this.#faults.wereAbsent("auth", 0)) {
      this.#judge.fail(`${id} is denied, and its end was told`);
    }
  }

  /** An announcement was edited. */
  edited(id: string, message: Message): void {
    if (!saysEnded(message)) return;
    this.#judge.count("ends shown");
    if (
      this.#beforeEndMs === undefined ||
      stateOf(message.content) !== "APPROVED"
    ) {
      this.#judge.fail(`${id} was shown as ended`);
    }
    const { nowMs } = this.#cluster.time;
    if (
      this.#faults.wereAbsent("clock", 0) &&
      nowMs + CLOCKS_MS < this.#endOf(id)
    ) this.#judge.fail(`${id} was shown as ended too soon`);
  }

  /** In the end each end is shown, and was told where that was possible. */
  verdict(discord: DiscordServer): void {
    if (this.#beforeEndMs === undefined) return;
    for (const id of this.#cluster.ids) {
      const last = this.#cluster.last(id);
      if (last?.state === "APPROVED") this.#checkTold(discord, id);
    }
  }

  #checkTold(discord: DiscordServer, id: string): void {
    const approvedMs = this.#cluster.sinceMs(id, "APPROVED") ?? Infinity;
    const dueMs = this.#endOf(id) - (this.#beforeEndMs ?? 0);
    const { nowMs } = this.#cluster.time;
    const removedMs = this.#cluster.endings.get(id)?.atMs ?? Infinity;
    const isAnnounced = this.#cluster.stored(id)?.["messages"] !== undefined;
    const isCertain = dueMs > WELL_MS && isAnnounced &&
      approvedMs + PROMPT_MS < dueMs && removedMs > dueMs + PROMPT_MS &&
      nowMs > dueMs + PROMPT_MS;
    if (!isCertain || !this.#judge.isReachable(REQUESTER_CHANNEL)) return;
    const count =
      discord.messages(REQUESTER_CHANNEL).filter((message) =>
        this.isNotice(message) && subjectIn(message.content) === id
      ).length;
    this.#judge.count("ends that had to be told");
    if (count !== 1) {
      this.#judge.fail(
        `the requester of ${id} was told ${count} times of the end`,
      );
    }
  }

  /** Whether an announcement says what it should of the end. */
  checkMessage(id: string, message: Message): void {
    const ending = this.#cluster.endings.get(id);
    if (this.#beforeEndMs === undefined || ending?.known === false) return;
    if (this.#cluster.last(id)?.state !== "APPROVED") return;
    const stored = this.#cluster.stored(id);
    // Adopted unseen, nobody knows when it ended.
    if (stored?.["x-access-expires"] === undefined) return;
    const { nowMs } = this.#cluster.time;
    // Whoever removes it before takes no access back; else a sweep finds out.
    const sinceMs = Math.max(
      Math.min(ending?.atMs ?? Infinity, this.#endOf(id) + SWEEP_MS),
      this.#endOf(id),
    );
    if (!saysEnded(message) && nowMs > sinceMs + STALE_MS) {
      this.#judge.fail(`${id} does not say that access is over`);
    }
  }

  /** When access ends, by the time of the run. */
  #endOf(id: string): number {
    const end = this.#cluster.last(id)?.accessExpires?.getTime() ?? Infinity;
    return end - this.#cluster.wallMs + this.#cluster.time.nowMs;
  }
}
