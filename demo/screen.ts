/**
 * What the demo shows: narration, commands, cards.
 *
 * @module
 */

import type { FakeContent, FakeMessage } from "../tests/fakes/discord_api.ts";
import { drawCard } from "./card.ts";
import type { People } from "./markdown.ts";
import type { Style } from "./style.ts";

/** What a {@linkcode Screen} needs. */
export interface ScreenOptions {
  readonly print: (text: string) => void;
  readonly style: Style;
  readonly columns: number;
  /** Whom mentions name. */
  readonly people: People;
  /** How long a reader gets for a card, in milliseconds. */
  readonly pauseMs: number;
}

/** Shows what happens, and remembers what was shown of each message. */
export class Screen {
  readonly style: Style;
  readonly #options: ScreenOptions;
  readonly #shown = new Map<string, FakeContent>();

  constructor(options: ScreenOptions) {
    this.style = options.style;
    this.#options = options;
  }

  line(text = ""): void {
    this.#options.print(`${text}\n`);
  }

  /** Says in a sentence what happens. */
  narrate(text: string): void {
    this.line(`\n${this.style.good("●")} ${text}`);
  }

  /** Shows what a person types. */
  command(user: string, command: string): void {
    this.line(`  ${this.style.dim(`${user}$`)} ${command}`);
  }

  /** Shows a line less important than all others. */
  aside(text: string): void {
    this.line(`  ${this.style.dim(text)}`);
  }

  /** Whether a message changed since it was shown, or was never shown. */
  isNews(message: FakeMessage): boolean {
    const shown = this.#shown.get(message.id);
    return shown === undefined ||
      JSON.stringify(contentOf(shown)) !== JSON.stringify(contentOf(message));
  }

  /** Draws a message as it looks now; what changed since it was last drawn is marked. */
  card(channel: string, message: FakeMessage, language: string): void {
    const { columns, people } = this.#options;
    const before = this.#shown.get(message.id);
    this.#shown.set(message.id, contentOf(message));
    const lines = drawCard(
      { channel, author: "Teleport", message, before },
      { style: this.style, now: new Date(), columns, people, language },
    );
    this.line(lines.join("\n"));
  }

  /** Gives a reader time. */
  async pause(signal: AbortSignal): Promise<void> {
    const { pauseMs } = this.#options;
    signal.throwIfAborted();
    if (pauseMs === 0) return;
    const { promise, resolve } = Promise.withResolvers<void>();
    const timer = setTimeout(resolve, pauseMs);
    signal.addEventListener("abort", () => resolve(), { once: true });
    await promise;
    clearTimeout(timer);
    signal.throwIfAborted();
  }
}

function contentOf({ content, embeds, components }: FakeContent): FakeContent {
  return { content, embeds, components };
}
