/**
 * Calls that end with a deadline, with a signal, or with a {@linkcode TeleportError}.
 *
 * @module
 */

import { type Client, Metadata, status } from "@grpc/grpc-js";
import type { Buffer } from "node:buffer";
import type { StallDetector } from "../../lib/async/stall_detector.ts";
import { TeleportError } from "../../ports/teleport_error.ts";
import { toTeleportError } from "./grpc_error.ts";

/** A method of a generated service. */
export interface MethodDefinition<Request, Response> {
  readonly path: string;
  readonly requestSerialize: (request: Request) => Buffer;
  readonly responseDeserialize: (bytes: Buffer) => Response;
}

/** Returns the name of a method without its service, such as `GetRole`. */
export function methodName({ path }: { readonly path: string }): string {
  return path.slice(path.lastIndexOf("/") + 1);
}

/** How long calls may take, in milliseconds. */
export interface CallTimeouts {
  /** One call about one thing. */
  readonly callMs: number;
  /** A call about all of something. */
  readonly bulkMs: number;
}

/** How long a call may take: as calls of its kind do, or so many milliseconds; `Infinity` for a watch. */
export type Timeout = keyof CallTimeouts | number;

/** More than a call takes that ends with its deadline: one that outlives it shows that the program is stuck. */
const STALLED_MS = 180_000;

/** What a {@linkcode Caller} needs. */
export interface CallerOptions {
  /** Returns what calls are made with, whichever service it belongs to. */
  readonly client: () => Client;
  readonly timeouts: CallTimeouts;
  /** Told of each call that found no connection, or lost it; returns what may explain that. */
  readonly onUnavailable?: (detail: string) => string | undefined;
  /** Watches whether calls with a deadline end. */
  readonly stalls?: StallDetector | undefined;
}

/** Makes calls, and ends those that are left when it is closed. */
export class Caller {
  readonly #options: CallerOptions;
  readonly #running = new Set<{ cancel(): void }>();
  #idle = Promise.withResolvers<void>();
  #closed = false;

  constructor(options: CallerOptions) {
    this.#options = options;
  }

  /** Ends all running calls with CANCELLED, and lets later ones fail. */
  close(): void {
    this.#closed = true;
    for (const call of this.#running) call.cancel();
  }

  /** Waits until no call is running. */
  async idle(): Promise<void> {
    while (this.#running.size > 0) await this.#idle.promise;
  }

  #end(call: { cancel(): void }): void {
    this.#running.delete(call);
    if (this.#running.size > 0) return;
    this.#idle.resolve();
    this.#idle = Promise.withResolvers();
  }

  /**
   * Makes one unary call.
   *
   * @throws {TeleportError} If the call failed or its deadline passed.
   * @throws The signal's reason if it is or becomes aborted.
   */
  unary<Request, Response>(
    method: MethodDefinition<Request, Response>,
    request: Request,
    signal: AbortSignal,
    timeout: Timeout = "callMs",
  ): Promise<Response> {
    const name = methodName(method);
    const answer = new Promise<Response>((resolve, reject) => {
      this.#check(name, signal);
      const abort = () => {
        reject(signal.reason);
        call.cancel();
      };
      const call = this.#options.client().makeUnaryRequest(
        method.path,
        method.requestSerialize,
        method.responseDeserialize,
        request,
        new Metadata(),
        { deadline: this.#deadline(timeout) },
        (error, answer) => {
          signal.removeEventListener("abort", abort);
          this.#end(call);
          // Without an error there is an answer.
          if (error === null) resolve(answer as Response);
          else reject(this.#convert(name, error));
        },
      );
      this.#running.add(call);
      signal.addEventListener("abort", abort);
    });
    return this.#watched(name, answer);
  }

  /**
   * Reads a server stream to its end.
   *
   * The outcome is the status that the server sent, or the error: `end` comes after an error too
   * (docs/design/teleport-behaviour.md 4).
   *
   * @param onMessage Called for each message; if it throws, the call ends with that error.
   * @param timeout How long all of it may take.
   * @throws {TeleportError} If the stream ended with any status but OK.
   * @throws The signal's reason if it is or becomes aborted.
   */
  stream<Request, Message>(
    method: MethodDefinition<Request, Message>,
    request: Request,
    onMessage: (message: Message) => void,
    signal: AbortSignal,
    timeout: Timeout,
  ): Promise<void> {
    const name = methodName(method);
    const ended = new Promise<void>((resolve, reject) => {
      this.#check(name, signal);
      const call = this.#options.client().makeServerStreamRequest(
        method.path,
        method.requestSerialize,
        method.responseDeserialize,
        request,
        { deadline: this.#deadline(timeout) },
      );
      let ok = false;
      const settle = (finish: () => void) => {
        signal.removeEventListener("abort", abort);
        this.#end(call);
        call.removeAllListeners("data");
        finish();
      };
      const abort = () => {
        settle(() => reject(signal.reason));
        call.cancel();
      };
      this.#running.add(call);
      signal.addEventListener("abort", abort);
      call.on("error", (error) => {
        settle(() => reject(this.#convert(name, error)));
      });
      call.on("status", (outcome) => {
        ok = outcome.code === status.OK;
        if (ok && call.readableEnded) settle(resolve);
      });
      // With status OK, the last messages may still be on their way.
      call.on("end", () => ok && settle(resolve));
      call.on("data", (message: Message) => {
        try {
          onMessage(message);
        } catch (error) {
          settle(() => reject(error));
          call.cancel();
        }
      });
    });
    return timeout === Infinity ? ended : this.#watched(name, ended);
  }

  #deadline(timeout: Timeout): number {
    const { timeouts } = this.#options;
    const ms = typeof timeout === "number" ? timeout : timeouts[timeout];
    return Date.now() + ms;
  }

  /** Returns the outcome of a call with a deadline; one that does not end is noticed. */
  #watched<T>(name: string, outcome: Promise<T>): Promise<T> {
    return this.#options.stalls?.watch(name, STALLED_MS, outcome) ?? outcome;
  }

  /**
   * Checks that calls may be made.
   *
   * @throws {TeleportError} If this was closed.
   * @throws The signal's reason if it is aborted.
   */
  #check(name: string, signal: AbortSignal): void {
    signal.throwIfAborted();
    if (!this.#closed) return;
    throw new TeleportError(name, "UNAVAILABLE", "the client is closed");
  }

  #convert(name: string, error: Error): TeleportError {
    const converted = toTeleportError(name, error);
    if (converted.code !== "UNAVAILABLE") return converted;
    const note = this.#options.onUnavailable?.(converted.detail);
    return toTeleportError(name, error, note);
  }
}
