/**
 * Telling systemd, or whatever else started this process, how it is.
 *
 * Source: systemd documentation, "sd_notify(3)", "sd_watchdog_enabled(3)" and "systemd.service(5)", 252.
 *
 * @module
 */

import type { Clock } from "../async/clock.ts";
import type { Logger } from "../log/logger.ts";

/** Reads an environment variable. */
type ReadEnv = (name: string) => string | undefined;

/** Takes notes such as `READY=1`, each a group of lines. */
export interface NotifySocket extends AsyncDisposable {
  /** Sends one note, after those before it; one that cannot be sent is dropped. */
  send(note: Readonly<Record<string, string | number>>): void;
}

/** Deno's datagram sockets, of which only those with a name are in its types. */
type ListenDatagram = (
  options: { transport: "unixpacket" },
) => Deno.DatagramConn;

/**
 * Opens the way to systemd; `undefined` where none was given.
 *
 * @param onDropped Called with the reason when the first note is dropped.
 * @throws {Error} If there is one that cannot be used.
 */
export function openNotifySocket(
  env: ReadEnv,
  onDropped: (error: unknown) => void,
): NotifySocket | undefined {
  const name = env("NOTIFY_SOCKET") ?? "";
  if (name === "") return undefined;
  if (!/^[/@]./.test(name)) {
    throw new Error(`it is neither a path nor an abstract socket: ${name}`);
  }
  // An abstract socket is written with "@", and its name begins with NUL.
  const path = name.replace(/^@/, "\0");
  const listen: ListenDatagram | undefined = Deno.listenDatagram;
  if (listen === undefined) throw new Error("Deno needs --unstable-net");
  const socket = listen({ transport: "unixpacket" });
  let sent: Promise<unknown> = Promise.resolve();
  let isTold = false;
  const drop = (error: unknown) => {
    if (!isTold) onDropped(error);
    isTold = true;
  };
  return {
    send(note) {
      const text = Object.entries(note)
        .map(([key, value]) => `${key}=${value}`).join("\n");
      const bytes = new TextEncoder().encode(text);
      sent = sent.then(() =>
        socket.send(bytes, { transport: "unixpacket", path })
      ).catch(drop);
    },
    async [Symbol.asyncDispose]() {
      await sent;
      socket.close();
    },
  };
}

/**
 * Returns how often systemd wants to hear of this process, in milliseconds; `undefined` if it does not.
 */
export function watchdogMs(env: ReadEnv): number | undefined {
  const pid = env("WATCHDOG_PID") ?? "";
  const usec = env("WATCHDOG_USEC") ?? "";
  if (pid !== "" && pid !== String(Deno.pid)) return undefined;
  return /^[1-9]\d*$/.test(usec) ? Number(usec) / 1000 : undefined;
}

/** What a {@linkcode SystemdUnit} needs. */
export interface SystemdUnitOptions {
  readonly socket: NotifySocket;
  /** Time without a sign of life after which this process is ended; `undefined` for never. */
  readonly watchdogMs: number | undefined;
  /** Whether the work goes on; otherwise the watchdog is not fed. */
  readonly isAlive: () => boolean;
  /** One line for `systemctl status`. */
  readonly status: () => string;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** How often the status line is compared with what was sent. */
const STATUS_MS = 1000;

/** The unit that this process runs as. */
export class SystemdUnit {
  readonly #options: SystemdUnitOptions;
  #status = "";
  #isStuck = false;

  constructor(options: SystemdUnitOptions) {
    this.#options = options;
  }

  /** The start, or a reload, is done. */
  ready(): void {
    this.#options.socket.send({ READY: 1, ...this.#news() });
  }

  /** A reload begins; {@linkcode SystemdUnit.ready} ends it. */
  reloading(): void {
    this.#options.socket.send({ RELOADING: 1, ...monotonicUsec() });
  }

  /** The end begins. */
  stopping(): void {
    this.#options.socket.send({ STOPPING: 1, STATUS: "stopping" });
  }

  /** Feeds the watchdog and keeps the status line up to date until the signal aborts. */
  async run(signal: AbortSignal): Promise<void> {
    const { socket, watchdogMs, clock } = this.#options;
    const feedMs = watchdogMs === undefined ? Infinity : watchdogMs / 2;
    let feedAtMs = watchdogMs === undefined ? Infinity : clock.monotonic();
    while (!signal.aborted) {
      const nowMs = clock.monotonic();
      const news = this.#news();
      if (nowMs >= feedAtMs && this.#isAlive()) {
        feedAtMs = nowMs + feedMs;
        socket.send({ WATCHDOG: 1, ...news });
      } else if (news.STATUS !== undefined) socket.send(news);
      const leftMs = feedAtMs - nowMs;
      const waitMs = leftMs > 0 ? Math.min(STATUS_MS, leftMs) : STATUS_MS;
      await clock.sleep(waitMs, signal).catch(() => {});
    }
  }

  #isAlive(): boolean {
    const isAlive = this.#options.isAlive();
    if (!isAlive && !this.#isStuck) {
      this.#options.logger.error("stuck, waiting for the watchdog of systemd");
    }
    this.#isStuck = !isAlive;
    return isAlive;
  }

  /** The status line, if it changed. */
  #news(): { readonly STATUS?: string } {
    const status = this.#options.status().replaceAll("\n", " ");
    if (status === this.#status) return {};
    this.#status = status;
    return { STATUS: status };
  }
}

/**
 * Time since the machine was started, as a note for `Type=notify-reload`, which compares it with the
 * moment of its signal. The system tells it in seconds, rounded up; nothing minds that it is later.
 */
function monotonicUsec(): { readonly MONOTONIC_USEC?: string } {
  try {
    return { MONOTONIC_USEC: `${Deno.osUptime() * 1_000_000}` };
  } catch {
    // Not allowed, which only Type=notify-reload would mind.
    return {};
  }
}
