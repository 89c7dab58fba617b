import assert from "node:assert/strict";
import { judgeCredentials } from "../../../src/check/judge/judge_credentials.ts";
import {
  type FileFacts,
  judgeFile,
  judgeUser,
} from "../../../src/check/judge/judge_files.ts";
import { judgeServer } from "../../../src/check/judge/judge_server.ts";

const READABLE: FileFacts = {
  path: "/f",
  what: "token file",
  isSecret: true,
  fault: undefined,
  mode: 0o600,
  isOwn: true,
  remedy: "make it readable",
};

const FILES: readonly (readonly [Partial<FileFacts>, string])[] = [
  [{}, "ok: mode 0600"],
  [{ mode: 0o640 }, "ok: mode 0640"],
  [{ mode: 0o400 }, "ok: mode 0400"],
  [{ mode: 0o644, isSecret: false }, "ok: mode 0644"],
  [{ mode: undefined }, "ok: nothing is in the way"],
  [
    { mode: 0o604 },
    "warning: mode 0604: every user of this machine can read it, and it is a secret",
  ],
  [
    { mode: 0o602 },
    "failed: mode 0602: every user of this machine can change it",
  ],
  [
    { mode: 0o666, isSecret: false },
    "failed: mode 0666: every user of this machine can change it",
  ],
  [{ fault: "no such file", mode: undefined }, "failed: no such file"],
  [
    { fault: "this user may not read it", mode: 0o644 },
    "failed: this user may not read it",
  ],
];

for (const [facts, expected] of FILES) {
  Deno.test({
    name: `files: ${JSON.stringify(facts)} is ${expected}`,
    permissions: "none",
    fn() {
      const { status, detail } = judgeFile({ ...READABLE, ...facts });
      assert.equal(`${status}: ${detail}`, expected);
    },
  });
}

Deno.test({
  name: "a file that is closed for others stays open for the plugin",
  permissions: "none",
  fn() {
    const remedies = [true, false].map((isOwn) =>
      judgeFile({ ...READABLE, mode: 0o644, isOwn }).remedy
    );
    assert.deepEqual(remedies, [
      "chmod o-rwx /f",
      "chgrp teleport-discord /f && chmod 0640 /f",
    ]);
  },
});

Deno.test({
  name: "only root is told that it may read everything",
  permissions: "none",
  fn() {
    assert.deepEqual(judgeUser(1000), []);
    assert.deepEqual(judgeUser(undefined), []);
    assert.deepEqual(judgeUser(0).map(({ status }) => status), ["warning"]);
  },
});

const HOUR_MS = 3_600_000;
const START = Date.parse("2026-03-02T09:00:00Z");

const LIFETIMES: readonly (readonly [number, number, string])[] = [
  [0, 10 * HOUR_MS, "ok: expires in 10 hours, on 2026-03-02T19:00:00Z"],
  [9 * HOUR_MS, 10 * HOUR_MS, "ok: expires in 1 hour, on 2026-03-02T19:00:00Z"],
  [
    9.01 * HOUR_MS,
    10 * HOUR_MS,
    "warning: expires soon, in 59 minutes, on 2026-03-02T19:00:00Z",
  ],
];

for (const [ageMs, lifetimeMs, expected] of LIFETIMES) {
  Deno.test({
    name: `credentials: after ${ageMs / HOUR_MS} h of ${
      lifetimeMs / HOUR_MS
    } h: ${expected}`,
    permissions: "none",
    fn() {
      const { status, detail } = judgeCredentials(
        {
          kind: "identity",
          origin: 'identity file "/f"',
          userName: "plugin",
          clusterName: "example.com",
          notBefore: new Date(START),
          notAfter: new Date(START + lifetimeMs),
        },
        new Date(START + ageMs),
      );
      const who = 'user "plugin" of the cluster "example.com", ';
      assert.equal(`${status}: ${detail.replace(who, "")}`, expected);
    },
  });
}

Deno.test({
  name:
    "credentials of less than the 720 hours that were asked for: why that is",
  permissions: "none",
  fn() {
    const remedies = [1, 24, 30, 400, 720].map((hours) =>
      judgeCredentials({
        kind: "identity",
        origin: 'identity file "/f"',
        userName: "plugin",
        clusterName: "example.com",
        notBefore: new Date(START),
        notAfter: new Date(START + hours * HOUR_MS),
      }, new Date(START)).remedy?.replace(/:.*/, "")
    );
    assert.deepEqual(remedies, [
      ...[undefined, undefined],
      ...["it was issued for 30h", "it was issued for 400h", undefined],
    ]);
  },
});

for (
  const [version, status] of [
    ["13.4.26", "warning"],
    ["14.0.0", "ok"],
    ["18.2.1-dev", "ok"],
    ["19.0.0", "ok"],
    ["", "warning"],
  ] as const
) {
  Deno.test({
    name: `Teleport ${version} is ${status}`,
    permissions: "none",
    fn() {
      const facts = { clusterName: "example.com", serverVersion: version };
      assert.equal(judgeServer(facts).status, status);
    },
  });
}
