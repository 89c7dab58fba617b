/**
 * What the check takes from the machine that it runs on.
 *
 * @module
 */

import { type Clock, systemClock } from "../../lib/async/clock.ts";
import { readUid } from "../../lib/host/process_user.ts";
import type { Logger } from "../../lib/log/logger.ts";
import { type ReadEnv, takeProxyVariables } from "../../lib/net/http_proxy.ts";
import { DiscordApiError } from "../../ports/discord_error.ts";
import { TeleportError } from "../../ports/teleport_error.ts";
import { found, type Outcome } from "../report/finding.ts";

/** What a check takes from its host. */
export interface CheckHost {
  readonly clock: Clock;
  readonly env: ReadEnv;
  /** User ID of this process; `undefined` where that is not known. */
  readonly uid: number | undefined;
  /** How long everything together may take, in milliseconds. */
  readonly limitMs: number;
  /** How long one call or one attempt to connect may take, in milliseconds. */
  readonly callMs: number;
}

/** What each part of a check needs beside what it looks at. */
export interface CheckContext extends CheckHost {
  readonly logger: Logger;
  /** Ends the check. */
  readonly signal: AbortSignal;
}

/** The machine as it is. */
export function systemCheckHost(): CheckHost {
  return {
    clock: systemClock,
    env: takeProxyVariables(),
    uid: readUid(),
    limitMs: 60_000,
    callMs: 10_000,
  };
}

/** Ends a check in good time, whatever does not answer; the reason of the signal says why, as a phrase. */
export function limitTime(
  { clock, limitMs }: Pick<CheckHost, "clock" | "limitMs">,
  stop: AbortSignal,
): Disposable & { readonly signal: AbortSignal } {
  const limit = new AbortController();
  const { signal } = limit;
  const end = (why: string) => limit.abort(new DOMException(why, "AbortError"));
  const interrupt = () => end("interrupted");
  if (stop.aborted) interrupt();
  stop.addEventListener("abort", interrupt, { once: true, signal });
  clock.sleep(limitMs, signal).then(
    () => end(`no answer within ${limitMs / 1000} s`),
    () => {/* The check has ended. */},
  );
  return { signal, [Symbol.dispose]: () => end("over") };
}

/**
 * Says that a call got no usable answer, and why.
 *
 * @throws What it failed with, if that is neither an answer nor the end of the check.
 */
export function noAnswer(error: unknown, { signal }: CheckContext): Outcome {
  if (signal.aborted) return found.unanswered(signal.reason.message);
  if (error instanceof DiscordApiError || error instanceof TeleportError) {
    return found.unanswered(error.message);
  }
  throw error;
}
