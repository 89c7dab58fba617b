/**
 * People who click on buttons, and what Discord and Teleport make of it.
 *
 * @module
 */

import { Secret } from "../../src/lib/secret.ts";
import { parseAction } from "../../src/message/review_button.ts";
import type { AccessRequest } from "../../src/ports/access_request.ts";
import type { Click } from "../../src/ports/clicks.ts";
import type {
  ReviewSubmission,
  Verdict,
} from "../../src/ports/review_service.ts";
import {
  type StatusName,
  TeleportError,
} from "../../src/ports/teleport_error.ts";
import type { NamedUser } from "../../src/ports/user.ts";
import type { ClickHandler } from "../../src/review/click_handler.ts";
import type { Cluster } from "./cluster.ts";
import {
  BOT_ID,
  CHANNELS,
  type DiscordServer,
  type Message,
  refusal,
} from "./discord_server.ts";
import { idOf, type Judge } from "./judge.ts";
import { REQUESTER_ID } from "./messenger_port.ts";
import type { Noise } from "./noise.ts";
import type { Process } from "./process.ts";
import { type ClickPlan, TYPED } from "./schedule.ts";

/** Discord users, and whom each of them is in Teleport. */
const PEOPLE: readonly (readonly [id: string, users: readonly string[]])[] = [
  ["710000000000000001", ["rita"]],
  ["710000000000000002", ["rob"]],
  // Nobody knows which of the two it is.
  ["710000000000000003", ["ann", "anne"]],
  [REQUESTER_ID, ["alice"]],
  ["710000000000000005", []],
];

/** The first answer to a click has to come within this time. */
const FIRST_ANSWER_MS = 3000;

/** A click as Discord keeps it. */
interface Interaction {
  readonly click: Click;
  readonly createdMs: number;
  /** Who may review by it: a person who is one user, on a message of that very request. */
  readonly author: string | undefined;
  answeredBy: Process | undefined;
  /** Whether its process went on to submit a review. */
  spent: boolean;
}

/** Clicks of a run. */
export class Clicks {
  readonly #cluster: Cluster;
  readonly #discord: DiscordServer;
  readonly #judge: Judge;
  readonly #noise: Noise;
  readonly #listeners = new Map<Process, Pick<ClickHandler, "take">>();
  readonly #interactions = new Map<string, Interaction>();
  /** Reviews made by clicks, by request and Discord user. */
  readonly #reviewed = new Map<string, number>();

  constructor(
    world: {
      readonly cluster: Cluster;
      readonly discord: DiscordServer;
      readonly judge: Judge;
      readonly noise: Noise;
    },
  ) {
    this.#cluster = world.cluster;
    this.#discord = world.discord;
    this.#judge = world.judge;
    this.#noise = world.noise;
  }

  /** Users of the cluster, as a list shows them. */
  get users(): readonly NamedUser[] {
    return PEOPLE.flatMap(([id, names]) =>
      names.map((name) => ({ name, traits: new Map([["discord_id", [id]]]) }))
    );
  }

  /** Tells a process of clicks from now on, as long as it lives. */
  listen(process: Process, review: Pick<ClickHandler, "take">): void {
    this.#listeners.set(process, review);
    process.onDeath(() => this.#listeners.delete(process));
  }

  /** Lets a person click, if there is something to click on. */
  click(id: string, plan: ClickPlan): void {
    const [userId = "", users = []] = PEOPLE[plan.person] ?? [];
    const messages = CHANNELS.flatMap((channelId) =>
      this.#discord.messages(channelId).filter((
        { content, deleted, buttons },
      ) => idOf(content) === id && !deleted && buttons.length > 0)
    );
    const message = messages[plan.channel % messages.length];
    const button = message?.buttons.find((each) =>
      "customId" in each && parseAction(each.customId)?.verdict === plan.verdict
    );
    if (message === undefined || button === undefined) return;
    if (!("customId" in button)) return;
    this.#judge.count("clicks");
    const [other = "none"] = this.#cluster.ids.filter((each) => each !== id);
    const fields = {
      none: {},
      // Custom IDs come back as they were made; somebody may find a way all the same.
      request: { customId: `${plan.verdict}:${other}` },
      message: { messageId: this.#anyOther(message) },
      guild: { guildId: "2" },
    }[plan.forged];
    const [author, second] = users;
    const isFine = second === undefined && plan.forged === "none";
    for (let i = 0; i < plan.times; i++) {
      this.#tell(
        {
          kind: "button",
          customId: button.customId,
          userId,
          message,
          reason: "",
          fields,
        },
        isFine ? author : undefined,
      );
    }
  }

  /** Takes the first answer to a click. */
  answer(process: Process, click: Click): Interaction {
    const interaction = this.#interactions.get(click.id);
    const route = "POST /interactions/:id/:token/callback";
    if (interaction === undefined) throw refusal(route, 404, 10062);
    if (interaction.answeredBy !== undefined) {
      this.#judge.count("clicks that another process had answered");
      throw refusal(route, 400, 40060);
    }
    if (this.#cluster.time.nowMs - interaction.createdMs > FIRST_ANSWER_MS) {
      this.#judge.count("clicks that were answered too late");
      throw refusal(route, 404, 10062);
    }
    interaction.answeredBy = process;
    return interaction;
  }

  /** Opens the form; some seconds later the person sends it. */
  openForm(process: Process, click: Click, customId: string): void {
    const { author } = this.answer(process, click);
    this.#judge.count("forms");
    const ms = this.#noise.int("typing", 500, 20_000);
    const message = this.#discord.messages(click.channelId)
      .find(({ id }) => id === click.messageId);
    if (message === undefined) return;
    const { userId, guildId, messageId } = click;
    this.#cluster.time.after(ms, () =>
      this.#tell({
        kind: "form",
        customId,
        userId,
        message,
        reason: `${TYPED}because`,
        fields: { guildId, messageId },
      }, author));
  }

  /** Checks what a person is told in the end. */
  told(click: Click, text: string): void {
    const action = parseAction(click.customId);
    const { author } = this.#interactions.get(click.id) ?? {};
    if (!/ is recorded|기록되었습니다/.test(text) || action === undefined) {
      return;
    }
    const reviews = this.#cluster.last(action.requestId)?.reviews ?? [];
    if (!reviews.some((review) => review.author === author)) {
      this.#judge.fail(`${author} was told of a review that is not there`);
    }
  }

  /** Takes a review as Teleport does, after it was made sure that somebody clicked it. */
  submit(process: Process, review: ReviewSubmission): void {
    const { requestId, author, verdict, reason } = review;
    const source = [...this.#interactions.values()].find((each) =>
      !each.spent && each.answeredBy === process && each.author === author &&
      isFor(each.click, requestId, verdict)
    );
    if (source === undefined) {
      return this.#judge.fail(
        `${author} never clicked ${verdict} on ${requestId}`,
      );
    }
    source.spent = true;
    this.#accept(this.#cluster.current(requestId), review);
    const key = `${requestId} ${source.click.userId}`;
    const count = (this.#reviewed.get(key) ?? 0) + 1;
    this.#reviewed.set(key, count);
    if (count > 1) this.#judge.fail(`${key} reviewed twice`);
    const proposedState = verdict === "approve" ? "APPROVED" : "DENIED";
    const same = (this.#cluster.current(requestId)?.reviews ?? [])
      .filter((each) => each.proposedState === proposedState).length;
    this.#judge.count("clicks that became reviews");
    this.#cluster.review(
      requestId,
      {
        author,
        proposedState,
        reason,
        created: new Date(this.#cluster.wallMs),
        proposedStart: undefined,
      },
      // Two approvals approve, one denial denies.
      verdict === "deny" || same > 0 ? proposedState : "PENDING",
    );
  }

  /** Refuses a review as Teleport does. Source: docs/design/teleport-behaviour.md 5. */
  #accept(
    request: AccessRequest | undefined,
    { requestId, author }: ReviewSubmission,
  ): void {
    const refuse = (code: StatusName, detail: string) => {
      this.#judge.count("clicks that Teleport refused");
      return new TeleportError("SubmitAccessReview", code, detail);
    };
    if (request === undefined) {
      throw refuse("NOT_FOUND", `access request ${requestId} (not found)`);
    }
    if (request.reviews.some((each) => each.author === author)) {
      throw refuse(
        "ALREADY_EXISTS",
        `user "${author}" has already reviewed this request`,
      );
    }
    if (request.state !== "PENDING") {
      const state = request.state.toLowerCase();
      throw refuse(
        "PERMISSION_DENIED",
        `the access request has been already ${state}`,
      );
    }
    if (request.user === author) this.#judge.fail("a requester reviewed");
  }

  #anyOther(message: Message): string {
    const others = this.#discord.messages(message.channelId)
      .filter(({ id }) => id !== message.id);
    return others.at(-1)?.id ?? "1";
  }

  #tell(
    what: Pick<Click, "kind" | "customId" | "userId" | "reason"> & {
      readonly message: Message;
      readonly fields: Partial<Click>;
    },
    author: string | undefined,
  ): void {
    const { time } = this.#cluster;
    const { message, fields, ...rest } = what;
    const id = `${this.#interactions.size + 1}`;
    const click: Click = {
      ...rest,
      id,
      token: new Secret("token of the click"),
      applicationId: BOT_ID,
      guildId: "1",
      channelId: this.#discord.forumOf(message.id) === undefined
        ? message.channelId
        : message.id,
      messageId: message.id,
      authorId: BOT_ID,
      isEphemeral: false,
      locale: undefined,
      atMs: time.nowMs,
      ...fields,
    };
    this.#interactions.set(id, {
      click,
      createdMs: time.nowMs,
      author,
      answeredBy: undefined,
      spent: false,
    });
    for (const [process, review] of this.#listeners) {
      // A session that is resumed is told late, and now and then twice.
      const late = this.#noise.chance("late click", 0.1);
      const ms = this.#noise.int("click", 0, late ? 4000 : 60);
      const times = this.#noise.chance("click told twice", 0.1) ? 2 : 1;
      for (let i = 0; i < times; i++) {
        process.after(ms * (i + 1), () => {
          if (!process.alive) return;
          process.trace(`click ${id}: ${click.customId} by ${click.userId}`);
          review.take(click);
        });
      }
    }
  }
}

function isFor(click: Click, requestId: string, verdict: Verdict): boolean {
  const action = parseAction(click.customId);
  return action?.requestId === requestId && action.verdict === verdict;
}
