import { deepStrictEqual, ok, strictEqual, throws } from "node:assert/strict";
import { createLogger, type LogOptions } from "../../../src/lib/log/logger.ts";
import { MemoryLogger } from "../../fakes/logger.ts";

const clock = { now: () => Date.UTC(2026, 7, 1, 12) };

/** Returns the lines that a logger with these options writes. */
function logged(
  options: Omit<LogOptions, "output">,
  act: (logger: ReturnType<typeof createLogger>) => void,
): readonly string[] {
  const path = Deno.makeTempFileSync();
  try {
    const output = { kind: "file", path } as const;
    using logger = createLogger({ ...options, output }, clock);
    act(logger);
    return Deno.readTextFileSync(path).split("\n").slice(0, -1);
  } finally {
    Deno.removeSync(path);
  }
}

Deno.test("createLogger() writes logfmt", () => {
  const lines = logged({ level: "info", format: "text" }, (logger) => {
    logger.info("message posted", { channel_id: "1" });
    logger.warn("call failed");
  });
  deepStrictEqual(lines, [
    'time=2026-08-01T12:00:00.000Z level=info msg="message posted" channel_id=1',
    'time=2026-08-01T12:00:00.000Z level=warning msg="call failed"',
  ]);
});

Deno.test("createLogger() writes JSON", () => {
  const lines = logged({ level: "info", format: "json" }, (logger) => {
    logger.error("it {failed}", { failed: true });
  });
  deepStrictEqual(lines, [
    '{"time":"2026-08-01T12:00:00.000Z","level":"error","message":"it {failed}","failed":true}',
  ]);
});

for (
  const [level, want] of [
    ["trace", "debug info warning error"],
    ["debug", "debug info warning error"],
    ["info", "info warning error"],
    ["warning", "warning error"],
    ["error", "error"],
  ] as const
) {
  Deno.test(`createLogger() at level ${level} leaves out the rest`, () => {
    const lines = logged({ level, format: "json" }, (logger) => {
      logger.debug("m");
      logger.info("m");
      logger.warn("m");
      logger.error("m");
    });
    const levels = lines.map((line) => JSON.parse(line).level);
    strictEqual(levels.join(" "), want);
  });
}

Deno.test("with() adds fields, and a line's own fields win", () => {
  const lines = logged({ level: "info", format: "text" }, (logger) => {
    const bound = logger.with({ a: 1, b: 1 }).with({ b: 2, c: 2 });
    bound.info("m", { c: 3 });
    logger.info("m");
  });
  deepStrictEqual(lines, [
    'time=2026-08-01T12:00:00.000Z level=info msg="m" a=1 b=2 c=3',
    'time=2026-08-01T12:00:00.000Z level=info msg="m"',
  ]);
});

Deno.test("createLogger() shows stacks at debug only", () => {
  const log = (level: "debug" | "info") =>
    logged({ level, format: "text" }, (logger) => {
      logger.error("m", { err: new Error("e") });
    }).join("");
  ok(log("debug").includes("err_stack="));
  ok(!log("info").includes("err_stack="));
});

Deno.test("two loggers write each to its own place", () => {
  const first = Deno.makeTempFileSync();
  const lines = logged({ level: "info", format: "text" }, (logger) => {
    logger.info("a");
    using next = createLogger({
      output: { kind: "file", path: first },
      level: "error",
      format: "text",
    }, clock);
    next.info("b");
    next.error("c");
    logger.error("d");
  });
  const later = Deno.readTextFileSync(first);
  Deno.removeSync(first);
  deepStrictEqual(lines.map((line) => /msg="."/.exec(line)?.[0]), [
    'msg="a"',
    'msg="d"',
  ]);
  deepStrictEqual(later.match(/msg="."/g), ['msg="c"']);
});

Deno.test("a value that fails while it is read costs itself, not the line", () => {
  const lines = logged({ level: "info", format: "text" }, (logger) => {
    logger.info("m", {
      bad: {
        toJSON() {
          throw new Error("no");
        },
      },
      good: 1,
    });
  });
  ok(lines[0]?.endsWith("bad=<unprintable> good=1"), lines[0] ?? "");
});

Deno.test("MemoryLogger keeps lines and waits for them", async () => {
  const logger = new MemoryLogger();
  const ready = logger.waitFor("Plugin is ready");
  const warning = logger.waitFor(({ level }) => level === "warning");
  logger.with({ a: 1 }).info("Plugin is ready", { b: 2 });
  logger.warn("careful");
  deepStrictEqual(await ready, {
    level: "info",
    message: "Plugin is ready",
    fields: { a: 1, b: 2 },
  });
  strictEqual((await warning).message, "careful");
  strictEqual((await logger.waitFor("careful")).level, "warning");
  ok(logger.text.includes('"b":2'));
  strictEqual(logger.find("careful").length, 1);
});

Deno.test("MemoryLogger stops waiting when it is told to", async () => {
  const stop = new AbortController();
  const reason = new Error("enough");
  const line = new MemoryLogger().waitFor("never", stop.signal);
  stop.abort(reason);
  strictEqual(await line.catch((error: unknown) => error), reason);
});

Deno.test("reconfigure() goes on with other options, or leaves everything as it was", () => {
  const path = Deno.makeTempFileSync();
  const lines = logged({ level: "info", format: "text" }, (logger) => {
    const bound = logger.with({ a: 1 });
    const options = { level: "debug", format: "json" } as const;
    throws(() =>
      logger.reconfigure({
        ...options,
        output: { kind: "file", path: `${path}/below/a/file` },
      })
    );
    bound.debug("not written");
    bound.info("old");
    logger.reconfigure({ ...options, output: { kind: "file", path } });
    bound.debug("new");
  });
  const later = Deno.readTextFileSync(path).trim().split("\n");
  Deno.removeSync(path);
  strictEqual(lines.length, 1);
  ok(lines[0]?.endsWith('msg="old" a=1'));
  deepStrictEqual(later.map((line) => JSON.parse(line).message), ["new"]);
});
