/** Questions at a keyboard that a test types on. */

import { deepStrictEqual, rejects, strictEqual } from "node:assert/strict";
import { Interruption, Prompt } from "../../../src/cli/init/prompt.ts";

/** Types texts, one a read; then the input ends, or nothing comes. */
function keyboardOf(texts: readonly string[], end: "ends" | "waits" = "ends") {
  const chunks = texts.map((text) => new TextEncoder().encode(text));
  const raw: boolean[] = [];
  let printed = "";
  const stop = new AbortController();
  const prompt = new Prompt({
    keyboard: {
      read(buffer) {
        const chunk = chunks.shift();
        if (chunk === undefined) {
          return end === "ends" ? Promise.resolve(null) : new Promise(() => {});
        }
        buffer.set(chunk);
        return Promise.resolve(chunk.length);
      },
      setRaw: (isRaw) => raw.push(isRaw),
    },
    print: (text) => printed += text,
    stop: stop.signal,
  });
  return { prompt, raw, stop, printed: () => printed };
}

Deno.test("ask() takes a line, however it arrives, and keeps what is behind it", async () => {
  const { prompt, printed } = keyboardOf([" o", "ne \ntwo\nth", "ree\n"]);
  strictEqual(await prompt.ask("a"), "one");
  strictEqual(await prompt.ask("b"), "two");
  strictEqual(await prompt.ask("c"), "three");
  strictEqual(printed(), "a: b: c: ");
});

Deno.test("ask() shows what Enter alone stands for", async () => {
  const { prompt, printed } = keyboardOf(["\n", "x\n"]);
  strictEqual(await prompt.ask("a", "old"), "old");
  strictEqual(await prompt.ask("a", "old"), "x");
  strictEqual(printed(), "a [old]: a [old]: ");
});

Deno.test("confirm() is only told yes by a yes", async () => {
  const answers = ["y", "Yes", "", "n", "yeah"];
  const { prompt } = keyboardOf(answers.map((each) => `${each}\n`));
  const found: boolean[] = [];
  for (const _ of answers) found.push(await prompt.confirm("?"));
  deepStrictEqual(found, [true, true, false, false, false]);
});

for (
  const [what, typed, want] of [
    ["Enter", "abc\r", "abc"],
    ["a line feed", "abc\n", "abc"],
    ["Backspace", "abx\x7fc\r", "abc"],
    ["Backspace on nothing", "\x7f\x08abc\r", "abc"],
    ["Backspace on a character of several bytes", "aé\x7fbc\r", "abc"],
    ["Backspace on an emoji", "a🧪\x7fbc\r", "abc"],
    ["Ctrl-U", "xyz\x15abc\r", "abc"],
    ["arrow keys", "a\x1b[Db\x1b[1;5Cc\r", "abc"],
    ["Escape alone", "abc\x1b\r", "abc"],
    ["other control characters", "a\x1ab\x00c\r", "abc"],
    ["Ctrl-D behind something", "ab\x04c\r", "abc"],
    ["blanks around", "  abc\t \r", "abc"],
  ] as const
) {
  Deno.test(`askSecret(): ${what}`, async () => {
    const { prompt, raw, printed } = keyboardOf([typed]);
    strictEqual(await prompt.askSecret("token"), want);
    deepStrictEqual(raw, [true, false]);
    strictEqual(printed(), "token: \n");
  });
}

Deno.test("a secret may arrive in pieces, with an escape sequence or a character split", async () => {
  const { prompt } = keyboardOf(["a\x1b", "[", "Db", "c\rnext\n"]);
  strictEqual(await prompt.askSecret("token"), "abc");
  strictEqual(await prompt.ask("a"), "next");
});

for (
  const [what, texts] of [
    ["Ctrl-C", ["ab\x03"]],
    ["Ctrl-D", ["\x04"]],
    ["the end of the input", ["ab"]],
  ] as const
) {
  Deno.test(`askSecret() restores the terminal at ${what}`, async () => {
    const { prompt, raw } = keyboardOf(texts);
    await rejects(prompt.askSecret("token"), Interruption);
    deepStrictEqual(raw, [true, false]);
  });
}

Deno.test("a signal to stop ends each question, and restores the terminal", async () => {
  const { prompt, raw, stop } = keyboardOf([], "waits");
  const asked = rejects(prompt.askSecret("token"), Interruption);
  stop.abort();
  await asked;
  deepStrictEqual(raw, [true, false]);
  await rejects(prompt.ask("a"), Interruption);
});
