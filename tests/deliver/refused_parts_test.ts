import assert from "node:assert/strict";
import { RefusedParts } from "../../src/deliver/refused_parts.ts";
import type { RenderedMessage } from "../../src/ports/rendered_message.ts";

const pure = { permissions: "none" } as const;

const MESSAGE: RenderedMessage = {
  content: "text",
  embeds: [{ title: "a" }, { title: "b" }],
  buttons: [
    { label: "Approve", customId: "approve:1", style: "success" },
    { label: "Review in Teleport", url: "https://teleport:3080/1" },
  ],
  replyTo: "7",
};

/** What is sent of the message after refusals. */
function after(...faults: readonly string[]): RenderedMessage | undefined {
  const parts = new RefusedParts();
  parts.withoutRefused(MESSAGE);
  return parts.refuse(faults) ? parts.withoutRefused(MESSAGE) : undefined;
}

Deno.test("what was not refused is sent as it is", pure, () => {
  assert.deepEqual(new RefusedParts().withoutRefused(MESSAGE), MESSAGE);
});

Deno.test("only the part that is named is left out", pure, () => {
  const { replyTo: _, ...noReply } = MESSAGE;
  const [first] = MESSAGE.buttons;
  const rows: readonly [string, RenderedMessage][] = [
    ["components[0].components[1].url", {
      ...MESSAGE,
      buttons: first ? [first] : [],
    }],
    ["components[0].type", { ...MESSAGE, buttons: [] }],
    ["components", { ...MESSAGE, buttons: [] }],
    ["embeds[0].description", { ...MESSAGE, embeds: [{ title: "b" }] }],
    ["embeds", { ...MESSAGE, embeds: [] }],
    ["message_reference", noReply],
  ];
  for (const [fault, expected] of rows) {
    assert.deepEqual(after(fault), expected, fault);
  }
  assert.deepEqual(
    after("embeds[1].title", "components[0].components[0].label"),
    {
      ...MESSAGE,
      embeds: [{ title: "a" }],
      buttons: MESSAGE.buttons.slice(1),
    },
  );
});

Deno.test(
  "a fault of the text, or of nothing that was sent, is none of a part",
  pure,
  () => {
    assert.equal(after("content"), undefined);
    assert.equal(after("embeds[0].title", "content"), undefined);
    assert.equal(after("embeds[9].title"), undefined);
    assert.equal(after(), undefined);
  },
);

Deno.test(
  "a part stays left out wherever it stands in a later message",
  pure,
  () => {
    const parts = new RefusedParts();
    parts.withoutRefused(MESSAGE);
    parts.refuse(["embeds[1].title"]);
    const embeds = [{ title: "new" }, { title: "b" }, { title: "c" }];
    assert.deepEqual(parts.withoutRefused({ ...MESSAGE, embeds }).embeds, [
      { title: "new" },
      { title: "c" },
    ]);
  },
);
