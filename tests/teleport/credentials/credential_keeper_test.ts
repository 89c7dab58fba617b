import assert from "node:assert/strict";
import { onAbort } from "../../../src/lib/async/cancellation.ts";
import { systemClock } from "../../../src/lib/async/clock.ts";
import { CredentialKeeper } from "../../../src/teleport/credentials/credential_keeper.ts";
import { MemoryLogger } from "../../fakes/logger.ts";
import { ClusterPki } from "../../fakes/pki.ts";

const pki = await ClusterPki.create();
const first = await pki.issueIdentity("first");
const second = await pki.issueIdentity("second");
const third = await pki.issueIdentity("third");

/** A keeper of a file in a folder of its own; it never polls within a test. */
async function keep(
  prepare: (folder: string) => Promise<void>,
  test: (world: {
    readonly folder: string;
    readonly keeper: CredentialKeeper;
    readonly logger: MemoryLogger;
  }) => Promise<void>,
): Promise<void> {
  const folder = await Deno.makeTempDir();
  const logger = new MemoryLogger();
  const stop = new AbortController();
  const context = {
    source: { kind: "identity", path: `${folder}/identity` },
    refreshMs: 3_600_000,
    clock: systemClock,
    logger,
  } as const;
  let running: Promise<void> | undefined;
  try {
    await prepare(folder);
    const keeper = await CredentialKeeper.open(context, stop.signal);
    running = keeper.run(stop.signal);
    await test({ folder, keeper, logger });
  } finally {
    stop.abort();
    await running;
    await Deno.remove(folder, { recursive: true });
  }
}

/** Waits until the keeper has other credentials than now. */
function untilReplaced({ replaced }: CredentialKeeper): Promise<void> {
  return new Promise((resolve) => onAbort(replaced, resolve));
}

const writeFirst = (folder: string) =>
  Deno.writeTextFile(`${folder}/identity`, first);

/** How a file can come to have new content. */
const CHANGES: Readonly<Record<string, (folder: string) => Promise<void>>> = {
  "is written in place": (folder) =>
    Deno.writeTextFile(`${folder}/identity`, second),
  "is renamed into place": async (folder) => {
    await Deno.writeTextFile(`${folder}/other`, second);
    await Deno.rename(`${folder}/other`, `${folder}/identity`);
  },
  "is deleted and written again": async (folder) => {
    await Deno.remove(`${folder}/identity`);
    await Deno.writeTextFile(`${folder}/identity`, second);
  },
  "is half written for a while": async (folder) => {
    const path = `${folder}/identity`;
    await Deno.writeTextFile(path, second.slice(0, second.length / 2));
    await Deno.writeTextFile(path, second.slice(second.length / 2), {
      append: true,
    });
  },
};
for (const [name, change] of Object.entries(CHANGES)) {
  Deno.test(`a file that ${name} is noticed`, () =>
    keep(writeFirst, async ({ folder, keeper }) => {
      const { credentials } = keeper;
      assert.equal(credentials.userName, "first");
      const changed = untilReplaced(keeper);
      await change(folder);
      await changed;
      assert.equal(keeper.credentials.userName, "second");
    }));
}

Deno.test("renewals that come in a burst, in place, with empty and half files, are taken up as one", () =>
  keep(writeFirst, async ({ folder, keeper, logger }) => {
    const path = `${folder}/identity`;
    const inode = (await Deno.stat(path)).ino;
    const changed = untilReplaced(keeper);
    for (const identity of [second, first, third, second, third]) {
      await Deno.writeTextFile(path, "");
      await Deno.writeTextFile(path, identity.slice(0, identity.length / 2));
      await Deno.writeTextFile(path, identity);
    }
    await changed;
    assert.equal(keeper.credentials.userName, "third");
    assert.equal((await Deno.stat(path)).ino, inode);
    assert.deepEqual(
      logger.find("credentials loaded").map(({ fields }) => fields["user"]),
      ["first", "third"],
    );
    assert.deepEqual(logger.at("warning"), []);
  }));

/** Opens a keeper of the first identity by a clock that is `lateMs` late from then on, and tells its waits. */
async function openTimed(
  folder: string,
  lateMs: number,
  stop: AbortController,
): Promise<{ keeper: CredentialKeeper; waits: number[] }> {
  let offsetMs = 0;
  const waits: number[] = [];
  const keeper = await CredentialKeeper.open({
    source: { kind: "identity", path: `${folder}/identity` },
    refreshMs: 3_600_000,
    clock: {
      ...systemClock,
      now: () => Date.now() + offsetMs,
      sleep: (ms, signal) => {
        waits.push(ms);
        return systemClock.sleep(ms, signal);
      },
    },
    logger: new MemoryLogger(),
  }, stop.signal);
  offsetMs = lateMs;
  waits.length = 0;
  return { keeper, waits };
}

/** The same with an identity that is good for a minute, of which the clock is late by two. */
async function openExpired(
  folder: string,
  stop: AbortController,
): ReturnType<typeof openTimed> {
  const notAfter = new Date(Date.now() + 60_000);
  const identity = await pki.issueIdentity("first", { notAfter });
  await Deno.writeTextFile(`${folder}/identity`, identity);
  return await openTimed(folder, 120_000, stop);
}

Deno.test("nothing is waited for while the identity in use is not valid", async () => {
  const folder = await Deno.makeTempDir();
  const stop = new AbortController();
  const { keeper, waits } = await openExpired(folder, stop);
  const changed = untilReplaced(keeper);
  await Deno.writeTextFile(`${folder}/identity`, second);
  const running = keeper.run(stop.signal);
  await changed;
  // The first look at it, when the keeper starts, is due at once.
  assert.deepEqual(waits.filter((ms) => ms > 0 && ms <= 1000), []);
  stop.abort();
  await running;
  await Deno.remove(folder, { recursive: true });
});

Deno.test("half a file is never taken, not even while the identity in use is not valid", async () => {
  const folder = await Deno.makeTempDir();
  const stop = new AbortController();
  const path = `${folder}/identity`;
  const { keeper, waits } = await openExpired(folder, stop);
  const changed = untilReplaced(keeper);
  await Deno.writeTextFile(path, second.slice(0, second.length / 2));
  const running = keeper.run(stop.signal);
  while (!waits.some((ms) => ms > 0)) {
    await new Promise((done) => setTimeout(done, 5));
  }
  assert.equal(keeper.credentials.userName, "first");
  await Deno.writeTextFile(path, second);
  await changed;
  assert.equal(keeper.credentials.userName, "second");
  stop.abort();
  await running;
  await Deno.remove(folder, { recursive: true });
});

Deno.test("renewals that never pause are taken up after at most one second", async () => {
  const folder = await Deno.makeTempDir();
  const stop = new AbortController();
  await writeFirst(folder);
  const { keeper, waits } = await openTimed(folder, 0, stop);
  const running = keeper.run(stop.signal);
  let isTaken = false;
  let waitsBefore: readonly number[] = [];
  const taken = untilReplaced(keeper).then(() => {
    isTaken = true;
    // The next renewal may be noticed at once.
    waitsBefore = [...waits];
  });
  const GATHER_MS = 50;
  for (let i = 0; i < 200 && !isTaken; i++) {
    await Deno.writeTextFile(`${folder}/other`, second);
    await Deno.rename(`${folder}/other`, `${folder}/identity`);
    await Promise.race([
      taken,
      new Promise((done) => setTimeout(done, 20)),
    ]);
  }
  assert.ok(isTaken, "not while it is written again and again");
  const waitedMs = waitsBefore.filter((ms) => ms <= 1000)
    .reduce((sum, ms) => sum + ms, GATHER_MS);
  assert.ok(waitedMs <= 1000, `${waitsBefore}`);
  stop.abort();
  await running;
  await Deno.remove(folder, { recursive: true });
});

Deno.test("links that are swapped are noticed, as Kubernetes does", () =>
  keep(async (folder) => {
    await Deno.mkdir(`${folder}/..1`);
    await Deno.writeTextFile(`${folder}/..1/identity`, first);
    await Deno.symlink("..1", `${folder}/..data`);
    await Deno.symlink("..data/identity", `${folder}/identity`);
  }, async ({ folder, keeper }) => {
    const changed = untilReplaced(keeper);
    await Deno.mkdir(`${folder}/..2`);
    await Deno.writeTextFile(`${folder}/..2/identity`, second);
    await Deno.symlink("..2", `${folder}/..data_tmp`);
    await Deno.rename(`${folder}/..data_tmp`, `${folder}/..data`);
    await changed;
    assert.equal(keeper.credentials.userName, "second");
  }));

Deno.test("a file that appears late is noticed at once", () =>
  keep(
    (folder) => {
      setTimeout(() => writeFirst(folder), 20);
      return Promise.resolve();
    },
    async ({ keeper, logger }) => {
      assert.equal(keeper.credentials.userName, "first");
      const [fault, loaded] = logger.lines;
      assert.equal(fault?.message, "cannot use the credentials, will retry");
      assert.equal(loaded?.message, "credentials loaded");
      assert.equal(loaded.fields["cluster"], "example.com");
      await Promise.resolve();
    },
  ));

Deno.test("a file that cannot be used is never taken", () =>
  keep(writeFirst, async ({ folder, keeper, logger }) => {
    const { credentials } = keeper;
    await Deno.writeTextFile(
      `${folder}/identity`,
      second.slice(0, second.length - 60),
    );
    await logger.waitFor(
      "cannot read the credentials again, keeping the old ones",
    );
    assert.equal(keeper.credentials, credentials);
    const changed = untilReplaced(keeper);
    await Deno.writeTextFile(`${folder}/identity`, second);
    await changed;
    assert.equal(keeper.credentials.userName, "second");
  }));

Deno.test("one warning comes when a tenth of the lifetime is left", () =>
  keep(async (folder) => {
    const notBefore = new Date(Date.now() - 95_000);
    const notAfter = new Date(Date.now() + 5_000);
    const text = await pki.issueIdentity("bot", { notBefore, notAfter });
    await Deno.writeTextFile(`${folder}/identity`, text);
  }, async ({ folder, keeper, logger }) => {
    const message = "the credentials expire soon, renew them";
    const { level, fields } = await logger.waitFor(message);
    assert.equal(level, "warning");
    assert.match(`${fields["hint"]}`, /tctl auth sign --user=bot/);
    const changed = untilReplaced(keeper);
    await Deno.writeTextFile(`${folder}/identity`, second);
    await changed;
    assert.equal(logger.find(message).length, 1);
  }));
