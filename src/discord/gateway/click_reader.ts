/**
 * Clicks as the Gateway tells of them, checked field by field.
 *
 * Source: Discord developer docs, "Receiving and Responding", "Component Reference", read 2026-08.
 *
 * @module
 */

import * as v from "valibot";
import { Secret } from "../../lib/secret.ts";
import type { Click } from "../../ports/clicks.ts";
import { type CheckedFrame, checkShape, Snowflake } from "./gateway_frames.ts";

/** Interaction types: a component of a message, and a form that was sent. */
const COMPONENT = 3;
const MODAL_SUBMIT = 5;

/** Flag of a message that only one person sees. */
const EPHEMERAL = 64;

const BUTTON = 2;
const TEXT_INPUT = 4;

const Kind = v.object({ type: v.number() });

const CustomId = v.pipe(v.string(), v.minLength(1), v.maxLength(100));

const ButtonData = v.object({
  custom_id: CustomId,
  component_type: v.literal(BUTTON),
});

const TextInput = v.object({
  type: v.literal(TEXT_INPUT),
  value: v.pipe(v.string(), v.maxLength(4000)),
});

/** A form has its field in a label; in the older form, in an action row. */
const FormData = v.object({
  custom_id: CustomId,
  components: v.pipe(
    v.array(v.union([
      v.object({ component: TextInput }),
      v.object({ components: v.tuple([TextInput]) }),
    ])),
    v.length(1),
  ),
});

const User = v.object({ id: Snowflake });

/** What both kinds have. */
const COMMON = {
  id: Snowflake,
  application_id: Snowflake,
  token: v.pipe(v.string(), v.regex(/^[\w.~+/=-]{1,1024}$/)),
  guild_id: v.optional(Snowflake),
  channel_id: Snowflake,
  // No click is refused for it, or for its language.
  channel: v.fallback(
    v.optional(v.object({ parent_id: v.nullish(Snowflake) })),
    undefined,
  ),
  message: v.object({
    id: Snowflake,
    channel_id: Snowflake,
    author: User,
    flags: v.optional(v.number(), 0),
  }),
  member: v.optional(v.object({ user: User })),
  user: v.optional(User),
  locale: v.fallback(v.optional(v.string()), undefined),
};

const Interaction = v.pipe(
  v.variant("type", [
    v.object({ ...COMMON, type: v.literal(COMPONENT), data: ButtonData }),
    v.object({ ...COMMON, type: v.literal(MODAL_SUBMIT), data: FormData }),
  ]),
  v.forward(
    v.check((it) => it.message.channel_id === it.channel_id),
    ["message", "channel_id"],
  ),
  // In a server there is a member, in direct messages a user.
  v.forward(
    v.check((it) => (it.guild_id === undefined) === (it.member === undefined)),
    ["guild_id"],
  ),
  v.forward(
    v.check((it) => (it.member === undefined) !== (it.user === undefined)),
    ["user"],
  ),
);

/**
 * Reads a click.
 *
 * @param atMs When it came, by the monotonic clock.
 * @returns No value for what is no click on a button and no form.
 */
export function readClick(
  data: unknown,
  atMs: number,
): CheckedFrame<Click | undefined> {
  const { value: kind, fault } = checkShape(Kind, data);
  if (kind === undefined) return { fault };
  const isClick = kind.type === COMPONENT || kind.type === MODAL_SUBMIT;
  if (!isClick) return { value: undefined };
  const read = checkShape(Interaction, data);
  if (read.value === undefined) return read;
  const it = read.value;
  return {
    value: {
      id: it.id,
      token: new Secret(it.token),
      applicationId: it.application_id,
      kind: it.type === COMPONENT ? "button" : "form",
      customId: it.data.custom_id,
      reason: it.type === COMPONENT ? "" : reasonIn(it.data),
      userId: it.member?.user.id ?? it.user?.id ?? "",
      guildId: it.guild_id,
      channelId: it.channel_id,
      parentId: it.channel?.parent_id ?? undefined,
      messageId: it.message.id,
      authorId: it.message.author.id,
      isEphemeral: (it.message.flags & EPHEMERAL) !== 0,
      locale: it.locale,
      atMs,
    },
  };
}

function reasonIn({ components: [first] }: v.InferOutput<typeof FormData>) {
  if (first === undefined) return "";
  const input = "component" in first ? first.component : first.components[0];
  return input.value;
}
