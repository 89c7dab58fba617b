/**
 * Clicks on buttons and what Discord does with the answers to them.
 *
 * Source: Discord developer docs, "Receiving and Responding", read 2026-08.
 *
 * @module
 */

import {
  type ApiReply,
  type ApiRequest,
  type FakeDiscordApi,
  type FakeMessage,
  messageJson,
  refusal,
  unknownRoute,
} from "./discord_api.ts";

/** A click as a person makes it. */
export interface Clicked {
  readonly message: FakeMessage;
  /** What the button says. */
  readonly label: string;
  readonly userId: string;
  /** Language of the person's Discord; `en-US` if not given. */
  readonly locale?: string;
}

type Json = Readonly<Record<string, unknown>>;

/** A click or a form that was sent, and what the person who did it sees. */
export interface FakeInteraction {
  readonly payload: Json;
  readonly id: string;
  readonly token: string;
  readonly userId: string;
  readonly message: FakeMessage;
  readonly createdMs: number;
  /** Callback types that were accepted: one at most. */
  readonly accepted: number[];
  /** The form that was opened. */
  form: Json | undefined;
  /** Text that only this person sees; empty while an answer is announced. */
  text: string | undefined;
  /** Rows of buttons below that text, and embeds. */
  components: readonly Json[];
  embeds: readonly Json[];
}

const EPHEMERAL = 64;

const FIRST_ANSWER_MS = 3000;
const TOKEN_MS = 15 * 60_000;

/** Every click, and what became of it. */
export class FakeInteractions {
  readonly all: FakeInteraction[] = [];
  readonly #api: FakeDiscordApi;
  readonly #now: () => number;

  constructor(api: FakeDiscordApi, now: () => number) {
    this.#api = api;
    this.#now = now;
  }

  /** Clicks a button that the message has; without it, nobody could. */
  click({ message, label, userId, locale }: Clicked): FakeInteraction {
    const buttons = (this.#api.message(message.id) ?? message).components
      .flatMap((row) => row.components as Json[]);
    const button = buttons.find((each) => each.label === label);
    if (button?.custom_id === undefined) {
      throw new Error(`no button "${label}" that tells of clicks`);
    }
    const { custom_id } = button;
    const data = { custom_id, component_type: 2 };
    return this.#create(message, userId, 3, data, locale);
  }

  /** Clicks a button of an answer that only this person sees. */
  clickAnswer(answered: FakeInteraction, label: string): FakeInteraction {
    const { components, message, userId, payload } = answered;
    const button = components.flatMap((row) => row.components as Json[])
      .find((each) => each.label === label);
    if (button === undefined) throw new Error(`no button "${label}" to see`);
    const { custom_id } = button;
    const data = { custom_id, component_type: 2 };
    const answer = {
      id: this.#api.nextId(),
      channel_id: message.channelId,
      author: { id: message.authorId },
      content: answered.text,
      flags: EPHEMERAL,
    };
    return this.#create(message, userId, 3, data, `${payload.locale}`, answer);
  }

  /** Sends the form that a click opened. */
  sendForm(opened: FakeInteraction, value: string): FakeInteraction {
    const { form, message, userId, payload } = opened;
    if (form === undefined) throw new Error("no form was opened");
    const [label] = form.components as Json[];
    const { custom_id, type } = label?.component as Json;
    const component = { custom_id, type, value };
    return this.#create(
      message,
      userId,
      5,
      {
        custom_id: form.custom_id,
        components: [{ type: 18, id: 1, component: { ...component, id: 2 } }],
      },
      `${payload.locale}`,
      payload.message as Json,
    );
  }

  /** Tells of something, whether a person could have done it or not. */
  add(payload: Json, message: FakeMessage, userId: string): FakeInteraction {
    const interaction: FakeInteraction = {
      payload,
      id: `${payload.id}`,
      token: `${payload.token}`,
      userId,
      message,
      createdMs: this.#now(),
      accepted: [],
      form: undefined,
      text: undefined,
      components: [],
      embeds: [],
    };
    this.all.push(interaction);
    return interaction;
  }

  /** Returns the answer to a call about a click; `undefined` if it is about something else. */
  handle({ method, path, body }: ApiRequest): ApiReply | undefined {
    const [kind, id = "", token = "", ...rest] = path.slice(1).split("/")
      .map(decodeURIComponent);
    if (kind === "interactions" && method === "POST") {
      return rest.join("/") === "callback"
        ? this.#callBack(id, token, body as Json)
        : unknownRoute();
    }
    if (kind !== "webhooks") return undefined;
    if (method !== "PATCH" || rest.join("/") !== "messages/@original") {
      return unknownRoute();
    }
    return this.#edit(id, token, body as Json);
  }

  #create(
    message: FakeMessage,
    userId: string,
    type: number,
    data: Json,
    locale = "en-US",
    shown = messageJson(this.#api.message(message.id) ?? message) as Json,
  ): FakeInteraction {
    const id = this.#api.nextId();
    const channel = this.#api.channels.get(message.channelId);
    const user = { id: userId, username: `user-${userId}`, bot: false };
    const isDirect = channel?.type === 1;
    const payload = {
      id,
      application_id: message.authorId,
      type,
      token: `aW50ZXJhY3Rpb246${btoa(id).replaceAll("=", "")}`,
      version: 1,
      channel_id: message.channelId,
      channel: {
        id: message.channelId,
        type: channel?.type ?? 0,
        parent_id: channel?.parentId,
      },
      message: shown,
      data,
      locale,
      ...(isDirect ? { user } : {
        guild_id: channel?.guildId,
        member: { user, roles: [], permissions: "0" },
      }),
    };
    return this.add(payload, message, userId);
  }

  #callBack(id: string, token: string, body: Json): ApiReply {
    const interaction = this.all.find((each) =>
      each.id === id && each.token === token
    );
    if (interaction === undefined) return refusal(10062);
    if (interaction.accepted.length > 0) return refusal(40060);
    const lateMs = this.#now() - interaction.createdMs;
    if (lateMs > FIRST_ANSWER_MS) return refusal(10062);
    const { type, data } = body as { type: number; data?: Json };
    const isForm = type === 9;
    if (isForm && interaction.payload.type === 5) return refusal(50035);
    if (isForm && !isValidForm(data)) return refusal(50035);
    if (![4, 5, 6, 9].includes(type)) return refusal(50035);
    interaction.accepted.push(type);
    if (isForm) interaction.form = data;
    // What is not ephemeral would be seen by everybody, which nothing here should be.
    if (type === 4 || type === 5) {
      if (data?.flags !== EPHEMERAL) {
        throw new Error("an answer that all can see");
      }
      interaction.text = `${data?.content ?? ""}`;
    }
    return { status: 204 };
  }

  #edit(applicationId: string, token: string, body: Json): ApiReply {
    const interaction = this.all.find((each) =>
      each.token === token && each.payload.application_id === applicationId
    );
    const isOld = interaction !== undefined &&
      this.#now() - interaction.createdMs > TOKEN_MS;
    if (interaction?.text === undefined || isOld) return refusal(10015);
    const content = `${body.content ?? ""}`;
    if (content === "" || content.length > 2000) return refusal(50035);
    interaction.text = content;
    interaction.components = (body.components ?? []) as Json[];
    interaction.embeds = (body.embeds ?? []) as Json[];
    return { status: 200, body: { id: this.#api.nextId(), content } };
  }
}

function isValidForm(data: Json | undefined): boolean {
  const [label] = (data?.components ?? []) as Json[];
  const input = label?.component as Json | undefined;
  const fits = (text: unknown, max: number) =>
    typeof text === "string" && text !== "" && text.length <= max;
  return fits(data?.custom_id, 100) && fits(data?.title, 45) &&
    label?.type === 18 && fits(label.label, 45) && input?.type === 4 &&
    fits(input.custom_id, 100) && fits(input.placeholder, 100);
}
