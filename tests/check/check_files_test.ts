import assert from "node:assert/strict";
import {
  findClosedFolder,
  findWriteFault,
} from "../../src/check/collect/file_facts.ts";

const FILE = "/var/lib/teleport/plugins/discord/auth_id";

const CASES: readonly (readonly [string, string | undefined])[] = [
  // What may not be entered, and which folder is named.
  ["/var/lib/teleport", "/var/lib/teleport"],
  ["/var/lib/teleport/plugins/discord", "/var/lib/teleport/plugins/discord"],
  ["/", "/"],
  ["/var/lib/other", undefined],
];

for (const [closed, named] of CASES) {
  Deno.test({
    name: `findClosedFolder() with ${closed} closed: ${named}`,
    permissions: "none",
    async fn() {
      // Root may enter everything, so that a real folder shows nothing where tests run as root.
      const stat = (path: string) =>
        path.startsWith(closed) && path !== closed
          ? Promise.reject(new Deno.errors.PermissionDenied())
          : Promise.resolve();
      assert.equal(await findClosedFolder(FILE, stat), named);
    },
  });
}

Deno.test({
  name: "findClosedFolder() is silent on a file that is missing",
  permissions: "none",
  async fn() {
    const stat = () => Promise.reject(new Deno.errors.NotFound());
    assert.equal(await findClosedFolder(FILE, stat), undefined);
  },
});

const FOLDER_ERRORS: readonly (readonly [Error, string | undefined])[] = [
  [new Deno.errors.NotFound(), "there is no folder /nowhere"],
  [
    new Deno.errors.PermissionDenied(),
    "this user may not make files in /nowhere",
  ],
  [new Deno.errors.NotCapable(), undefined],
];

for (const [error, fault] of FOLDER_ERRORS) {
  Deno.test({
    name: `findWriteFault() where its folder fails with ${error.name}`,
    permissions: { write: true },
    async fn() {
      const tryFolder = () => Promise.reject(error);
      assert.equal(await findWriteFault("/nowhere/log", tryFolder), fault);
    },
  });
}
