/**
 * A stand-in for systemd: takes the notes that a service sends.
 *
 * It runs as a process of its own, because tests may not open Unix sockets.
 *
 * @module
 */

import { start } from "../../programs/command.ts";
import { within } from "../e2e/plugin.ts";

/** One note: its lines by name. */
export type Note = Readonly<Record<string, string>>;

/** Prints each datagram as a line of JSON. */
const RECEIVER = `
const socket = Deno.listenDatagram({ transport: "unixpacket", path: Deno.args[0] });
console.log("ready");
for await (const [bytes] of socket) {
  const lines = new TextDecoder().decode(bytes).split("\\n");
  console.log(JSON.stringify(Object.fromEntries(lines.map((line) => {
    const end = line.indexOf("=");
    return [line.slice(0, end), line.slice(end + 1)];
  }))));
}
`;

/** Listens at a socket as systemd does at `$NOTIFY_SOCKET`. */
export class FakeSystemd implements AsyncDisposable {
  readonly path: string;
  /** The notes so far, oldest first. */
  readonly notes: Note[] = [];
  readonly #process: Deno.ChildProcess;
  readonly #waiting = new Set<() => void>();
  readonly #ended: Promise<void>;
  #isReady = false;

  private constructor(path: string) {
    this.path = path;
    this.#process = start(Deno.execPath(), {
      args: ["run", "-A", "--quiet", "--no-config", "--unstable-net", "-"],
      stdin: "piped",
      stdout: "piped",
      stderr: "inherit",
    });
    this.#ended = this.#follow();
  }

  /** @param path Of the socket, in a folder of the test; or its abstract name, as in `@name`. */
  static async start(path: string): Promise<FakeSystemd> {
    const systemd = new FakeSystemd(path);
    const writer = systemd.#process.stdin.getWriter();
    const source = RECEIVER.replace(
      "Deno.args[0]",
      JSON.stringify(path.replace(/^@/, "\0")),
    );
    await writer.write(new TextEncoder().encode(source));
    await writer.close();
    await systemd.until(() => systemd.#isReady);
    return systemd;
  }

  /** Waits until the notes meet a condition. */
  async until(isMet: () => boolean, what = `${isMet}`): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    const look = () => isMet() && resolve();
    this.#waiting.add(look);
    look();
    try {
      await within(promise, what, () => JSON.stringify(this.notes, null, 1));
    } finally {
      this.#waiting.delete(look);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#process.kill("SIGKILL");
    await this.#process.status;
    await this.#ended;
  }

  async #follow(): Promise<void> {
    let rest = "";
    const decoder = new TextDecoder();
    for await (const chunk of this.#process.stdout) {
      const lines = (rest + decoder.decode(chunk, { stream: true }))
        .split("\n");
      rest = lines.pop() ?? "";
      for (const line of lines) {
        if (line === "ready") this.#isReady = true;
        else this.notes.push(JSON.parse(line));
      }
      for (const look of this.#waiting) look();
    }
  }
}
