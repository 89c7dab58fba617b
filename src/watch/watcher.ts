/**
 * The watcher: keeps the event stream of the Auth Service open, and sweeps when it opened and again and again.
 *
 * Source: docs/design/reconciler.md 5; docs/design/teleport-behaviour.md 4.
 *
 * @module
 */

import { Backoff } from "../lib/async/backoff.ts";
import type { Clock } from "../lib/async/clock.ts";
import { withDeadline } from "../lib/async/deadline.ts";
import type { StallDetector } from "../lib/async/stall_detector.ts";
import { rest, waitFor } from "../lib/async/wait.ts";
import { FailureStreak } from "../lib/log/failure_streak.ts";
import type { Logger } from "../lib/log/logger.ts";
import { refusalHint } from "../ports/admin_hints.ts";
import {
  ACCESS_REQUEST_KIND,
  type AuthService,
  type WatchEvent,
} from "../ports/auth_service.ts";
import { isDenial } from "../ports/recovery.ts";
import {
  ConnectionReplacedError,
  NotConnectedError,
  type StatusName,
  TeleportError,
} from "../ports/teleport_error.ts";
import type { Reconciler } from "../reconcile/reconciler.ts";
import type { RuleBook } from "../route/rule_book.ts";
import type { ListProbe } from "./list_probe.ts";
import { Sweep } from "./sweep.ts";

/** What a {@linkcode Watcher} needs. */
export interface WatcherOptions {
  readonly auth: AuthService;
  readonly reconciler: Reconciler;
  readonly listProbe: ListProbe;
  readonly ruleBook: RuleBook;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Time between two sweeps, in milliseconds. */
  readonly resyncMs: number;
  /** Called each time that the watch is open and what it missed has been listed. */
  readonly onReady: () => void;
  /** Called after each sweep. */
  readonly onSwept?: (() => void) | undefined;
  /** Called with the kind of each event. */
  readonly onEvent?: ((kind: WatchEvent["kind"]) => void) | undefined;
  readonly stalls?: StallDetector | undefined;
}

/** The INIT event waits for Auth's cache; longer than this is a connection problem. */
const INIT_MS = 15_000;

const RECONNECT_WAIT = { minMs: 100, maxMs: 2000 };
const DENIED_WAIT = { minMs: 1000, maxMs: 300_000 };

/** A watch that was told to end has ended by then, unless the program is stuck. */
const STALLED_MS = 60_000;

/** Sweeps come this much earlier or later, so that instances do not march in step. */
const SWEEP_JITTER = 0.1;

/** Keeps the reconciler informed until the signal to stop. */
export class Watcher {
  readonly #options: WatcherOptions;
  readonly #sweep: Sweep;
  readonly #reconnect: Backoff;
  /** Waits where a rule is missing. */
  readonly #denied: Backoff;
  readonly #failures = new FailureStreak();
  #isWatching = false;
  #wake = Promise.withResolvers<void>();

  constructor(options: WatcherOptions) {
    this.#options = options;
    this.#sweep = new Sweep(options);
    const { random } = options.clock;
    this.#reconnect = new Backoff(RECONNECT_WAIT, random);
    this.#denied = new Backoff(DENIED_WAIT, random);
  }

  /** Whether the watch is open and what it missed has been listed. */
  get isWatching(): boolean {
    return this.#isWatching;
  }

  /** Why the watch is not open, as far as that was told. */
  get lastFailure(): string | undefined {
    return this.#failures.last;
  }

  /** Lists all requests now instead of later; without a watch that is about to be done anyway. */
  sweepSoon(): void {
    this.#wake.resolve();
  }

  /** Whether requests that were deleted while nobody watched may be unknown. */
  get missesDeletions(): boolean {
    return this.#sweep.missesDeletions;
  }

  /** Watches until the signal aborts; whatever else ends a watch, it is opened again. */
  async run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      try {
        await this.#watch(signal);
      } catch (error) {
        if (signal.aborted) return;
        if (error instanceof ConnectionReplacedError) continue;
        const hint = hintIfDenied(error);
        // Who waited for a connection has waited enough: it may be there in the next moment.
        const waitMs = error instanceof NotConnectedError
          ? 0
          : (hint === undefined ? this.#reconnect : this.#denied).nextMs();
        this.#logFailure(error, hint, waitMs);
        await this.#options.clock.sleep(waitMs, signal).catch(() => {});
      }
    }
  }

  /** Watches once; it always ends by throwing. */
  async #watch(signal: AbortSignal): Promise<never> {
    const { auth, clock, stalls } = this.#options;
    const closing = new AbortController();
    const ending = AbortSignal.any([signal, closing.signal]);
    const init = Promise.withResolvers<readonly string[]>();
    const stream = auth.within(ending)
      .watchEvents((event) => this.#take(event, init.resolve));
    try {
      const kinds = await Promise.race([
        withDeadline((over) => waitFor(init.promise, over), {
          ms: INIT_MS,
          clock,
          signal: ending,
          late: () => watchFault("DEADLINE_EXCEEDED", NO_INIT),
        }),
        stream,
      ]);
      if (!kinds.includes(ACCESS_REQUEST_KIND)) {
        throw watchFault("PERMISSION_DENIED", MISSING_RULE);
      }
      this.#reconnect.reset();
      return await Promise.race([this.#sweepForEver(ending), stream]);
    } finally {
      this.#isWatching = false;
      closing.abort(new DOMException("The watch has ended", "AbortError"));
      const ended = stream.catch(() => {});
      await (stalls?.watch("WatchEvents", STALLED_MS, ended) ?? ended);
    }
  }

  /** Takes in what an event tells. */
  #take(event: WatchEvent, onInit: (kinds: readonly string[]) => void): void {
    const { reconciler, listProbe, ruleBook, logger, onEvent } = this.#options;
    onEvent?.(event.kind);
    switch (event.kind) {
      case "init":
        ruleBook.opened(event.kinds);
        return onInit(event.kinds);
      case "put rule":
        return ruleBook.put(event.rule);
      case "delete rule":
        return ruleBook.delete(event.name);
      case "put": {
        const { request } = event;
        this.#sweep.note(request.id, request.state !== "PENDING");
        listProbe.put(request.id);
        const seen = { request, source: "put", gone: undefined } as const;
        return reconciler.observed(request.id, seen);
      }
      case "delete":
        this.#sweep.note(event.requestId, true);
        listProbe.deleted(event.requestId);
        return reconciler.observed(event.requestId, {
          request: undefined,
          source: "put",
          gone: "event",
        });
      case "unknown":
        return logger.warn("event is not understood, skipping it", {
          detail: event.detail,
        });
    }
  }

  async #sweepForEver(signal: AbortSignal): Promise<never> {
    const { clock, logger, resyncMs, onReady, onSwept } = this.#options;
    const backoff = new Backoff(RECONNECT_WAIT, clock.random);
    const denied = new Backoff(DENIED_WAIT, clock.random);
    const failures = new FailureStreak();
    for (let ready = false;;) {
      this.#wake = Promise.withResolvers();
      try {
        await this.#sweep.run(signal, !ready);
        backoff.reset();
        denied.reset();
        failures.end();
        onSwept?.();
      } catch (error) {
        signal.throwIfAborted();
        if (!ready || !(error instanceof TeleportError)) throw error;
        const hint = hintIfDenied(error);
        const waitMs = (hint === undefined ? backoff : denied).nextMs();
        const fields = { err: error, code: error.code, wait_ms: waitMs, hint };
        const level = failures.add(error) ? "warn" : "debug";
        logger[level]("cannot list requests, will retry", fields);
        await clock.sleep(waitMs, signal);
        continue;
      }
      if (!ready) {
        // Each rule that is needed proved to be there.
        this.#denied.reset();
        const recovered = this.#failures.end();
        logger.info("watching access requests", recovered ? { recovered } : {});
        this.#isWatching = true;
        onReady();
      }
      ready = true;
      const jitter = 1 + SWEEP_JITTER * (2 * clock.random() - 1);
      await rest(resyncMs * jitter, this.#wake.promise, clock, signal);
      signal.throwIfAborted();
    }
  }

  /** Of failures in a row the first is logged, and each that differs from the one before. */
  #logFailure(error: unknown, hint: string | undefined, waitMs: number): void {
    const { logger } = this.#options;
    const fields = { err: error, wait_ms: Math.round(waitMs), hint };
    if (!this.#failures.add(error)) {
      logger.debug("cannot watch access requests, will retry", fields);
    } else if (hint !== undefined) {
      logger.error("may not watch access requests, will retry", fields);
    } else logger.warn("cannot watch access requests, will retry", fields);
  }
}

const NO_INIT = `no INIT event within ${INIT_MS / 1000} s`;
const MISSING_RULE =
  `the server did not confirm the kind "${ACCESS_REQUEST_KIND}"`;

function watchFault(code: StatusName, detail: string): TeleportError {
  return new TeleportError("WatchEvents", code, detail);
}

/** Returns what to do about a refusal; `undefined` for anything else. */
function hintIfDenied(error: unknown): string | undefined {
  return isDenial(error) ? refusalHint(error) : undefined;
}
