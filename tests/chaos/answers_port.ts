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

  constructor(process: Process, clicks: Clicks, faults: Faults) {
    this.#process = process;
    this.#clicks = clicks;
    this.#faults = faults;
  }

  defer(click: Click, signal: AbortSignal): Promise<void> {
    return this.#call("defer", click, signal, () => {
      this.#clicks.answer(this.#process, click);
    });
  }

  reply(click: Click, text: string, signal: AbortSignal): Promise<void> {
    return this.#call(`reply ${text}`, click, signal, () => {
      this.#clicks.answer(this.#process, click);
    });
  }

  openForm(
    click: Click,
    { customId }: ReasonForm,
    signal: AbortSignal,
  ): Promise<void> {
    return this.#call(
      "form",
      click,
      signal,
      () => this.#clicks.openForm(this.#process, click, customId),
    );
  }

  tell(
    click: Click,
    { content }: RenderedMessage,
    signal: AbortSignal,
  ): Promise<void> {
    return this.#call(
      `tell ${content}`,
      click,
      signal,
      () => this.#clicks.told(click, content),
    );
  }

  #call(
    name: string,
    click: Click,
    signal: AbortSignal,
    effect: () => void,
  ): Promise<void> {
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
      signal,
      effect,
      failsBefore: isRefused ? failed : undefined,
      failsAfter: isLost ? failed : undefined,
    });
  }
}
