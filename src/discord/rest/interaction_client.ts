/**
 * Answers clicks over HTTP.
 *
 * These calls need no bot token, have no limit in common with the others, and are of no use later: each
 * is made at once, and repeated only while somebody waits for it.
 *
 * Source: docs/design/discord-gateway.md 4, 5.
 *
 * @module
 */

import { Backoff } from "../../lib/async/backoff.ts";
import type { Cancellation } from "../../lib/async/cancellation.ts";
import type { Clock } from "../../lib/async/clock.ts";
import type { Answers, Click, ReasonForm } from "../../ports/clicks.ts";
import type { RenderedMessage } from "../../ports/rendered_message.ts";
import { DiscordApiError } from "../../ports/discord_error.ts";
import { type ApiRoute, routeOf } from "../rate_limit/api_route.ts";
import { failedAnswer } from "./call_failure.ts";
import { encodeEdit } from "./message_payload.ts";
import type { HttpCaller } from "./http_caller.ts";

/** Callback types: a message, a message that follows, and a form. */
const MESSAGE = 4;
const DEFERRED = 5;
const MODAL = 9;

/** Only the person who clicked sees it. */
const EPHEMERAL = 64;

/** Longest texts that Discord takes. Source: docs/design/discord-text.md 1. */
const MAX_CONTENT = 2000;
const MAX_REASON = 500;

/** The first answer has to be there 3 seconds after the click; a bit of that is for the way. */
const FIRST_ANSWER_MS = 2800;

/** How long an outcome is worth telling; the token of a click lives for 15 minutes. */
const OUTCOME_MS = 120_000;

const RETRY_WAIT = { minMs: 200, maxMs: 10_000 };

/** What an {@linkcode InteractionClient} needs. */
export interface InteractionClientOptions {
  readonly http: HttpCaller;
  readonly clock: Clock;
  /** `deadline` ends each call. */
  readonly cancellation: Pick<Cancellation, "deadline">;
}

/** The bot, as it answers clicks. */
export class InteractionClient implements Answers {
  readonly #options: InteractionClientOptions;

  constructor(options: InteractionClientOptions) {
    this.#options = options;
  }

  async defer(click: Click): Promise<void> {
    const body = { type: DEFERRED, data: { flags: EPHEMERAL } };
    await this.#callBack(click, body);
  }

  async reply(click: Click, text: string): Promise<void> {
    const data = { ...messageOf(text), flags: EPHEMERAL };
    await this.#callBack(click, { type: MESSAGE, data });
  }

  async openForm(click: Click, form: ReasonForm): Promise<void> {
    const body = { type: MODAL, data: encodeForm(form) };
    await this.#callBack(click, body);
  }

  async tell(click: Click, message: RenderedMessage): Promise<void> {
    const template = "/webhooks/:id/:token/messages/@original";
    const token = click.token.reveal();
    const route = routeOf("PATCH", template, click.applicationId, token);
    const untilMs = this.#options.clock.monotonic() + OUTCOME_MS;
    const content = message.content.slice(0, MAX_CONTENT);
    await this.#send(route, encodeEdit({ ...message, content }), untilMs);
  }

  /**
   * Gives the first answer. It is not repeated when nobody knows whether it arrived: the click may have
   * been accepted, and then its repetition would look like the answer of another process.
   */
  async #callBack(click: Click, body: unknown): Promise<void> {
    const template = "/interactions/:id/:token/callback";
    const route = routeOf("POST", template, click.id, click.token.reveal());
    await this.#send(route, body, click.atMs + FIRST_ANSWER_MS);
  }

  /** Sends a call until it is decided, or it is too late for it. */
  async #send(route: ApiRoute, body: unknown, untilMs: number): Promise<void> {
    const { http, clock, cancellation: { deadline } } = this.#options;
    const backoff = new Backoff(RETRY_WAIT, clock.random);
    for (;;) {
      try {
        const answer = await http.send(route, body, undefined, deadline);
        if (answer.status >= 200 && answer.status < 300) return;
        throw failedAnswer(route, answer);
      } catch (error) {
        if (!(error instanceof DiscordApiError && isRepeatable(route, error))) {
          throw error;
        }
        const waitMs = error.retryAfterMs ?? backoff.nextMs();
        if (clock.monotonic() + waitMs >= untilMs) throw error;
        await clock.sleep(waitMs, deadline);
      }
    }
  }
}

/** Whether sending a call again makes sense: editing an answer always is, giving one only if it was refused. */
function isRepeatable(route: ApiRoute, error: DiscordApiError): boolean {
  if (error.status === 429) return true;
  const isTransient = error.status === 0 || error.status >= 500;
  return isTransient && route.method === "PATCH";
}

function messageOf(text: string): Record<string, unknown> {
  return {
    content: text.slice(0, MAX_CONTENT),
    allowed_mentions: { parse: [] },
  };
}

/** Source: Discord developer docs, "Component Reference": a label (18) with a text input (4). */
function encodeForm(form: ReasonForm): Record<string, unknown> {
  return {
    custom_id: form.customId,
    title: form.title,
    components: [{
      type: 18,
      label: form.label,
      component: {
        type: 4,
        custom_id: "reason",
        style: 2,
        min_length: 1,
        max_length: MAX_REASON,
        required: true,
        placeholder: form.placeholder,
      },
    }],
  };
}
