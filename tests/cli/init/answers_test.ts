/** What becomes of the answers: links, the configuration, the commands that write it. */

import { deepStrictEqual, strictEqual } from "node:assert/strict";
import { formatConfig } from "../../../src/cli/init/config_text.ts";
import {
  inviteLink,
  recipientIn,
} from "../../../src/cli/init/discord_links.ts";
import { formatInstallLines } from "../../../src/cli/init/install_lines.ts";
import { folderLayout, PACKAGE_LAYOUT } from "../../../src/cli/init/layout.ts";
import { parseConfig } from "../../fakes/config.ts";

const ID = "123456789012345678";

Deno.test({
  name: "recipientIn() finds the channel in what people copy",
  permissions: "none",
  fn: () => {
    const answers = [
      ID,
      ` ${ID} `,
      `"${ID}"`,
      `https://discord.com/channels/1/${ID}`,
      `<https://discord.com/channels/1/${ID}>`,
      `https://ptb.discord.com/channels/1/${ID}/987654321098765432`,
      `discord.com/channels/1/${ID}`,
    ];
    deepStrictEqual(answers.map(recipientIn), answers.map(() => ID));
    strictEqual(recipientIn(`user:${ID}`), `user:${ID}`);
    strictEqual(recipientIn("#ops"), "#ops");
  },
});

Deno.test({
  name: "inviteLink() asks for what the documentation says",
  permissions: "none",
  fn: () => {
    strictEqual(
      inviteLink("42"),
      "https://discord.com/oauth2/authorize?client_id=42&scope=bot&permissions=274877991936",
    );
  },
});

Deno.test({
  name: "formatConfig() writes what the program reads, whatever a path holds",
  permissions: "none",
  fn: () => {
    const paths = ["/a b/ü\"\\\t\x7f'.pem", "/etc/x"];
    for (const path of paths) {
      const { problems, teleport, discord, routing } = parseConfig(
        formatConfig({
          addr: "teleport.example.com:443",
          identityPath: path,
          tokenPath: path,
          recipient: ID,
          apiUrl: "http://127.0.0.1:8/",
        }),
        "f",
      );
      deepStrictEqual(problems, []);
      deepStrictEqual(teleport.credentials, { kind: "identity", path });
      deepStrictEqual(discord.token, { kind: "file", path });
      strictEqual(discord.apiUrl, "http://127.0.0.1:8/");
      deepStrictEqual([...routing], [["*", [ID]]]);
    }
  },
});

Deno.test({
  name:
    "the commands give each file its owner and its mode, and never show the token",
  permissions: "none",
  fn: () => {
    const { config, token } = PACKAGE_LAYOUT;
    const identity = PACKAGE_LAYOUT.identity("/home/a b/identity");
    strictEqual(
      formatInstallLines([
        ...identity === undefined
          ? []
          : [{ place: identity, content: { copyOf: "/home/a b/identity" } }],
        { place: token, content: { secret: "s3cr3t" } },
        { place: config, content: { text: "a = 1\n" } },
      ]),
      `\
sudo install -o teleport-discord -g teleport-discord -m 0640 '/home/a b/identity' /var/lib/teleport-discord/identity

# Paste the token, then press Enter and Ctrl-D:
sudo install -o root -g teleport-discord -m 0640 /dev/stdin /etc/teleport-discord/token

sudo install -o root -g teleport-discord -m 0640 /dev/stdin /etc/teleport-discord.toml <<'EOF'
a = 1
EOF
`,
    );
  },
});

Deno.test("an identity is only copied from where the service cannot read it", () => {
  const isCopied = (path: string) =>
    PACKAGE_LAYOUT.identity(path) !== undefined;
  deepStrictEqual(
    ["/home/ada/identity", "/root/identity", "/tmp/x/identity"].map(isCopied),
    [true, true, true],
  );
  deepStrictEqual(
    ["/var/lib/teleport-discord/identity", "/opt/tbot/identity"].map(isCopied),
    [false, false],
  );
  strictEqual(folderLayout("/x").identity("/home/ada/identity"), undefined);
  strictEqual(folderLayout("/x").config.path, "/x/teleport-discord.toml");
});
