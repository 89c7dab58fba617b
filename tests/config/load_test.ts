import {
  deepStrictEqual,
  match,
  ok,
  rejects,
  strictEqual,
} from "node:assert/strict";
import { loadConfig } from "../../src/config/load.ts";
import { ConfigError } from "../../src/config/reading/problem.ts";
import { OperatorError } from "../../src/lib/operator_error.ts";

const TOKEN = "aaaa.bbbb.cccc";

class Setup implements Disposable {
  readonly folder = Deno.makeTempDirSync();
  readonly path = `${this.folder}/f.toml`;

  /** Writes a configuration; the token is line 4. */
  configure(token: string, rest = ""): void {
    this.write(
      "f.toml",
      `[teleport]
identity = "/id"
[discord]
token = ${JSON.stringify(token)}
[role_to_recipients]
"*" = "123456789012345678"
${rest}`,
    );
  }

  write(name: string, content: string | Uint8Array): string {
    const path = `${this.folder}/${name}`;
    const bytes = typeof content === "string"
      ? new TextEncoder().encode(content)
      : content;
    Deno.writeFileSync(path, bytes);
    return path;
  }

  async problems(): Promise<readonly string[]> {
    const error = await loadConfig(this.path).catch((error: unknown) => error);
    ok(error instanceof ConfigError, "the configuration was accepted");
    return error.problems.map(({ line, key, detail }) =>
      `${line} ${key}: ${detail.replaceAll(this.folder, "DIR")}`
    );
  }

  [Symbol.dispose](): void {
    Deno.removeSync(this.folder, { recursive: true });
  }
}

function setCredentialsFolder(path: string): Disposable {
  Deno.env.set("CREDENTIALS_DIRECTORY", path);
  return {
    [Symbol.dispose]: () => Deno.env.delete("CREDENTIALS_DIRECTORY"),
  };
}

Deno.test("loadConfig() reads a file and its token", async () => {
  using setup = new Setup();
  setup.configure(TOKEN);
  const { config, readToken } = await loadConfig(setup.path);
  strictEqual(config.teleport.addr.port, 3025);
  strictEqual((await readToken()).reveal(), TOKEN);
});

Deno.test("a token file is trimmed, and read again each time", async () => {
  using setup = new Setup();
  const token = setup.write("token", `\ufeff\n ${TOKEN}\r\n`);
  setup.configure(token);
  const { readToken } = await loadConfig(setup.path);
  strictEqual((await readToken()).reveal(), TOKEN);
  setup.write("token", "dddd.eeee.ffff");
  strictEqual((await readToken()).reveal(), "dddd.eeee.ffff");
  await Deno.remove(token);
  await rejects(() => readToken(), {
    name: "OperatorError",
    message: /^Cannot use the bot token: .*no such file$/,
  });
});

Deno.test("without a token systemd's credential is taken", async () => {
  using setup = new Setup();
  setup.configure("");
  deepStrictEqual(await setup.problems(), [
    "4 discord.token: expected a bot token, found none",
  ]);
  using _ = setCredentialsFolder(setup.folder);
  deepStrictEqual(await setup.problems(), [
    '4 discord.token: expected a file with the bot token at "DIR/discord-token": no such file',
  ]);
  setup.write("discord-token", `${TOKEN}\n`);
  const { readToken } = await loadConfig(setup.path);
  strictEqual((await readToken()).reveal(), TOKEN);
});

const tokenFiles: readonly (readonly [string, string | Uint8Array, string])[] =
  [
    [
      "nothing",
      "",
      'expected a bot token in the file "DIR/token", found nothing',
    ],
    [
      "blanks",
      " \n\t ",
      'expected a bot token in the file "DIR/token", found nothing',
    ],
    [
      "too much",
      TOKEN.repeat(200),
      'expected a file with the bot token at "DIR/token": it is longer than 2000 bytes',
    ],
    [
      "something else than text",
      new Uint8Array([0xff, 0xfe]),
      'expected a file with the bot token at "DIR/token": it is not UTF-8 text',
    ],
    [
      "Bot before it",
      `Bot ${TOKEN}`,
      'expected a bot token alone, found "Bot " before it (file "DIR/token")',
    ],
    [
      "two lines",
      `${TOKEN}\n${TOKEN}`,
      'expected a bot token, found white space in it (file "DIR/token")',
    ],
    [
      "the sample",
      "secret-token",
      'expected a bot token, found the sample value (file "DIR/token")',
    ],
  ];

for (const [name, content, want] of tokenFiles) {
  Deno.test(`a token file with ${name} is a fault`, async () => {
    using setup = new Setup();
    setup.configure(setup.write("token", content));
    deepStrictEqual(await setup.problems(), [`4 discord.token: ${want}`]);
  });
}

Deno.test("a token file with an odd token is worth a warning", async () => {
  using setup = new Setup();
  setup.configure(setup.write("token", "000000"));
  const { config, readToken } = await loadConfig(setup.path);
  strictEqual(config.problems[0]?.severity, "warning");
  strictEqual(config.problems[0]?.line, 4);
  strictEqual((await readToken()).reveal(), "000000");
});

Deno.test("faults of the text and of the token file are told together", async () => {
  using setup = new Setup();
  setup.configure(`${setup.folder}/none`, "[log]\nseverity = 1");
  deepStrictEqual(await setup.problems(), [
    '4 discord.token: expected a file with the bot token at "DIR/none": no such file',
    "8 log.severity: expected one of error, warn, info, debug, trace, found the number 1",
  ]);
});

Deno.test("a folder is no configuration", async () => {
  using setup = new Setup();
  await rejects(() => loadConfig(setup.folder), {
    name: "OperatorError",
    message: `Cannot read the configuration "${setup.folder}": it is a folder`,
  });
});

Deno.test("a missing configuration is told with the way to make one", async () => {
  const error = await loadConfig("/none/f.toml").catch((error: unknown) =>
    error
  );
  ok(error instanceof OperatorError);
  strictEqual(
    error.message,
    'Cannot read the configuration "/none/f.toml": no such file',
  );
  match(error.hint ?? "", /`teleport-discord configure > \/none\/f.toml`/);
});

Deno.test("a huge or binary file is refused", async () => {
  using setup = new Setup();
  setup.write("f.toml", new Uint8Array(2 ** 21));
  await rejects(() => loadConfig(setup.path), /longer than 1048576 bytes/);
  setup.write("f.toml", new Uint8Array([0xff]));
  await rejects(() => loadConfig(setup.path), /it is not UTF-8 text/);
});

Deno.test("a byte order mark is no matter", async () => {
  using setup = new Setup();
  setup.configure(TOKEN);
  setup.write("f.toml", `\ufeff${await Deno.readTextFile(setup.path)}`);
  strictEqual((await loadConfig(setup.path)).config.problems.length, 0);
});

Deno.test(
  "a log file where the program may not write is a fault",
  {
    permissions: {
      read: true,
      write: ["/var/log/teleport-discord"],
      env: true,
    },
  },
  async () => {
    const path = new URL("log_file.toml", import.meta.url);
    const error = await loadConfig(path.pathname).catch((error: unknown) =>
      error
    );
    ok(error instanceof ConfigError);
    const [problem] = error.problems;
    strictEqual(problem?.key, "log.output");
    strictEqual(
      problem?.detail,
      'expected a file that this program may write, found "/srv/plugin.log"',
    );
    match(problem?.hint ?? "", /\/var\/log\/teleport-discord, /);
  },
);
