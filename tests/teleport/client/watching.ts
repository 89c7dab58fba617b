/**
 * Events of a watch, one by one.
 *
 * @module
 */

import type {
  AuthService,
  WatchEvent,
} from "../../../src/ports/auth_service.ts";

/** A watch whose events wait to be taken. */
export class Watching {
  /** Rejects when the watch ends. */
  readonly ended: Promise<never>;
  readonly #events: WatchEvent[] = [];
  #wake = Promise.withResolvers<void>();

  /** Starts to watch; without a signal, until the client is closed. */
  constructor(client: AuthService, signal = new AbortController().signal) {
    this.ended = client.within(signal).watchEvents((event) => {
      this.#events.push(event);
      this.#wake.resolve();
      this.#wake = Promise.withResolvers();
    });
    // Whoever does not ask for the end need not handle it.
    this.ended.catch(() => {});
  }

  /** Takes the next event, as soon as there is one. */
  async next(): Promise<WatchEvent> {
    for (;;) {
      const event = this.#events.shift();
      if (event !== undefined) return event;
      await Promise.race([this.#wake.promise, this.ended]);
    }
  }

  /** Takes events up to the first that is about one request; returns it in short. */
  async nextOf(id: string): Promise<string> {
    for (;;) {
      const event = await this.next();
      if (event.kind === "delete" && event.requestId === id) return "DELETE";
      if (event.kind === "put" && event.request.id === id) {
        const { state, reviews } = event.request;
        return `${state} ${reviews.length}`;
      }
    }
  }
}
