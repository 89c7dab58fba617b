/**
 * What `--keep` offers after the play: a prompt, and messages drawn as they change.
 *
 * @module
 */

import { createInterface } from "node:readline";
import process from "node:process";
import { RefusedError } from "../tests/fakes/cluster_state.ts";
import type { Screen } from "./screen.ts";
import {
  type ChannelName,
  CHANNELS,
  DemoFailure,
  LANGUAGES,
  type Stage,
} from "./stage.ts";

const HELP = `\
  request USER ROLE[,ROLE…] [REASON]   make a request; prod-root goes to #security,
                                       seoul-office to #seoul, in Korean
  approve N [REASON]                   review request N; each time another reviewer
  deny N [REASON]
  expire N                             let Teleport remove it
  delete N                             delete its messages, as a moderator would
  stop, start                          stop or start the plugin
  log                                  show the plugin's log from now on, or stop that
  quit                                 end, as Ctrl-C and the end of the input do`;

const REVIEWERS = ["rita", "rob", "uma", "vic", "wim"];

/** Takes commands until the input ends or the signal aborts. */
export async function explore(
  stage: Stage,
  screen: Screen,
  stop: AbortSignal,
): Promise<void> {
  const session = new Session(stage, screen);
  session.welcome();
  const done = new AbortController();
  const ending = AbortSignal.any([stop, done.signal]);
  const drawing = session.drawChanges(ending);
  const input = createInterface({ input: process.stdin, signal: stop });
  try {
    for await (const line of input) {
      if (line.trim() === "quit") break;
      await session.obey(line.trim());
    }
  } finally {
    input.close();
    await stage.stopPlugin();
    done.abort();
    await drawing;
  }
}

class Session {
  readonly #stage: Stage;
  readonly #screen: Screen;
  /** IDs of the requests, in the order of their numbers. */
  readonly #ids: string[] = [];
  readonly #reviews = new Map<string, number>();
  #showsLog = false;

  constructor(stage: Stage, screen: Screen) {
    this.#stage = stage;
    this.#screen = screen;
    stage.onLog = (line) => this.#showsLog && screen.aside(line);
  }

  welcome(): void {
    const { auth, discord, folder, configPath } = this.#stage;
    this.#screen.narrate("The stand-ins keep running.");
    for (
      const [what, where] of [
        ["Auth Service", auth.address],
        ["Discord", discord.url],
        ["configuration", configPath],
        ["identity file", `${folder}/identity`],
        ["token file", `${folder}/token`],
        ["channel", CHANNELS["access-requests"]],
      ]
    ) this.#screen.aside(`${what?.padEnd(13)} ${where}`);
    this.#screen.aside(
      `To try the questions of \`init\` here, add --apiurl=${discord.url} to it.`,
    );
    this.#screen.line(`\n${HELP}\n`);
  }

  /** Draws each message that is new or changed, until the signal aborts. */
  async drawChanges(signal: AbortSignal): Promise<void> {
    const aborted = new Promise<void>((resolve) =>
      signal.addEventListener("abort", () => resolve(), { once: true })
    );
    while (!signal.aborted) {
      this.#drawNews();
      const news = this.#stage.discord.waitFor(() => this.#news().length > 0);
      await Promise.race([news, aborted]);
    }
    this.#drawNews();
  }

  async obey(line: string): Promise<void> {
    const [command = "", ...words] = line.split(/\s+/);
    try {
      await this.#carryOut(command, words);
    } catch (error) {
      if (!(error instanceof RefusedError || error instanceof DemoFailure)) {
        throw error;
      }
      this.#screen.line(this.#screen.style.bad(error.message));
    }
  }

  async #carryOut(command: string, words: readonly string[]): Promise<void> {
    const { auth } = this.#stage;
    switch (command) {
      case "":
        return;
      case "request":
        return this.#request(words);
      case "approve":
        return this.#review(words, "APPROVED");
      case "deny":
        return this.#review(words, "DENIED");
      case "expire":
        return auth.delete(this.#idOf(words));
      case "delete":
        return this.#deleteMessages(this.#idOf(words));
      case "stop":
        await this.#stage.stopPlugin();
        return this.#screen.aside("stopped");
      case "start":
        if (!this.#stage.isRunning) await this.#stage.startPlugin();
        return this.#screen.aside("running");
      case "log":
        this.#showsLog = !this.#showsLog;
        return;
      default:
        this.#screen.line(HELP);
    }
  }

  #request([user, roles, ...reason]: readonly string[]): void {
    if (user === undefined || roles === undefined) {
      throw new DemoFailure("expected: request USER ROLE[,ROLE…] [REASON]");
    }
    const id = this.#stage.auth.createRequest({
      user,
      roles: roles.split(","),
      reason: reason.join(" "),
    });
    const number = this.#ids.push(id);
    this.#screen.aside(`request ${number} is ${id}`);
  }

  #review(
    [number = "", ...reason]: readonly string[],
    state: "APPROVED" | "DENIED",
  ): void {
    const id = this.#idOf([number]);
    const count = this.#reviews.get(id) ?? 0;
    const author = REVIEWERS[count % REVIEWERS.length] ?? "";
    this.#stage.auth.review(id, author, state, reason.join(" "));
    this.#reviews.set(id, count + 1);
  }

  #deleteMessages(id: string): void {
    for (const channel of Object.keys(CHANNELS)) {
      const message = this.#stage.message(id, channel as ChannelName);
      if (message === undefined) continue;
      this.#stage.discord.api.deleteMessage(message.id);
      this.#screen.aside(`deleted in #${channel}`);
    }
  }

  #idOf([number]: readonly string[]): string {
    const id = this.#ids[Number(number) - 1];
    if (id !== undefined) return id;
    throw new DemoFailure(
      this.#ids.length === 0
        ? "expected the number of a request, but there is none yet"
        : `expected the number of a request, 1 to ${this.#ids.length}`,
    );
  }

  #drawNews(): void {
    for (const { channel, message } of this.#news()) {
      this.#screen.card(channel, message, LANGUAGES[channel]);
    }
  }

  #news() {
    return Object.entries(CHANNELS).flatMap(([channel, id]) =>
      this.#stage.discord.messages(id)
        .filter((message) => this.#screen.isNews(message))
        .map((message) => ({ channel: channel as ChannelName, message }))
    );
  }
}
