import assert from "node:assert/strict";
import {
  type IssuedCredentials,
  readableCommand,
  signCommand,
} from "../../src/ports/admin_hints.ts";

const COMMANDS: readonly (readonly [IssuedCredentials, string])[] = [
  [{}, "--user=teleport-discord --ttl=720h --overwrite --out=identity"],
  [
    { userName: "access-plugin", kind: "tls" },
    "--user=access-plugin --ttl=720h --format=tls --overwrite --out=teleport",
  ],
  [
    { out: "/etc/auth_id" },
    "--user=teleport-discord --ttl=720h --overwrite --out=/etc/auth_id",
  ],
  [
    { out: "it's mine" },
    String
      .raw`--user=teleport-discord --ttl=720h --overwrite --out='it'\''s mine'`,
  ],
];

Deno.test({
  name: "readableCommand() leaves a file to its owner where there is a group",
  permissions: "none",
  fn() {
    assert.equal(
      readableCommand("/a/id"),
      "`sudo chgrp teleport-discord /a/id && sudo chmod 0640 /a/id`",
    );
    assert.equal(readableCommand("/a/id", "me"), "`sudo chown me /a/id`");
  },
});

Deno.test({
  name: "signCommand() asks for 30 days, for the user and the form in use",
  permissions: "none",
  fn() {
    for (const [issued, options] of COMMANDS) {
      assert.equal(signCommand(issued), `\`tctl auth sign ${options}\``);
    }
  },
});

Deno.test({
  name: "README and the guide issue credentials by the command that hints show",
  permissions: { read: true },
  async fn() {
    for (const page of ["README.md", "docs/guide.md"]) {
      const text = await Deno.readTextFile(
        new URL(`../../${page}`, import.meta.url),
      );
      assert.ok(text.includes(`\n${signCommand().replaceAll("`", "")}\n`));
    }
  },
});
