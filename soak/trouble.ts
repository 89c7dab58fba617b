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
import type { Relay } from "./relay.ts";

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

/** The longest that a half-open connection may go unnoticed. */
const SILENCE_MS = 120_000;

/** What a {@linkcode Trouble} works on. */
export interface TroubleOptions {
  readonly cluster: SoakCluster;
  readonly discord: FakeDiscord;
  readonly relay: Relay;
  readonly renewIdentity: () => Promise<void>;
  readonly runMs: number;
}

/** Makes things go wrong until it is told to stop. */
export class Trouble {
  /** How often each kind of trouble was made. */
  readonly counts = new Map<string, number>();
  readonly #options: TroubleOptions;

  constructor(options: TroubleOptions) {
    this.#options = options;
  }

  /** Makes trouble until the signal; resolves when none is left. */
  async run(signal: AbortSignal): Promise<void> {
    const { runMs } = this.#options;
    await Promise.all([
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
    this.#count(`Discord: ${name}`);
    this.#options.discord.fail(({ route }) => !route.startsWith("GET"), fault);
  }

  async #outage(signal: AbortSignal): Promise<void> {
    this.#count("Discord: outage");
    const { discord, runMs } = this.#options;
    const end = discord.fail(() => true, serverError(503), Infinity);
    await pause(Math.min(OUTAGE_MS, runMs / 20), signal);
    end();
  }

  #cut(): void {
    this.#count("Auth: connections broken");
    this.#options.relay.cut();
  }

  #fallSilent(): void {
    this.#count("Auth: half-open connection");
    this.#options.relay.fallSilent();
  }

  async #restart(): Promise<void> {
    this.#count("Auth: restarted, identity renewed");
    await this.#options.renewIdentity();
    await this.#options.cluster.restart();
  }

  #count(name: string): void {
    this.counts.set(name, (this.counts.get(name) ?? 0) + 1);
  }
}
