import assert from "node:assert/strict";
import {
  openNotifySocket,
  SystemdUnit,
  watchdogMs,
} from "../../../src/lib/host/systemd.ts";
import { FakeClock } from "../../fakes/clock.ts";
import { MemoryLogger } from "../../fakes/logger.ts";

const unexpected = () => assert.fail("a note was sent");

Deno.test("where systemd is not, nothing is told to it", () => {
  assert.equal(openNotifySocket(() => undefined, unexpected), undefined);
  assert.equal(openNotifySocket(() => "", unexpected), undefined);
});

Deno.test("a socket that is neither a path nor abstract is refused", () => {
  for (const name of ["notify", "/", "@", "vsock:2:1234"]) {
    assert.throws(
      () => openNotifySocket(() => name, unexpected),
      /it is neither a path nor an abstract socket/,
    );
  }
});

Deno.test("watchdogMs() counts only for this process", () => {
  const read = (vars: Record<string, string>) =>
    watchdogMs((name) => vars[name]);
  assert.equal(read({}), undefined);
  assert.equal(read({ WATCHDOG_USEC: "60000000" }), 60_000);
  const pid = `${Deno.pid}`;
  assert.equal(read({ WATCHDOG_USEC: "1", WATCHDOG_PID: pid }), 0.001);
  assert.equal(read({ WATCHDOG_USEC: "1", WATCHDOG_PID: "1" }), undefined);
  for (const wrong of ["0", "-1", "1s", ""]) {
    assert.equal(read({ WATCHDOG_USEC: wrong }), undefined);
  }
});

/** A unit whose notes are kept, with when they came. */
class Stage {
  readonly clock = new FakeClock();
  readonly logger = new MemoryLogger();
  readonly notes: string[] = [];
  isAlive = true;
  status = "a";
  readonly unit: SystemdUnit;
  readonly #over = new AbortController();
  #running: Promise<void> | undefined;

  constructor(watchdogMs: number | undefined) {
    this.unit = new SystemdUnit({
      socket: {
        send: (note) => {
          const lines = Object.entries(note)
            .filter(([name]) => name !== "MONOTONIC_USEC")
            .map(([name, value]) => `${name}=${value}`);
          const seconds = this.clock.monotonic() / 1000;
          this.notes.push(`${seconds} ${lines.join(" ")}`);
        },
        [Symbol.asyncDispose]: () => Promise.resolve(),
      },
      watchdogMs,
      isAlive: () => this.isAlive,
      status: () => this.status,
      clock: this.clock,
      logger: this.logger,
    });
  }

  run(): void {
    this.#running = this.unit.run(this.#over.signal);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#over.abort();
    await this.#running;
  }
}

Deno.test("the watchdog is fed at half its time, and not by one that is stuck", async () => {
  await using stage = new Stage(10_000);
  const { clock, notes, logger } = stage;
  stage.run();
  await clock.advance(11_000);
  assert.deepEqual(notes, [
    "0 WATCHDOG=1 STATUS=a",
    "5 WATCHDOG=1",
    "10 WATCHDOG=1",
  ]);
  stage.isAlive = false;
  stage.status = "b";
  await clock.advance(20_000);
  assert.deepEqual(notes.slice(3), ["12 STATUS=b"]);
  assert.equal(
    logger.find("stuck, waiting for the watchdog of systemd").length,
    1,
  );
  stage.isAlive = true;
  await clock.advance(2000);
  assert.deepEqual(notes.slice(4), ["32 WATCHDOG=1"]);
});

Deno.test("start, reload and end are told in this order", async () => {
  await using stage = new Stage(undefined);
  const { clock, notes, unit } = stage;
  stage.run();
  await clock.advance(0);
  unit.ready();
  await clock.advance(100_000);
  unit.reloading();
  stage.status = "two\nlines";
  unit.ready();
  unit.stopping();
  await clock.advance(5000);
  assert.deepEqual(notes, [
    "0 STATUS=a",
    "0 READY=1",
    "100 RELOADING=1",
    "100 READY=1 STATUS=two lines",
    "100 STOPPING=1 STATUS=stopping",
  ]);
});
