import {
  deepStrictEqual,
  match,
  strictEqual,
  throws,
} from "node:assert/strict";
import {
  type LogOutput,
  openLogOutput,
} from "../../../src/lib/log/log_output.ts";

/** A stream that takes bytes as its script says: a number of bytes, or an error. */
class ScriptedSink {
  text = "";
  readonly script: (number | Error)[] = [];

  async write(bytes: Uint8Array): Promise<number> {
    await Promise.resolve();
    const step = this.script.shift() ?? bytes.length;
    if (step instanceof Error) throw step;
    const count = Math.min(step, bytes.length);
    this.text += new TextDecoder().decode(bytes.subarray(0, count));
    return count;
  }
}

class TempFolder implements Disposable {
  readonly path = Deno.makeTempDirSync();

  file(name: string): string {
    return `${this.path}/${name}`;
  }

  read(name: string): string {
    return Deno.readTextFileSync(this.file(name));
  }

  [Symbol.dispose](): void {
    Deno.removeSync(this.path, { recursive: true });
  }
}

function openFile(path: string, stderr = new ScriptedSink()): LogOutput {
  return openLogOutput({ kind: "file", path }, stderr);
}

Deno.test("a file is appended to and readable by its owner and group only", () => {
  using folder = new TempFolder();
  Deno.writeTextFileSync(folder.file("old"), "before\n");
  using output = openFile(folder.file("old"));
  using fresh = openFile(folder.file("new"));
  output.write("a\n");
  fresh.write("b\n");
  strictEqual(folder.read("old"), "before\na\n");
  const mode = Deno.statSync(folder.file("new")).mode ?? 0;
  strictEqual(mode & 0o777, 0o640);
});

Deno.test("a file that was moved away is opened again with the next line", () => {
  using folder = new TempFolder();
  using output = openFile(folder.file("log"));
  output.write("a\n");
  Deno.renameSync(folder.file("log"), folder.file("log.1"));
  output.write("b\n");
  Deno.removeSync(folder.file("log"));
  output.write("c\n");
  strictEqual(folder.read("log.1"), "a\n");
  strictEqual(folder.read("log"), "c\n");
});

Deno.test("a file that another one replaced is opened again", () => {
  using folder = new TempFolder();
  using output = openFile(folder.file("log"));
  output.write("a\n");
  Deno.renameSync(folder.file("log"), folder.file("log.1"));
  Deno.writeTextFileSync(folder.file("log"), "fresh\n");
  output.write("b\n");
  strictEqual(folder.read("log"), "fresh\nb\n");
});

Deno.test("a file that was emptied goes on from its beginning", () => {
  using folder = new TempFolder();
  using output = openFile(folder.file("log"));
  output.write("a\n");
  Deno.truncateSync(folder.file("log"));
  output.write("b\n");
  strictEqual(folder.read("log"), "b\n");
});

Deno.test("the old file stays in use where there is no new one", () => {
  using folder = new TempFolder();
  Deno.mkdirSync(folder.file("d"));
  using output = openFile(folder.file("d/log"));
  output.write("a\n");
  Deno.renameSync(folder.file("d"), folder.file("e"));
  output.write("b\n");
  Deno.renameSync(folder.file("e"), folder.file("d"));
  output.write("c\n");
  strictEqual(folder.read("d/log"), "a\nc\n");
});

Deno.test("a file that cannot be opened is the operator's to repair", () => {
  using folder = new TempFolder();
  throws(() => openFile(folder.file("none/log")), {
    name: "OperatorError",
    message:
      /^Cannot open the log file ".*\/none\/log": its folder does not exist$/,
    hint: "make its folder, owned by the user that runs this program",
  });
  throws(() => openFile(folder.file("")), {
    message: /: it is a folder$/,
    hint:
      "let the user that runs this program write to the file and its folder",
  });
});

Deno.test("lines of a file that cannot be written go to standard error, and come back", async () => {
  using folder = new TempFolder();
  await Deno.mkdir(folder.file("d"));
  const stderr = new ScriptedSink();
  using output = openFile(folder.file("d/log"), stderr);
  await Deno.remove(folder.file("d"), { recursive: true });
  output.write("a\n");
  output.write("b\n");
  await output.flush();
  const [first = "", second, ...rest] = stderr.text.split("\n");
  match(
    first,
    /^error: Cannot open the log file ".*": its folder does not exist$/,
  );
  strictEqual(
    second,
    "hint: until this is repaired, its lines go to standard error",
  );
  deepStrictEqual(rest, ["a", "b", ""]);
  await Deno.mkdir(folder.file("d"));
  output.write("c\n");
  strictEqual(folder.read("d/log"), "c\n");
});

Deno.test("a file that takes no more costs lines, not the program", async () => {
  using folder = new TempFolder();
  const stderr = new ScriptedSink();
  const output = openFile(folder.file("log"), stderr);
  output[Symbol.dispose]();
  output.write("a\n");
  await output.flush();
  match(stderr.text, /^error: Cannot write to the log file .*\nhint: .*\na\n$/);
});

/** Writes lines to a stream, each after the one before. */
async function written(
  sink: ScriptedSink,
  ...lines: readonly string[]
): Promise<string> {
  using output = openLogOutput({ kind: "stderr" }, sink);
  for (const line of lines) {
    output.write(line);
    await output.flush();
  }
  return sink.text;
}

Deno.test("a stream takes a line in parts", async () => {
  const stderr = new ScriptedSink();
  stderr.script.push(1, 2);
  strictEqual(await written(stderr, "abcdef\n"), "abcdef\n");
});

Deno.test("a stream whose reader went away is survived", async () => {
  const stderr = new ScriptedSink();
  stderr.script.push(new Deno.errors.BrokenPipe("gone"));
  strictEqual(await written(stderr, "a\n", "b\n"), "b\n");
});

Deno.test("a full pipe that does not block is tried again", async () => {
  const stderr = new ScriptedSink();
  stderr.script.push(new Deno.errors.WouldBlock(), 2);
  strictEqual(await written(stderr, "abc\n"), "abc\n");
});

Deno.test("a line behind a torn one begins on a line of its own", async () => {
  const stderr = new ScriptedSink();
  const gone = () => new Deno.errors.BrokenPipe("gone");
  stderr.script.push(2, gone(), gone());
  strictEqual(
    await written(stderr, "abc\n", "lost\n", "def\n", "ghi\n"),
    "ab\ndef\nghi\n",
  );
});

Deno.test("lines that nobody reads hold up nothing, and are counted once they are too many", async () => {
  const { promise: read, resolve } = Promise.withResolvers<void>();
  const stderr = new ScriptedSink();
  const write = stderr.write.bind(stderr);
  stderr.write = (bytes) => read.then(() => write(bytes));
  using output = openLogOutput({ kind: "stderr" }, stderr);
  const line = `${"x".repeat(2 ** 18 - 1)}\n`;
  output.write("first\n");
  for (let count = 0; count < 6; count++) output.write(line);
  await output.flush();
  strictEqual(stderr.text, "", "the wait for a stuck reader ends");
  resolve();
  await output.flush();
  strictEqual(
    stderr.text,
    `first\n${line.repeat(4)}warning: 2 lines were lost, nobody read them\n`,
  );
});
