/**
 * Answers to clicks, as one process gives them.
 *
 * @module
 */

import type { Answers, Click, ReasonForm } from "../../src/ports/clicks.ts";
import type { RenderedMessage } from "../../src/ports/rendered_message.ts";
import { DiscordApiError } from "../../src/ports/discord_error.ts";
import type { Clicks } from "./clicks.ts";
import type { Faults } from "./faults.ts";
import type { Process } from "./process.ts";

/** Discord takes an answer, or not. */
export class AnswersPort implements Answers {
  readonly #process: Process;
  readonly #clicks: Clicks;
  readonly #faults: Faults;
  readonly #signal: AbortSignal;

  /** @param signal Ends each call. */
  constructor(
    process: Process,
    clicks: Clicks,
    faults: Faults,
    signal: AbortSignal,
  ) {
    this.#process = process;
    this.#clicks = clicks;
    this.#faults = faults;
    this.#signal = signal;
  }

  defer(click: Click): Promise<void> {
    return this.#call("defer", click, () => {
      this.#clicks.answer(this.#process, click);
    });
  }

  reply(click: Click, text: string): Promise<void> {
    return this.#call(`reply ${text}`, click, () => {
      this.#clicks.answer(this.#process, click);
    });
  }

  openForm(click: Click, { customId }: ReasonForm): Promise<void> {
    return this.#call(
      "form",
      click,
      () => this.#clicks.openForm(this.#process, click, customId),
    );
  }

  tell(click: Click, { content }: RenderedMessage): Promise<void> {
    return this.#call(
      `tell ${content}`,
      click,
      () => this.#clicks.told(click, content),
    );
  }

  #call(name: string, click: Click, effect: () => void): Promise<void> {
    const { noise, slot } = this.#process;
    const faults = this.#faults;
    const isSlow = faults.hits("discord is slow", slot);
    const failed = new DiscordApiError("POST", "fault of the schedule", {
      status: 502,
    });
    const isRefused = faults.hits("discord refuses", slot);
    const isLost = faults.hits("discord loses answers", slot);
    return this.#process.call({
      name: `${name} (click ${click.id})`,
      leaveMs: noise.int("answer leave", 0, isSlow ? 4000 : 30),
      answerMs: noise.int("answer", 0, 60),
      signal: this.#signal,
      effect,
      failsBefore: isRefused ? failed : undefined,
      failsAfter: isLost ? failed : undefined,
    });
  }
}
