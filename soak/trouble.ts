/**
 * What goes wrong during a soak run, again and again.
 *
 * @module
 */

import {
  cutOff,
  type FakeDiscord,
  type Fault,
  garbled,
  lostAnswer,
  rateLimited,
  refused,
  resetBefore,
  serverError,
} from "../tests/fakes/discord.ts";
import type { SoakCluster } from "./cluster.ts";
import { pause, pick } from "./load.ts";
import type { Replica } from "./replica.ts";

/** Ways in which one call to Discord fails. */
const FAULTS: Readonly<Record<string, Fault>> = {
  "429": rateLimited(1),
  "429 shared": rateLimited(0.5, { scope: "shared" }),
  "500": refused(500, 0),
  "502 HTML": serverError(502),
  "reset": resetBefore,
  "lost answer": lostAnswer,
  "cut-off body": cutOff,
  "garbled body": garbled,
};

/** How long Discord answers nothing but 503 at a time. */
const OUTAGE_MS = 20_000;

/** How long Discord answers nothing but 429 at a time, and how long there is no way to the Auth Service. */
const STORM_MS = 20_000;

/** How long a process is held still. */
const FREEZE_MS = 60_000;

/** The longest that a half-open connection may go unnoticed. */
const SILENCE_MS = 120_000;

/** What a {@linkcode Trouble} works on. */
export interface TroubleOptions {
  readonly cluster: SoakCluster;
  readonly discord: FakeDiscord;
  readonly replicas: readonly Replica[];
  readonly renewIdentity: () => Promise<void>;
  readonly runMs: number;
}

/** Something that went wrong. */
interface Incident {
  /** When it began, milliseconds since 1970. */
  readonly atMs: number;
  readonly name: string;
  /** Which process it was, from 1 on; all, if not given. */
  readonly process?: number;
}

/** Makes things go wrong until it is told to stop. */
export class Trouble {
  /** All that went wrong, in the order in which it began. */
  readonly happened: Incident[] = [];
  readonly #options: TroubleOptions;

  constructor(options: TroubleOptions) {
    this.#options = options;
  }

  /** Makes trouble until the signal; resolves when none is left. */
  async run(signal: AbortSignal): Promise<void> {
    const { runMs, replicas } = this.#options;
    await Promise.all([
      ...replicas.length === 1 ? [] : [
        this.#each(runMs / 10, signal, () => this.#freeze(signal)),
        this.#each(runMs / 20, signal, () => this.#kill()),
        this.#each(runMs / 12, signal, () => this.#storm(signal)),
        this.#each(runMs / 10, signal, () => this.#unplug(signal)),
      ],
      this.#each(Math.min(7000, runMs / 20), signal, () => this.#failCall()),
      this.#each(runMs / 8, signal, () => this.#outage(signal)),
      this.#each(Math.min(90_000, runMs / 12), signal, () => this.#cut()),
      this.#each(runMs / 6, signal, () => this.#restart()),
      ...runMs < 4 * SILENCE_MS
        ? []
        : [this.#each(runMs / 4.5, signal, () => this.#fallSilent())],
    ]);
  }

  async #each(
    periodMs: number,
    signal: AbortSignal,
    act: () => void | Promise<void>,
  ): Promise<void> {
    for (;;) {
      await pause(periodMs * (0.75 + Math.random() / 2), signal);
      if (signal.aborted) return;
      await act();
    }
  }

  #failCall(): void {
    const [name, fault] = pick(Object.entries(FAULTS));
    this.#note(`Discord: ${name}`);
    this.#options.discord.fail(({ route }) => !route.startsWith("GET"), fault);
  }

  async #outage(signal: AbortSignal): Promise<void> {
    this.#note("Discord: outage");
    const { discord, runMs } = this.#options;
    const end = discord.fail(() => true, serverError(503), Infinity);
    await pause(Math.min(OUTAGE_MS, runMs / 20), signal);
    end();
  }

  #cut(): void {
    const replica = pick(this.#options.replicas);
    this.#note("Auth: connections broken", replica);
    replica.relay.cut();
  }

  #fallSilent(): void {
    const replica = pick(this.#options.replicas);
    this.#note("Auth: half-open connection", replica);
    replica.relay.fallSilent();
  }

  async #freeze(signal: AbortSignal): Promise<void> {
    const { replicas, runMs } = this.#options;
    const replica = pick(replicas);
    this.#note("process: stopped and continued", replica);
    await replica.freeze(Math.min(FREEZE_MS, runMs / 10), signal);
  }

  /** Spares the first process, whose memory is judged. */
  async #kill(): Promise<void> {
    const replica = pick(this.#options.replicas.slice(1));
    this.#note("process: killed", replica);
    await replica.restart();
  }

  async #storm(signal: AbortSignal): Promise<void> {
    this.#note("Discord: nothing but 429");
    const { discord, runMs } = this.#options;
    const end = discord.fail(
      ({ route }) => !route.startsWith("GET"),
      rateLimited(1),
      Infinity,
    );
    await pause(Math.min(STORM_MS, runMs / 20), signal);
    end();
  }

  async #unplug(signal: AbortSignal): Promise<void> {
    const { replicas, runMs } = this.#options;
    const replica = pick(replicas);
    const { relay } = replica;
    this.#note("Auth: not reached by one process", replica);
    relay.goDown();
    await pause(Math.min(STORM_MS, runMs / 20), signal);
    relay.comeBack();
  }

  async #restart(): Promise<void> {
    this.#note("Auth: restarted, identity renewed");
    await this.#options.renewIdentity();
    await this.#options.cluster.restart();
  }

  #note(name: string, replica?: Replica): void {
    this.happened.push({
      atMs: performance.timeOrigin + performance.now(),
      name,
      ...replica === undefined
        ? {}
        : { process: this.#options.replicas.indexOf(replica) + 1 },
    });
  }
}
