/** The demo as a person runs it, and what it would say if something were wrong. */

import {
  deepStrictEqual,
  match,
  ok,
  rejects,
  strictEqual,
} from "node:assert/strict";
import manifest from "../../deno.json" with { type: "json" };
import { drawCard } from "../../demo/card.ts";
import { DemoFailure, Stage } from "../../demo/stage.ts";
import { createStyle } from "../../demo/style.ts";
import { start } from "../../programs/command.ts";

const ROOT = new URL("../../", import.meta.url);

/** Starts the demo with the command of its task. */
function startDemo(args: readonly string[]): Deno.ChildProcess {
  const [, ...command] = manifest.tasks.demo.command.split(" ");
  return start(Deno.execPath(), {
    args: [...command, ...args],
    cwd: ROOT,
    stdin: "piped",
    stdout: "piped",
    stderr: "piped",
  });
}

async function runDemo(args: readonly string[]) {
  const child = startDemo(args);
  await child.stdin.close();
  const { code, stdout, stderr } = await child.output();
  const decoder = new TextDecoder();
  return {
    code,
    out: decoder.decode(stdout),
    err: decoder.decode(stderr),
  };
}

/** The temporary folder that a demo wrote its files to. */
function folderIn(out: string): string {
  const folder = /--config=(\S+)\/teleport-discord\.toml/.exec(out)?.[1];
  ok(folder !== undefined, out);
  return folder;
}

async function exists(path: string): Promise<boolean> {
  try {
    await Deno.stat(path);
    return true;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}

Deno.test("the demo sees every message and cleans up", async () => {
  const { code, out, err } = await runDemo([]);
  strictEqual(code, 0, out + err);
  for (
    const line of [
      "  ▸ │ Reviews: ✅ 1 ❌ 0",
      "  ▸ │ Status: ✅ APPROVED",
      "  ▸ │ Status: ❌ DENIED",
      "  ▸ │ Status: ⌛ EXPIRED",
      "    │ User: dave",
      "    │ Request expires in 10 minutes",
      "    │ [ Approve ] [ Deny ] [ Review in Teleport ↗ ]",
      "  Only rob sees: Your approval is recorded, as Teleport user rob.",
    ]
  ) ok(out.split("\n").includes(line), `no line "${line}" in\n${out}`);
  // Soon after a take-over an edit may be made once more.
  match(out, /^● Every message was as it should be: 6 posts, [67] edits\.$/m);
  ok(!out.includes("\x1b"), "colours only on a terminal");
  strictEqual(await exists(folderIn(out)), false);
});

Deno.test("the demo takes commands with --keep", async () => {
  // As `deno task demo -- --keep` hands it on.
  const child = startDemo(["--", "--keep"]);
  const input = child.stdin.getWriter();
  const say = (line: string) =>
    input.write(new TextEncoder().encode(`${line}\n`));
  const answers: readonly (readonly [string, () => Promise<void>])[] = [
    ["identity file", () => say("request zoe dev,prod-root because")],
    ["╰─", () => Promise.resolve()],
    ["╰─", () => say("approve 1")],
    ["▸ │ Status: ✅ APPROVED", () => Promise.resolve()],
    ["▸ │ Status: ✅ APPROVED", () => say("approve 7")],
    ["expected the number of a request, 1 to 1", () => say("nonsense")],
    ["  quit ", () => input.close()],
  ];
  let out = "";
  let at = 0;
  let next = 0;
  for await (const text of child.stdout.pipeThrough(new TextDecoderStream())) {
    out += text;
    for (;;) {
      const [awaited, answer] = answers[next] ?? [];
      const found = awaited === undefined ? -1 : out.indexOf(awaited, at);
      if (awaited === undefined || found < 0) break;
      at = found + awaited.length;
      // The help with "quit" is shown at the start, too.
      if (next === 0) at = out.indexOf("  quit ", at) + 1 || at;
      next++;
      await answer?.();
    }
  }
  await child.stderr.cancel();
  deepStrictEqual([next, (await child.status).code], [answers.length, 0], out);
  strictEqual(await exists(folderIn(out)), false);
});

Deno.test("the demo ends with the npx that started it", async () => {
  const folder = await Deno.makeTempDir();
  try {
    // As npm runs a command: by a shell, which hands on no signal.
    const npm = `${folder}/npm`;
    const script = "#!/bin/sh\nsh -c \"'$1' task demo --keep; true\"\n";
    await Deno.writeTextFile(npm, script, { mode: 0o755 });
    const child = start(npm, {
      args: [Deno.execPath()],
      cwd: ROOT,
      env: { DENO_NO_UPDATE_CHECK: "1", NO_COLOR: "1" },
      stdin: "piped",
      stdout: "piped",
      stderr: "null",
    });
    let out = "";
    let killed = false;
    // The output ends once nobody is left who could write to it.
    const text = child.stdout.pipeThrough(new TextDecoderStream());
    for await (const part of text) {
      out += part;
      if (killed || !out.includes("\n  quit ")) continue;
      killed = true;
      child.kill("SIGKILL");
    }
    await child.stdin.abort().catch(() => {});
    await child.status;
    ok(killed, out);
    strictEqual(await exists(folderIn(out)), false);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("the demo cleans up when its terminal is closed", async () => {
  const child = startDemo(["--keep"]);
  let out = "";
  for await (const part of child.stdout.pipeThrough(new TextDecoderStream())) {
    const before = out.includes("\n  quit ");
    out += part;
    if (!before && out.includes("\n  quit ")) child.kill("SIGHUP");
  }
  await child.stdin.abort().catch(() => {});
  await child.stderr.cancel();
  await child.status;
  strictEqual(await exists(folderIn(out)), false);
});

Deno.test("the demo refuses flags that it does not know", async () => {
  const { code, out, err } = await runDemo(["--kep"]);
  deepStrictEqual([code, out], [64, ""]);
  match(err, /^Usage: deno task demo \[--keep\]/);
});

Deno.test("the demo fails when the plugin does", async () => {
  await using stage = await Stage.open(new AbortController().signal);
  await Deno.writeTextFile(stage.configPath, "[discord]\n");
  await rejects(stage.startPlugin(), (error) => {
    ok(error instanceof DemoFailure);
    match(error.message, /^expected the plugin to be ready, found/);
    match(error.message, /\(the plugin ended with 78\)/);
    match(error.message, /error: .*role_to_recipients/);
    return true;
  });
});

Deno.test("a card shows Markdown as Discord does, and marks what changed", () => {
  const now = new Date("2026-03-01T12:00:00Z");
  const seconds = now.getTime() / 1000;
  const before = { content: "*User*: a\\_b\nsame", embeds: [], components: [] };
  const after = {
    content: `*User*: a\\_b
*Role(s)*: \`x\` \`\`\ufeffy\`\`
*Reason*: \`\`\`
one *two*\`\`\` (truncated)
ends <t:${seconds + 8 * 3600 - 1}:R>, began <t:${seconds - 100}:R>
<@333333333333333333> <@1>
same
same`,
    embeds: [{ author: { name: "rita" }, title: "Approved", color: 0x238823 }],
    components: [{
      components: [{ label: "Review", url: "https://example.com" }],
    }],
  };
  const people = new Map([["333333333333333333", "Rita"]]);
  const options = { style: createStyle(false), now, columns: 60, people };
  const card = { channel: "c", author: "Bot", message: after, before };
  deepStrictEqual(drawCard(card, options), [
    "    ╭─ #c",
    "    │ Bot APP",
    "    │ User: a_b",
    "  ▸ │ Role(s): x y",
    "  ▸ │ Reason:",
    "  ▸ │ ▏ one *two*",
    "  ▸ │ (truncated)",
    "  ▸ │ ends in 8 hours, began 2 minutes ago",
    "  ▸ │ @Rita @1",
    "    │ same",
    "  ▸ │ same",
    "  ▸ │ ┃ rita",
    "  ▸ │ ┃ Approved",
    "  ▸ │ [ Review ↗ ]",
    "    │ (edited)",
    "    ╰─",
  ]);
});
