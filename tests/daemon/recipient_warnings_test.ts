import assert from "node:assert/strict";
import { warnOfRecipients } from "../../src/daemon/recipient_warnings.ts";
import { OVER } from "../../src/lib/async/cancellation.ts";
import { FakeClock } from "../fakes/clock.ts";
import { parseConfig } from "../fakes/config.ts";
import { MemoryLogger } from "../fakes/logger.ts";

const FIRST = 123456789012345678n;

Deno.test("warnOfRecipients() leaves the calls of a second to messages, and ends when it is told to", async () => {
  const recipients = Array.from(
    { length: 20 },
    (_, i) => `${FIRST + BigInt(i)}`,
  );
  const config = parseConfig(
    `teleport.identity = "/id"
discord.token = "aaa.bbb.ccc"
role_to_recipients."*" = ${JSON.stringify(recipients)}`,
    "/etc/x.toml",
  );
  const clock = new FakeClock();
  const stop = new AbortController();
  const calls: string[] = [];
  const client = {
    get: ({ path }: { readonly path: string }) => {
      calls.push(path);
      // Of a conversation with one user nothing else is asked.
      return Promise.resolve({ type: 1, name: "", overwrites: [] } as never);
    },
  };
  const lookups = { client, botId: "1", clock };
  const ended = warnOfRecipients(
    config,
    new Set(),
    lookups,
    new MemoryLogger(),
    stop.signal,
  );
  await clock.advance(199);
  assert.equal(calls.length, 0);
  await clock.advance(801);
  assert.equal(calls.length, 5);
  await clock.advance(1000);
  assert.equal(calls.length, 10);
  stop.abort(OVER);
  await assert.rejects(ended, (error) => error === OVER);
  assert.equal(clock.sleepers, 0);
});
