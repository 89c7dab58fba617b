/** Clicks as the Gateway tells of them: whatever is not as it should be is refused by name. */

import fc from "fast-check";
import assert from "node:assert/strict";
import { readClick } from "../../../src/discord/gateway/click_reader.ts";
import { readFrame } from "../../../src/discord/gateway/gateway_frames.ts";

type Json = Record<string, unknown>;

function button(): Json {
  return {
    id: "1200000000000000001",
    application_id: "1100000000000000001",
    type: 3,
    token: "aW50ZXJhY3Rpb24.x_y-z",
    guild_id: "1300000000000000001",
    channel_id: "1400000000000000001",
    message: {
      id: "1500000000000000001",
      channel_id: "1400000000000000001",
      author: { id: "1100000000000000001" },
      content: "whatever",
    },
    member: { user: { id: "1600000000000000001" }, roles: [] },
    locale: "ko",
    data: { custom_id: "approve:7", component_type: 2 },
    something: "new",
  };
}

function form(components: unknown): Json {
  return {
    ...button(),
    type: 5,
    data: { custom_id: "deny:7", components },
  };
}

const LABELLED = [{
  type: 18,
  component: { type: 4, custom_id: "reason", value: "because" },
}];

/** Returns the payload with another value at a path such as `member.user.id`. */
function forged(path: string, value: unknown, base: Json = button()): Json {
  const [key = "", ...rest] = path.split(".");
  const next = rest.length === 0
    ? value
    : forged(rest.join("."), value, base[key] as Json);
  const copy = { ...base, [key]: next };
  if (next === undefined) delete copy[key];
  return copy;
}

Deno.test("readClick() reads a button in a server and in direct messages", {
  permissions: "none",
}, () => {
  const { value } = readClick(button(), 42);
  assert.ok(value);
  const { token, ...rest } = value;
  assert.equal(token.reveal(), "aW50ZXJhY3Rpb24.x_y-z");
  assert.deepEqual(rest, {
    kind: "button",
    customId: "approve:7",
    reason: "",
    id: "1200000000000000001",
    applicationId: "1100000000000000001",
    userId: "1600000000000000001",
    guildId: "1300000000000000001",
    channelId: "1400000000000000001",
    parentId: undefined,
    messageId: "1500000000000000001",
    authorId: "1100000000000000001",
    isEphemeral: false,
    locale: "ko",
    atMs: 42,
  });
  const { guild_id: _, member, ...direct } = button();
  const read = readClick({ ...direct, ...(member as Json) }, 0);
  assert.equal(read.value?.guildId, undefined);
  assert.equal(read.value?.userId, "1600000000000000001");
  const { message } = button();
  const answer = { ...(message as Json), flags: 64 };
  assert.equal(
    readClick({ ...button(), message: answer }, 0).value?.isEphemeral,
    true,
  );
  const post = { ...button(), channel: { parent_id: "1700000000000000001" } };
  assert.equal(readClick(post, 0).value?.parentId, "1700000000000000001");
  const odd = readClick({ ...button(), channel: { parent_id: 7 } }, 0);
  assert.equal(odd.value?.parentId, undefined);
  assert.equal(odd.value?.channelId, "1400000000000000001");
  // It is a comfort: no click is refused for it.
  const mute = readClick({ ...direct, ...(member as Json), locale: 7 }, 0);
  assert.equal(mute.value?.locale, undefined);
});

Deno.test("readClick() reads a form in its new and in its older shape", {
  permissions: "none",
}, () => {
  const older = [{
    type: 1,
    components: [{ type: 4, custom_id: "reason", value: "because" }],
  }];
  for (const components of [LABELLED, older]) {
    const { value } = readClick(form(components), 0);
    assert.equal(value?.kind, "form");
    assert.equal(value?.customId, "deny:7");
    assert.equal(value?.reason, "because");
  }
});

Deno.test("readClick() passes over what is no click", {
  permissions: "none",
}, () => {
  for (const type of [1, 2, 4, 6]) {
    assert.deepEqual(readClick({ ...button(), type }, 0), { value: undefined });
  }
});

Deno.test("whatever comes is read or refused, and never shown", {
  permissions: "none",
}, () => {
  const paths = fc.constantFrom(...FORGED.map(([path]) => path), "extra");
  const value = fc.anything({ withBigInt: true, withNullPrototype: true });
  fc.assert(
    fc.property(paths, value, fc.constantFrom(3, 5, 7), (path, any, type) => {
      const read = readClick({ ...forged(path, any), type }, 0);
      assert.ok(read.fault === undefined || /^[\w.\[\] ]+$/.test(read.fault));
    }),
  );
  fc.assert(
    fc.property(fc.oneof(fc.json(), fc.string(), value), (any) => {
      const frame = readFrame(any);
      assert.ok(
        frame.fault !== undefined || typeof frame.value.op === "number",
      );
    }),
  );
});

/** Each with the field that has to be named. */
const FORGED: readonly (readonly [string, unknown, string])[] = [
  ["type", "3", "type"],
  ["id", undefined, "id"],
  ["id", "120000000000000000001", "id"],
  ["id", 12, "id"],
  ["application_id", "../x", "application_id"],
  ["application_id", undefined, "application_id"],
  ["token", "a/../b c", "token"],
  ["token", "", "token"],
  ["token", undefined, "token"],
  ["guild_id", 7, "guild_id"],
  ["guild_id", undefined, "guild_id"],
  ["guild_id", null, "guild_id"],
  ["channel_id", "1400000000000000002", "message.channel_id"],
  ["channel_id", undefined, "channel_id"],
  ["message", undefined, "message"],
  ["message", null, "message"],
  ["message.id", "x", "message.id"],
  ["message.channel_id", "1400000000000000002", "message.channel_id"],
  ["message.author", null, "message.author"],
  ["message.author.id", 5, "message.author.id"],
  ["member", undefined, "guild_id"],
  ["member.user", undefined, "member.user"],
  ["member.user.id", "everyone", "member.user.id"],
  ["user", { id: "1600000000000000002" }, "user"],
  ["data", undefined, "data"],
  ["data", [], "data.custom_id"],
  ["data.custom_id", "", "data.custom_id"],
  ["data.custom_id", "x".repeat(101), "data.custom_id"],
  ["data.custom_id", 7, "data.custom_id"],
  ["data.component_type", 3, "data.component_type"],
];

Deno.test(
  "readClick() names the field of a button that is not as it should be",
  {
    permissions: "none",
  },
  () => {
    for (const [path, value, fault] of FORGED) {
      const read = readClick(forged(path, value), 0);
      assert.equal(read.fault, fault, `${path} ${value}`);
    }
    for (const data of [undefined, null, 7, "x", []]) {
      assert.ok(readClick(data, 0).fault);
    }
  },
);

Deno.test("readClick() names the field of a form that is not as it should be", {
  permissions: "none",
}, () => {
  const wrong = [
    undefined,
    [],
    [...LABELLED, ...LABELLED],
    [{ type: 18, component: { type: 3, values: [] } }],
    [{ type: 18, component: { type: 4, value: 7 } }],
    [{ type: 18, component: { type: 4, value: "x".repeat(4001) } }],
    [{ type: 1, components: [] }],
  ];
  for (const components of wrong) {
    assert.match(
      readClick(form(components), 0).fault ?? "",
      /^data\.components/,
    );
  }
});
