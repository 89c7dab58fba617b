/** Sets the plugin up as a person does: questions at a terminal, between stand-ins of both services. */

import { deepStrictEqual, match, ok, strictEqual } from "node:assert/strict";
import { ROOT } from "../../packaging/source.ts";
import { attempt } from "../../programs/command.ts";
import { CHANNEL, SetUpWorld } from "../check/check_world.ts";
import { needs } from "../left_out.ts";
import { runBundle } from "./bundle.ts";
import { KEYS, TerminalSession } from "./terminal.ts";

/** A set-up of which nothing is configured yet, and an empty folder for it. */
class Newcomer implements AsyncDisposable {
  readonly world: SetUpWorld;
  readonly folder: string;

  private constructor(world: SetUpWorld, folder: string) {
    this.world = world;
    this.folder = folder;
  }

  static async create(): Promise<Newcomer> {
    const world = await SetUpWorld.create();
    world.discord.channel(CHANNEL, { name: "access-requests" });
    return new Newcomer(world, await Deno.makeTempDir());
  }

  /** The command line behind the name of the program. */
  get args(): string[] {
    const { folder, world: { discord } } = this;
    return ["init", `--directory=${folder}`, `--apiurl=${discord.url}`];
  }

  /** The answers, as flags. */
  get answers(): string[] {
    const { world } = this;
    return [
      `--identity=${world.path("identity")}`,
      `--addr=${world.auth.address}`,
      `--token-file=${world.path("token")}`,
      `--channel=https://discord.com/channels/1/${CHANNEL}`,
    ];
  }

  /** Starts it at a terminal; whether that echoes shows at the end. */
  open(...more: string[]): TerminalSession {
    const words = [Deno.execPath(), ...runBundle(), ...this.args, ...more]
      .map((word) => `'${word}'`).join(" ");
    return new TerminalSession(
      `${words}; code=$?; stty -a | tr ' ;' '\\n\\n' | grep -x -e '-*echo' -e '-*icanon'; exit $code`,
      { TERM: "dumb" },
    );
  }

  /** Runs it without a terminal. */
  run(...more: string[]) {
    const args = [...runBundle(), ...this.args, ...more];
    return attempt(Deno.execPath(), args);
  }

  async files(): Promise<string[]> {
    const names = await Array.fromAsync(
      Deno.readDir(this.folder),
      ({ name }) => name,
    );
    return names.toSorted();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.world[Symbol.asyncDispose]();
    await Deno.remove(this.folder, { recursive: true });
  }
}

const IDENTITY = "Path of the identity file";
const ADDRESS = "Address of the Proxy or the Auth Service";
const TOKEN = "Bot token";
const CHANNEL_QUESTION = "Link or ID of the channel";
const RESTORED = /\necho\nicanon\n$|\nicanon\necho\n$/;

const { ignore, leftOut } = needs("script");

function atTerminal(name: string, fn: () => Promise<void>) {
  Deno.test({ name: `${name}${leftOut}`, ignore, fn });
}

atTerminal("init asks, tries each answer, writes and checks", async () => {
  await using newcomer = await Newcomer.create();
  const { world, folder } = newcomer;
  const { token } = world.discord;
  await using session = newcomer.open();
  await session.answer(`${IDENTITY}; Enter alone shows how to`, "\n");
  await session.shows("kind: role");
  await session.shows("tctl auth sign --user=teleport-discord --ttl=720h");
  await session.answer(IDENTITY, "/none\n");
  await session.shows("no such file");
  await session.shows("--overwrite --out=/none");
  await session.answer(`${IDENTITY} [/none]: `, `${world.path("identity")}\n`);
  await session.shows("✓ identity file");
  await session.answer(ADDRESS, `https://${world.auth.address}/web\n`);
  await session.shows('✗ address: expected "host:port", found a web address');
  await session.answer(ADDRESS, "127.0.0.1:9\n");
  await session.shows("no route works");
  await session.answer(ADDRESS, `${world.auth.address}\n`);
  await session.shows("✓ rule update on access_plugin_data");
  await session.answer(TOKEN, "wrong.token.here\r");
  await session.shows("✗ bot: Discord refuses the token");
  await session.answer(TOKEN, `x\x7f${token}\r`);
  await session.shows("✓ bot: Discord accepts the token");
  await session.shows("permissions=274877991936");
  await session.answer(CHANNEL_QUESTION, "#access-requests\n");
  await session.shows("write the ID of the channel, not its name");
  await session.answer(
    CHANNEL_QUESTION,
    `https://discord.com/channels/1/${CHANNEL}\n`,
  );
  await session.shows("✓ recipient #access-requests");
  strictEqual(await session.exitCode, 0, session.screen);
  match(session.screen, /test message to \d+: posted and removed/);
  match(session.screen, /^ +teleport-discord start --config=/m);
  ok(!session.screen.includes(token), "the token was shown");
  match(session.screen, RESTORED);
  deepStrictEqual(await newcomer.files(), ["teleport-discord.toml", "token"]);
  for (const name of await newcomer.files()) {
    const { mode } = await Deno.stat(`${folder}/${name}`);
    strictEqual((mode ?? 0) & 0o777, 0o600);
  }
  strictEqual(await Deno.readTextFile(`${folder}/token`), `${token}\n`);
  deepStrictEqual(world.discord.messages(CHANNEL), []);
});

for (
  const [name, keys, before] of [
    ["Ctrl-C in a question", KEYS.ctrlC, 0],
    ["Ctrl-D in a question", KEYS.ctrlD, 1],
    ["Ctrl-C while the token is typed", `abc${KEYS.ctrlC}`, 2],
    ["Ctrl-D instead of a token", KEYS.ctrlD, 2],
    ["Ctrl-C in the last question", KEYS.ctrlC, 3],
  ] as const
) {
  atTerminal(`init writes nothing after ${name}`, async () => {
    await using newcomer = await Newcomer.create();
    await using session = newcomer.open(...newcomer.answers.slice(0, before));
    const questions = [IDENTITY, ADDRESS, TOKEN, CHANNEL_QUESTION];
    await session.answer(questions[before] ?? "", keys);
    strictEqual(await session.exitCode, 130, session.screen);
    match(session.screen, /Interrupted: nothing was written/);
    match(session.screen, RESTORED);
    deepStrictEqual(await newcomer.files(), []);
  });
}

atTerminal("init asks before it replaces what is there", async () => {
  await using newcomer = await Newcomer.create();
  const path = `${newcomer.folder}/teleport-discord.toml`;
  await Deno.writeTextFile(path, "mine");
  {
    await using session = newcomer.open(...newcomer.answers);
    await session.answer(`Replace ${path}?`, "\n");
    strictEqual(await session.exitCode, 0, session.screen);
    match(session.screen, /install -m 0600 \/dev\/stdin .* <<'EOF'/);
    strictEqual(await Deno.readTextFile(path), "mine");
  }
  await using session = newcomer.open(...newcomer.answers);
  await session.answer(`Replace ${path}?`, "y\n");
  strictEqual(await session.exitCode, 0, session.screen);
  match(await Deno.readTextFile(path), /^\[teleport\]$/m);
});

atTerminal("init lets a person repair what an answer needs", async () => {
  await using newcomer = await Newcomer.create();
  const { world } = newcomer;
  world.auth.grants.delete("access_request:list");
  world.discord.channel(CHANNEL, { view: false });
  await using session = newcomer.open(...newcomer.answers);
  await session.shows("✗ rule list on access_request");
  world.auth.grants.add("access_request:list");
  await session.answer("Go on all the same? (y/N)", "\n");
  await session.answer(`[${world.auth.address}]`, "\n");
  await session.shows("✓ rule list on access_request");
  await session.shows("the bot cannot see this channel");
  world.discord.channel(CHANNEL, { view: true });
  await session.answer(CHANNEL_QUESTION, "\n");
  strictEqual(await session.exitCode, 0, session.screen);
});

atTerminal("init asks again where a flag does not pass", async () => {
  await using newcomer = await Newcomer.create();
  const { world } = newcomer;
  const token = await Deno.readTextFile(world.path("token"));
  await world.write("token", "another.token.entirely");
  await using session = newcomer.open(...newcomer.answers);
  await session.shows("Discord refuses the token");
  await session.answer(TOKEN, "\r");
  await session.shows("Discord refuses the token");
  await world.write("token", token);
  await session.answer(TOKEN, "\r");
  await session.shows("Discord accepts the token");
  strictEqual(await session.exitCode, 0, session.screen);
});

Deno.test("init takes every answer from flags, and asks nothing without a terminal", async () => {
  await using newcomer = await Newcomer.create();
  const { world, folder } = newcomer;
  const { code, out, err } = await newcomer.run(...newcomer.answers);
  deepStrictEqual([code, err], [0, ""], out);
  match(out, /test message to \d+: posted and removed/);
  const config = await Deno.readTextFile(`${folder}/teleport-discord.toml`);
  deepStrictEqual(config.split("\n").filter((line) => /^["\w]/.test(line)), [
    `addr = "${world.auth.address}"`,
    `identity = "${world.path("identity")}"`,
    `token = "${folder}/token"`,
    `apiurl = "${world.discord.url}"`,
    `"*" = "${CHANNEL}"`,
  ]);
  const again = await newcomer.run(...newcomer.answers);
  strictEqual(again.code, 78);
  match(
    again.err,
    /Cannot write over what is there: .*\nhint: add --overwrite/,
  );
  const forced = await newcomer.run(...newcomer.answers, "--overwrite");
  strictEqual(forced.code, 0, forced.err);
});

Deno.test("init from the sources ends with a command that starts these", async () => {
  await using newcomer = await Newcomer.create();
  const main = `${ROOT}main.ts`;
  const args = ["run", "-A", "--frozen", "--quiet", main, ...newcomer.args];
  const { out } = await attempt(Deno.execPath(), [
    ...args,
    ...newcomer.answers,
  ]);
  const start = `--allow-read ${main} start --config=${newcomer.folder}/`;
  ok(out.includes(start), out);
});

Deno.test("init ends with a command that a shell takes, wherever the files are", async () => {
  await using newcomer = await Newcomer.create();
  const { folder, world } = newcomer;
  const directory = `${folder}/a folder`;
  await Deno.mkdir(directory);
  const { out } = await attempt(Deno.execPath(), [
    ...runBundle(),
    "init",
    `--directory=${directory}`,
    `--apiurl=${world.discord.url}`,
    ...newcomer.answers,
  ]);
  const start = `start --config='${directory}/teleport-discord.toml'`;
  ok(out.includes(start), out);
});

Deno.test("init writes nothing if a flag does not pass", async () => {
  await using newcomer = await Newcomer.create();
  newcomer.world.discord.channel(CHANNEL, { send: false });
  const { code, out, err } = await newcomer.run(...newcomer.answers);
  strictEqual(code, 78, err);
  match(out, /✗ recipient .* the bot lacks Send Messages/);
  match(err, /Nothing was written/);
  deepStrictEqual(await newcomer.files(), []);
});

Deno.test("where init may not write, it prints files and commands, and no token", async () => {
  await using newcomer = await Newcomer.create();
  const { world, folder } = newcomer;
  const args = newcomer.args.map((arg) =>
    arg === `--directory=${folder}` ? "--directory=/var/lib" : arg
  );
  const { code, out, err } = await attempt(Deno.execPath(), [
    ...[...runBundle(), ...args, ...newcomer.answers],
  ]);
  deepStrictEqual([code, err], [0, ""], out);
  match(
    out,
    /As this program may not write \/var\/lib\/teleport-discord\.toml/,
  );
  const [, commands = ""] = /commands:\n\n([^]*)\nThen check/.exec(out) ?? [];
  ok(!out.includes(world.discord.token));
  // The commands do what they are for.
  const here = commands.replaceAll("/var/lib/", `${folder}/`);
  const ran = await attempt("sh", ["-euc", here]);
  deepStrictEqual([ran.code, ran.err], [0, ""]);
  deepStrictEqual(await newcomer.files(), ["teleport-discord.toml", "token"]);
  const { mode } = await Deno.stat(`${folder}/token`);
  strictEqual((mode ?? 0) & 0o777, 0o600);
});

Deno.test("init prints the role to create, and needs nothing for it", async () => {
  const { code, out } = await attempt(Deno.execPath(), [
    ...[...runBundle(), "init", "--print-role"],
  ]);
  strictEqual(code, 0);
  match(
    out,
    /^kind: role\n[^]*\nkind: user\n[^]*teleport-discord-impersonator/,
  );
});
