/**
 * A steady stream of requests, each with a life of its own, and a look at what its messages say.
 *
 * @module
 */

import type { FakeDiscord } from "../tests/fakes/discord.ts";
import type { SoakCluster } from "./cluster.ts";

/** What the load brought about. */
export interface Tally {
  /** Requests, by ID. */
  readonly ids: string[];
  /** Requests whose every message said the right thing, and was the only one. */
  inStep: number;
  /** The longest that messages took to say how a request ended, in milliseconds. */
  slowestMs: number;
  /** Requests of which that is not true, with what was seen instead. */
  readonly astray: string[];
  /** Calls to the cluster that had to be repeated. */
  repeated: number;
}

/** Clicks a button of a request's message, as often as it takes. */
export type Click = (id: string, label: "Approve" | "Deny") => Promise<void>;

type Step = (cluster: SoakCluster, id: string, click: Click) => Promise<void>;

/** How a request ends. */
interface Ending {
  readonly state: "APPROVED" | "DENIED" | "EXPIRED";
  readonly approvals: 1 | 2;
  readonly steps: readonly Step[];
}

const ENDINGS: readonly Ending[] = [
  {
    state: "APPROVED",
    approvals: 1,
    steps: [(cluster, id) => cluster.review(id, "rita", "APPROVED")],
  },
  {
    state: "APPROVED",
    approvals: 2,
    steps: [
      (cluster, id) => cluster.review(id, "rita", "APPROVED"),
      (cluster, id) => cluster.review(id, "rob", "APPROVED"),
    ],
  },
  {
    state: "DENIED",
    approvals: 2,
    steps: [
      (cluster, id) => cluster.review(id, "rob", "APPROVED"),
      (cluster, id) => cluster.review(id, "rita", "DENIED"),
    ],
  },
  {
    state: "DENIED",
    approvals: 1,
    steps: [(cluster, id) => cluster.setState(id, "DENIED")],
  },
  {
    state: "DENIED",
    approvals: 1,
    steps: [
      (cluster, id) => cluster.setState(id, "APPROVED"),
      (cluster, id) => cluster.setState(id, "DENIED"),
    ],
  },
  {
    state: "EXPIRED",
    approvals: 1,
    steps: [(cluster, id) => cluster.delete(id)],
  },
  {
    state: "EXPIRED",
    approvals: 2,
    steps: [
      (cluster, id) => cluster.review(id, "rita", "APPROVED"),
      (cluster, id) => cluster.delete(id),
    ],
  },
];

/** Endings by people who review in Discord. */
const CLICKED_ENDINGS: readonly Ending[] = [
  {
    state: "APPROVED",
    approvals: 1,
    steps: [(_, id, click) => click(id, "Approve")],
  },
  {
    state: "DENIED",
    approvals: 2,
    steps: [
      (cluster, id) => cluster.review(id, "rob", "APPROVED"),
      (_, id, click) => click(id, "Deny"),
    ],
  },
  {
    state: "APPROVED",
    approvals: 2,
    steps: [
      (_, id, click) => click(id, "Approve"),
      (cluster, id) => cluster.review(id, "rita", "APPROVED"),
    ],
  },
];

/**
 * How long a message may take to say the right thing: longer than any fault lasts, and than several that follow one
 * another in a short run.
 */
const WAIT_MS = 300_000;

/**
 * How long plugin data outlives its request. Teleport keeps it for an hour after the access, and then nobody can
 * store anything about the request again; here it can only be emptied, so that a process that was stopped, cut off
 * or kept waiting for minutes would announce anew what it last saw pending.
 */
const DATA_OUTLIVES_MS = 15 * 60_000;

/** What a {@linkcode Load} needs. */
export interface LoadOptions {
  readonly cluster: SoakCluster;
  readonly discord: FakeDiscord;
  /** Channels by the number of approvals that a request takes. */
  readonly channels: Readonly<Record<1 | 2, readonly string[]>>;
  /** Milliseconds from one request to the next. */
  readonly everyMs: number;
  /** Longest pause between two events of one request. */
  readonly maxPauseMs: number;
  /** Given if people review in Discord as well. */
  readonly click?: Click | undefined;
}

/** Makes requests until it is told to stop. */
export class Load {
  readonly tally: Tally = {
    ids: [],
    inStep: 0,
    slowestMs: 0,
    astray: [],
    repeated: 0,
  };
  readonly #options: LoadOptions;
  readonly #lives = new Set<Promise<void>>();
  readonly #finishing = new AbortController();

  constructor(options: LoadOptions) {
    this.#options = options;
  }

  /** Makes requests until the signal. */
  async run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      const life = this.#live().catch((error) => {
        this.tally.astray.push(`cannot be led to its end: ${error}`);
      });
      this.#lives.add(life);
      life.finally(() => this.#lives.delete(life));
      await pause(this.#options.everyMs, signal);
    }
  }

  /** Brings every request to its end without further pauses. */
  async finish(): Promise<void> {
    this.#finishing.abort();
    await Promise.all(this.#lives);
  }

  async #live(): Promise<void> {
    const { cluster, channels, click } = this.#options;
    const ending = pick(
      click === undefined ? ENDINGS : [...ENDINGS, ...CLICKED_ENDINGS],
    );
    const id = await this.#insist(() => cluster.create(ending.approvals));
    this.tally.ids.push(id);
    // What resolves before it could be announced is not announced at all.
    await this.#untilShown(id, "PENDING", channels[ending.approvals]);
    for (const step of ending.steps) {
      await this.#pause();
      await this.#insist(() => step(cluster, id, click ?? noClick));
    }
    const endedMs = performance.now();
    const seen = await this.#untilShown(
      id,
      ending.state,
      channels[ending.approvals],
    );
    const tookMs = performance.now() - endedMs;
    this.tally.slowestMs = Math.max(this.tally.slowestMs, tookMs);
    if (seen === undefined) this.tally.inStep++;
    else this.tally.astray.push(`${id} is ${ending.state}, shown: ${seen}`);
    await this.#pause();
    if (ending.state !== "EXPIRED") {
      await this.#insist(() => cluster.delete(id));
    }
    await pause(DATA_OUTLIVES_MS, this.#finishing.signal);
    await this.#insist(() => cluster.forget(id));
  }

  /** Waits until the only message in each channel names a state; returns what is there otherwise. */
  async #untilShown(
    id: string,
    state: string,
    channels: readonly string[],
  ): Promise<string | undefined> {
    const untilMs = performance.now() + WAIT_MS;
    for (;;) {
      const shown = channels.map((channel) =>
        this.#options.discord.messages(channel)
          .filter(({ content }) => content.includes(id))
          .map(({ content }) => /\*Status\*: \S+ (\w+)/.exec(content)?.[1])
      );
      const isMet = shown.every(([first, second]) =>
        first === state && second === undefined
      );
      if (isMet) return undefined;
      if (performance.now() > untilMs) return JSON.stringify(shown);
      await pause(1000);
    }
  }

  /** Repeats a call that fails, as a person would whose cluster is being restarted. */
  async #insist<T>(call: () => Promise<T>): Promise<T> {
    for (let attempt = 1;; attempt++) {
      try {
        return await call();
      } catch (error) {
        if (attempt > 1 && isDone(error)) return undefined as T;
        if (attempt === 60) throw error;
        this.tally.repeated++;
        await pause(1000);
      }
    }
  }

  async #pause(): Promise<void> {
    const { maxPauseMs } = this.#options;
    await pause(Math.random() * maxPauseMs, this.#finishing.signal);
  }
}

function noClick(): Promise<void> {
  return Promise.reject(new Error("Nobody clicks in this run"));
}

/** Whether an earlier attempt got through though its answer was lost. */
function isDone(error: unknown): boolean {
  return /already|not found/i.test(String(error));
}

/** Returns one of several things. */
export function pick<T>(things: readonly T[]): T {
  const thing = things[Math.floor(Math.random() * things.length)];
  if (thing === undefined) throw new RangeError("Nothing to pick from");
  return thing;
}

/** Waits; a signal cuts it short. */
export async function pause(ms: number, signal?: AbortSignal): Promise<void> {
  if (signal?.aborted) return;
  const { promise, resolve } = Promise.withResolvers<void>();
  const wake = () => resolve();
  const timer = setTimeout(wake, ms);
  signal?.addEventListener("abort", wake, { once: true });
  await promise;
  clearTimeout(timer);
  signal?.removeEventListener("abort", wake);
}
