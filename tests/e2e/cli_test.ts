/** Runs the program as a person or an init system does: as a child process. */

import { deepStrictEqual, match, ok, strictEqual } from "node:assert/strict";
import { start } from "../../programs/command.ts";
import { BUNDLE, runBundle } from "./bundle.ts";
import { parseConfig } from "../fakes/config.ts";

interface Result {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

/** Starts the program, with the shipped permissions or with none. */
function startCli(
  args: readonly string[],
  permissions: "shipped" | "none" = "shipped",
): Deno.ChildProcess {
  const run = permissions === "shipped"
    ? runBundle()
    : ["run", "--quiet", "--no-config", "--no-prompt", BUNDLE];
  return start(Deno.execPath(), {
    args: [...run, ...args],
    env: { NO_COLOR: "1", DENO_NO_UPDATE_CHECK: "1" },
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  });
}

async function runCli(
  args: readonly string[],
  permissions?: "shipped" | "none",
): Promise<Result> {
  const { code, stdout, stderr } = await startCli(args, permissions).output();
  const [out, err] = [stdout, stderr]
    .map((bytes) => new TextDecoder().decode(bytes));
  return { code, out: out ?? "", err: err ?? "" };
}

async function withConfig(
  text: string,
  use: (path: string) => Promise<void>,
): Promise<void> {
  const path = await Deno.makeTempFile({ suffix: ".toml" });
  try {
    await Deno.writeTextFile(path, text);
    await use(path);
  } finally {
    await Deno.remove(path);
  }
}

Deno.test("a health check that cannot ask says why, and what helps", async () => {
  const { code, out, err } = await runCli(["healthcheck", "-c", "/no/file"]);
  deepStrictEqual({ code, out }, { code: 1, out: "" });
  match(err, /^error: Cannot read the configuration .*\nhint: .*\n$/);
});

Deno.test("check blames a log file that the program may not write on nobody else", async () => {
  await withConfig('[log]\noutput = "/root/x.log"\n', async (path) => {
    const { code, out } = await runCli(["check", "-c", path]);
    strictEqual(code, 78);
    match(out, /log\.output: expected a file that this program may write/);
    ok(!out.includes("✗ log file"), out);
  });
});

Deno.test("only init may write the configuration", async () => {
  const log = "/etc/teleport-discord/plugin.log";
  await withConfig(`[log]\noutput = "${log}"\n`, async (path) => {
    const { code, out } = await runCli(["check", "-c", path]);
    strictEqual(code, 78);
    match(out, /log\.output: expected a file that this program may write/);
  });
});

Deno.test("version needs no permission", async () => {
  const { code, out, err } = await runCli(["version"], "none");
  deepStrictEqual({ code, err }, { code: 0, err: "" });
  match(
    out,
    /^teleport-discord v\d+\.\d+\.\d+\S*(?: git:\S+)? deno\d+\.\d+\.\d+\S*\n$/,
  );
});

Deno.test("configure prints an example that lacks only what one must fill in", async () => {
  const { code, out, err } = await runCli(["configure"], "none");
  deepStrictEqual({ code, err }, { code: 0, err: "" });
  const filled = out
    .replace('token = "secret-token"', 'token = "aaaa.bbbb.cccc"')
    .replace(
      '["1234567890", "0987654321"]',
      '["123456789012345678", "223456789012345678"]',
    );
  deepStrictEqual(parseConfig(filled, "f").problems, []);
  await withConfig(out, async (path) => {
    const { code, err } = await runCli(["start", "--config", path]);
    strictEqual(code, 78);
    const keys = [...err.matchAll(/^(?:error|warning): \S+:\d+: (\S+): /gm)]
      .map((match) => match[1]);
    deepStrictEqual(keys, [
      "discord.token",
      'role_to_recipients."*"[0]',
      'role_to_recipients."*"[1]',
    ]);
  });
});

Deno.test("configure is valid with every suggestion taken", async () => {
  const { out } = await runCli(["configure"], "none");
  const all = out
    .replace(/^# (\[+[\w.]+\]+|[\w"]+ = .*)$/gm, "$1")
    .replace(/^(?:client_key|client_crt|root_cas|token = "secret).*\n/gm, "")
    .replaceAll('"1234567890"', '"123456789012345678"')
    .replaceAll('"0987654321"', '"223456789012345678"');
  const { problems, discord, routing } = parseConfig(all, "f");
  deepStrictEqual(
    problems.filter(({ detail }) => !detail.endsWith("not supported yet")),
    [],
  );
  deepStrictEqual(discord.token, {
    kind: "file",
    path: "/etc/teleport-discord/token",
  });
  deepStrictEqual([...routing.keys()], ["dev", "*"]);
});

for (
  const args of [["help"], ["--help"], ["-h"], ["help", "help", "-h"]] as const
) {
  Deno.test(`\`${args.join(" ")}\` prints help`, async () => {
    const { code, out, err } = await runCli(args, "none");
    deepStrictEqual({ code, err }, { code: 0, err: "" });
    match(out, /^Usage: teleport-discord /);
  });
}

for (
  const command of ["start", "init", "check", "configure", "version", "help"]
) {
  Deno.test(`${command} has help`, async () => {
    const [asked, flagged] = await Promise.all([
      runCli(["help", command], "none"),
      runCli([command, "--help"], "none"),
    ]);
    deepStrictEqual(asked, flagged);
    strictEqual(asked.code, 0);
    ok(asked.out.startsWith(`Usage: teleport-discord ${command} `));
  });
}

Deno.test("help takes the name of a command as it is typed: rules test", async () => {
  const [asked, flagged] = await Promise.all([
    runCli(["help", "rules", "test"], "none"),
    runCli(["rules", "test", "--help"], "none"),
  ]);
  deepStrictEqual(asked, flagged);
  strictEqual(asked.code, 0, asked.err);
});

const misuses: readonly (readonly [readonly string[], string])[] = [
  [[], "error: Cannot run without a command\n"],
  [["strat"], 'error: Unknown command "strat"\nhint: did you mean `start`?\n'],
  [["--verbose"], 'error: Unknown flag "--verbose"\n'],
  [
    ["start", "--confg", "x"],
    'error: Unknown flag "--confg"\nhint: did you mean --config?\n',
  ],
  [["start", "-x"], 'error: Unknown flag "-x"\n'],
  [["start", "--config"], "error: Flag --config needs a value\n"],
  [["start", "--config="], "error: Flag --config needs a value\n"],
  [["start", "--debug=1"], "error: Flag --debug takes no value\n"],
  [["start", "now"], 'error: Unexpected argument "now"\n'],
  [
    ["init", "--addr=a", "--channel=1"],
    "error: Cannot ask without a terminal: --identity, --token-file are missing\n",
  ],
  [["rules"], "error: Expected `rules test`, found nothing\n"],
  [["rules", "tset"], 'error: Expected `rules test`, found "tset"\n'],
  [
    ["check", "--send-tests"],
    'error: Unknown flag "--send-tests"\nhint: did you mean --send-test?\n',
  ],
  [["version", "-c", "x"], 'error: Unknown flag "-c"\n'],
  [["help", "me"], 'error: Unknown command "me"\n'],
  [["help", "start", "now"], 'error: Unexpected argument "now"\n'],
];

for (const [args, want] of misuses) {
  Deno.test(`\`${args.join(" ")}\` is a usage error`, async () => {
    const { code, out, err } = await runCli(args, "none");
    deepStrictEqual({ code, out }, { code: 64, out: "" });
    ok(err.startsWith(want), err);
    match(err, /\nUsage: teleport-discord /);
  });
}

Deno.test("start without a configuration says how to make one", async () => {
  const { code, out, err } = await runCli(["start", "-c", "/none/f.toml"]);
  deepStrictEqual({ code, out }, { code: 78, out: "" });
  strictEqual(
    err,
    'error: Cannot read the configuration "/none/f.toml": no such file\n' +
      "hint: check --config, or write one with `teleport-discord configure > /none/f.toml`\n",
  );
});

Deno.test("start tells all that is wrong with a configuration, and no secret", async () => {
  const text = `[teleport]
adr = "x:1"
[discord]
token = "Bot s3cr3t.s3cr3t.s3cr3t"
[role_to_recipients]
"*" = [
  118412341234123412,
]
`;
  await withConfig(text, async (path) => {
    const { code, out, err } = await runCli(["start", "-d", "-c", path]);
    deepStrictEqual({ code, out }, { code: 78, out: "" });
    ok(!err.includes("s3cr3t"), err);
    const lines = err.replaceAll(path, "FILE").split("\n");
    deepStrictEqual(lines.filter((line) => !line.startsWith("hint: ")), [
      "error: FILE:1: teleport: no credentials configured",
      "warning: FILE:2: teleport.adr: Unknown key",
      'error: FILE:4: discord.token: expected a bot token alone, found "Bot " before it',
      'error: FILE:7: role_to_recipients."*"[0]: expected a channel ID or "user:" and a user ID, found the number 118412341234123412',
      "",
    ]);
    strictEqual(lines.filter((line) => line.startsWith("hint: ")).length, 4);
  });
});

Deno.test("start runs until SIGTERM, which is no failure", async () => {
  const text = `[teleport]
identity = "/none/identity"
[discord]
token = "aaaa.bbbb.cccc"
apiurl = "http://127.0.0.1:9/"
[role_to_recipients]
"*" = "123456789012345678"
[log]
format = "json"
`;
  await withConfig(text, async (path) => {
    const child = startCli(["start", "--config", path]);
    let err = "";
    let stopped = false;
    for await (
      const part of child.stderr.pipeThrough(new TextDecoderStream())
    ) {
      err += part;
      if (stopped || !err.includes("/none/identity")) continue;
      stopped = true;
      child.kill("SIGTERM");
    }
    await child.stdout.cancel();
    strictEqual((await child.status).code, 0, err);
    const [first] = err.split("\n").map((line) => line && JSON.parse(line));
    strictEqual(first.message, "Starting Teleport Access Discord Plugin");
    strictEqual(first.level, "info");
    match(first.version, /^\d+\.\d+\.\d+/);
  });
});

Deno.test("a reader that stops early is no failure", async () => {
  const child = startCli(["configure"], "none");
  await child.stdout.cancel();
  const err = await new Response(child.stderr).text();
  deepStrictEqual([(await child.status).code, err], [0, ""]);
});
