/**
 * The host of the daemon: signals, systemd, probes and monitoring.
 *
 * @module
 */

import { onAbort } from "../lib/async/cancellation.ts";
import { systemClock } from "../lib/async/clock.ts";
import type { StallDetector } from "../lib/async/stall_detector.ts";
import type { HostSignals } from "../lib/host/host_signals.ts";
import { type Pages, serveUntil } from "../lib/host/http_endpoint.ts";
import { METRICS_TYPE } from "../lib/host/prometheus.ts";
import {
  openNotifySocket,
  SystemdUnit,
  watchdogMs,
} from "../lib/host/systemd.ts";
import type { Logger } from "../lib/log/logger.ts";
import type { Metrics } from "./metrics.ts";
import type { Settings } from "./settings.ts";
import {
  type DaemonState,
  livePage,
  readyPage,
  summaryOf,
  systemdStatus,
} from "./status.ts";

/** What {@linkcode Host} need. */
export interface HostOptions {
  readonly settings: Settings;
  readonly logger: Logger;
  readonly signals: HostSignals;
  readonly stalls: StallDetector;
  readonly metrics: Metrics;
  readonly state: () => DaemonState;
  /** Reads the configuration again; returns whether it could be used. */
  readonly reload: () => Promise<boolean>;
  /** Aborted when the daemon begins to end. */
  readonly ending: AbortSignal;
}

/** Answers probes and signals, and tells systemd and monitoring how the daemon is, until it is disposed of. */
export class Host implements AsyncDisposable {
  readonly #options: HostOptions;
  readonly #over = new AbortController();
  readonly #stack = new AsyncDisposableStack();
  readonly #running: Promise<unknown>[] = [];
  readonly #unit: SystemdUnit | undefined;
  #isReady = false;
  #reloading: Promise<void> | undefined;
  #reloadAgain = false;

  constructor(options: HostOptions) {
    const { settings, logger, signals, ending, state } = options;
    this.#options = options;
    this.#unit = this.#openUnit();
    this.#stack.use(signals.on("SIGHUP", () => this.#reload()));
    const logState = () => logger.info("state", summaryOf(state(), new Date()));
    this.#stack.use(signals.on("SIGUSR2", logState));
    this.#stack.use(signals.on("SIGUSR1", () => {
      logState();
      // Deno does so from 2.9.2 on, and nothing that this program may do undoes it.
      logger.warn("SIGUSR1 lets Deno open a debugger, restart the plugin", {
        address: "127.0.0.1:9229",
        hint:
          "whoever reaches it on this machine acts as the plugin; SIGUSR2 logs the state without it",
      });
    }));
    this.#stack.use(onAbort(ending, () => this.#unit?.stopping()));
    const { listen } = settings.config.http;
    if (listen !== undefined) {
      const common = { clock: systemClock, logger };
      const endpoint = { ...common, pages: this.#pages() };
      this.#running.push(serveUntil(listen, endpoint, this.#over.signal));
    }
  }

  /** Says that the start is done. */
  ready(): void {
    this.#isReady = true;
    this.#unit?.ready();
    if (this.#reloadAgain) this.#reload();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#over.abort(new DOMException("The daemon has ended", "AbortError"));
    await Promise.all([...this.#running, this.#reloading]);
    await this.#stack.disposeAsync();
  }

  #openUnit(): SystemdUnit | undefined {
    const { logger, stalls, state } = this.#options;
    const env = (name: string) => Deno.env.get(name);
    const tell = (err: unknown) => {
      logger.warn("cannot tell systemd how this process is", {
        socket: env("NOTIFY_SOCKET"),
        err: err instanceof Deno.errors.NotCapable
          ? "this program may not write there"
          : err,
        hint: "if the unit has Type=notify, write Type=exec instead",
      });
    };
    try {
      const socket = openNotifySocket(env, tell);
      if (socket === undefined) return undefined;
      this.#stack.use(socket);
      const unit = new SystemdUnit({
        socket,
        watchdogMs: watchdogMs(env),
        isAlive: () => stalls.stalledIn === undefined,
        status: () => systemdStatus(state(), new Date()),
        clock: systemClock,
        logger,
      });
      this.#running.push(unit.run(this.#over.signal));
      return unit;
    } catch (error) {
      tell(error);
      return undefined;
    }
  }

  #pages(): Pages {
    const { stalls, metrics, state } = this.#options;
    return {
      "/livez": () => livePage(stalls.stalledIn),
      "/readyz": () => readyPage(state(), new Date()),
      "/metrics": () => ({
        status: 200,
        type: METRICS_TYPE,
        body: metrics.text(state()),
      }),
    };
  }

  /** Reloads; if that is asked for before the start or another reload is done, then after it. */
  #reload(): void {
    this.#reloadAgain = true;
    if (this.#isReady) this.#reloading ??= this.#reloadWhileAsked();
  }

  async #reloadWhileAsked(): Promise<void> {
    const { ending, reload, metrics } = this.#options;
    while (this.#reloadAgain && !ending.aborted) {
      this.#reloadAgain = false;
      this.#unit?.reloading();
      metrics.reloaded(await reload() ? "done" : "refused");
      if (!ending.aborted) this.#unit?.ready();
    }
    this.#reloading = undefined;
  }
}
