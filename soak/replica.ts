/**
 * One of the processes that run side by side, with its own way to the Auth Service.
 *
 * @module
 */

import { pause } from "./load.ts";
import { Journal, SoakPlugin } from "./plugin.ts";
import type { Relay } from "./relay.ts";

/** A plugin that is started again whenever it was killed. */
export class Replica implements AsyncDisposable {
  readonly relay: Relay;
  /** What all of its processes have logged. */
  readonly journal = new Journal();
  readonly #entry: string;
  readonly #configPath: string;
  #plugin: SoakPlugin;

  /** @param relay What its configuration names as the address of the Auth Service. */
  constructor(entry: string, configPath: string, relay: Relay) {
    this.relay = relay;
    this.#entry = entry;
    this.#configPath = configPath;
    this.#plugin = this.#start();
  }

  /** Its present process. */
  get plugin(): SoakPlugin {
    return this.#plugin;
  }

  /** Kills it, and starts it again; resolves once it is ready. */
  async restart(): Promise<void> {
    await this.#plugin[Symbol.asyncDispose]();
    this.#plugin = this.#start();
    await this.#plugin.ready();
  }

  /** Holds its process still for a while; a signal cuts it short. */
  async freeze(ms: number, signal: AbortSignal): Promise<void> {
    const plugin = this.#plugin;
    plugin.signal("SIGSTOP");
    await pause(ms, signal);
    plugin.signal("SIGCONT");
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#plugin[Symbol.asyncDispose]();
  }

  #start(): SoakPlugin {
    return new SoakPlugin(this.#entry, this.#configPath, this.journal);
  }
}
