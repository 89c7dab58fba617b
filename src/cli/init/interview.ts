/**
 * Questions, each asked until its answer passes; what a flag answers is not asked.
 *
 * @module
 */

import type { CheckContext } from "../../check/collect/check_host.ts";
import {
  exitCodeFor,
  type Finding,
  found,
  isBad,
} from "../../check/report/finding.ts";
import { formatFinding } from "../../check/report/text_report.ts";
import type { Problem } from "../../config/reading/problem.ts";
import type { Terminal } from "../../lib/terminal.ts";
import type { Prompt } from "./prompt.ts";

/** What came of an answer. */
export interface Verdict<T> {
  /** What it means; `undefined` if nothing can be done with it. */
  readonly value: T | undefined;
  readonly findings: readonly Finding[];
}

/** What came of an answer that nothing can be done with. */
export function unfit(
  id: string,
  subject: string,
  { detail, hint }: Pick<Problem, "detail" | "hint">,
): Verdict<never> {
  const finding = { id, subject, ...found.failed(detail, hint) };
  return { value: undefined, findings: [finding] };
}

/** One question. */
export interface Question<T> {
  /** What the flag says; then the question is asked only if that does not pass. */
  readonly given: string | undefined;
  readonly text: string;
  /** What Enter alone does, and says that it does, as long as it stands for no answer. */
  readonly withoutAnswer?: { readonly text: string; run(): void };
  /** What Enter alone stands for at first; later it is the former answer. */
  readonly fallback?: string;
  /** Whether the answer must not be shown. */
  readonly isSecret?: boolean;
  /** Judges an answer from the terminal. */
  check(answer: string): Promise<Verdict<T>>;
  /** Judges the value of the flag, where that is something else than an answer. */
  checkGiven?(given: string): Promise<Verdict<T>>;
}

/** An answer did not pass, and nobody is there to give another. */
export class UnfitAnswer extends Error {
  override readonly name = "UnfitAnswer";
  /** What the program ends with. */
  readonly exitCode: number;

  constructor(findings: readonly Finding[]) {
    super("an answer did not pass");
    this.exitCode = exitCodeFor(findings);
  }
}

/** Puts questions to the flags, then to a person, if there is one. */
export class Interview {
  /** Returns what one answer is tried with; its time begins now, not when the question is asked. */
  readonly startCheck: () => CheckContext;
  readonly #terminal: Terminal;
  /** `undefined` where nobody can be asked. */
  readonly #prompt: Prompt | undefined;

  constructor(
    terminal: Terminal,
    prompt: Prompt | undefined,
    startCheck: () => CheckContext,
  ) {
    this.#terminal = terminal;
    this.#prompt = prompt;
    this.startCheck = startCheck;
  }

  /**
   * Asks until an answer passes.
   *
   * @throws {UnfitAnswer} If the flag's value does not pass and nobody can be asked.
   * @throws {Interruption} If the person does not want to go on.
   */
  async settle<T>(question: Question<T>): Promise<T> {
    const { given, withoutAnswer } = question;
    const checkGiven = async () =>
      given === undefined
        ? undefined
        : await (question.checkGiven ?? question.check)(given);
    let former = question.checkGiven === undefined ? given ?? "" : "";
    let verdict = await checkGiven();
    for (;;) {
      if (verdict !== undefined) {
        const { value, findings } = verdict;
        this.show(findings);
        if (!findings.some(isBad) && value !== undefined) return value;
        if (this.#prompt === undefined) throw new UnfitAnswer(findings);
        if (value !== undefined && await this.confirm("Go on all the same?")) {
          return value;
        }
      }
      former = await this.#ask(question, former);
      // Enter alone: what the flag names may have been repaired.
      verdict = await (former === "" ? checkGiven() : question.check(former));
      if (verdict === undefined) withoutAnswer?.run();
    }
  }

  /** Whether somebody can be asked. */
  get hasPerson(): boolean {
    return this.#prompt !== undefined;
  }

  /** Prints a text. */
  say(text: string): void {
    this.#terminal.out(text);
  }

  /** Prints findings as `check` does. */
  show(findings: readonly Finding[]): void {
    for (const each of findings) {
      this.say(formatFinding(each, this.#terminal));
    }
  }

  /** Asks whether to do something; where nobody can be asked, the answer is no. */
  async confirm(question: string): Promise<boolean> {
    return await this.#prompt?.confirm(question) ?? false;
  }

  /** Lets a person do something first. */
  async pause(text: string): Promise<void> {
    await this.#prompt?.pause(text);
  }

  async #ask<T>(
    { text, withoutAnswer, fallback = "", isSecret = false }: Question<T>,
    former: string,
  ): Promise<string> {
    if (this.#prompt === undefined) throw new UnfitAnswer([]);
    if (!isSecret) {
      const offered = former || fallback;
      const question = offered === "" && withoutAnswer !== undefined
        ? `${text}; ${withoutAnswer.text}`
        : text;
      return await this.#prompt.ask(question, offered);
    }
    // Enter alone tries the same again, as after an answer that did not come.
    return await this.#prompt.askSecret(text) || former;
  }
}
