/**
 * Calls that end with a deadline, with a signal, or with a {@linkcode TeleportError}.
 *
 * @module
 */

import {
  type CallOptions,
  type Client,
  type ClientReadableStream,
  type ClientUnaryCall,
  Metadata,
  type ServiceError,
  status,
} from "@grpc/grpc-js";
import type { Buffer } from "node:buffer";
import type { StallDetector } from "../../lib/async/stall_detector.ts";
import { TeleportError } from "../../ports/teleport_error.ts";
import { toTeleportError } from "./grpc_error.ts";

/** A unary method of a generated client. */
export type UnaryMethod<Request, Response> = (
  request: Request,
  metadata: Metadata,
  options: Partial<CallOptions>,
  callback: (error: ServiceError | null, response: Response) => void,
) => ClientUnaryCall;

/** A unary method of any generated service. */
export interface MethodDefinition<Request, Response> {
  readonly path: string;
  readonly requestSerialize: (request: Request) => Buffer;
  readonly responseDeserialize: (bytes: Buffer) => Response;
}

/** Returns a method of any service, on the connection of a client that may belong to another one. */
export function methodOn<Request, Response>(
  client: Client,
  definition: MethodDefinition<Request, Response>,
): UnaryMethod<Request, Response> {
  const { path, requestSerialize, responseDeserialize } = definition;
  return (request, metadata, options, callback) =>
    client.makeUnaryRequest(
      path,
      requestSerialize,
      responseDeserialize,
      request,
      metadata,
      options,
      // Without an error there is an answer.
      (error, answer) => callback(error, answer as Response),
    );
}

/** More than a call takes that ends with its deadline: one that outlives it shows that the program is stuck. */
const STALLED_MS = 180_000;

/** Makes calls, and ends those that are left when it is closed. */
export class Caller {
  readonly #running = new Set<{ cancel(): void }>();
  readonly #onUnavailable: (detail: string) => string | undefined;
  readonly #stalls: StallDetector | undefined;
  #idle = Promise.withResolvers<void>();
  #closed = false;

  /**
   * @param onUnavailable Told of each call that found no connection, or lost it; returns what may
   * explain that.
   * @param stalls Watches whether calls with a deadline end.
   */
  constructor(
    onUnavailable: (detail: string) => string | undefined,
    stalls?: StallDetector,
  ) {
    this.#onUnavailable = onUnavailable;
    this.#stalls = stalls;
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
   * @param name Method name for errors, such as `GetRole`.
   * @throws {TeleportError} If the call failed or its deadline passed.
   * @throws The signal's reason if it is or becomes aborted.
   */
  unary<Request, Response>(
    name: string,
    method: UnaryMethod<Request, Response>,
    request: Request,
    timeoutMs: number,
    signal: AbortSignal,
  ): Promise<Response> {
    const answer = new Promise<Response>((resolve, reject) => {
      this.#check(name, signal);
      const abort = () => {
        reject(signal.reason);
        call.cancel();
      };
      const options = { deadline: Date.now() + timeoutMs };
      const call = method(request, new Metadata(), options, (error, answer) => {
        signal.removeEventListener("abort", abort);
        this.#end(call);
        if (error === null) resolve(answer);
        else reject(this.#convert(name, error));
      });
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
   * @param open Opens the stream, with the options that it is given.
   * @param onMessage Called for each message; if it throws, the call ends with that error.
   * @param timeoutMs How long all of it may take; `Infinity` for a watch.
   * @throws {TeleportError} If the stream ended with any status but OK.
   * @throws The signal's reason if it is or becomes aborted.
   */
  stream<Message>(
    name: string,
    open: (options: Partial<CallOptions>) => ClientReadableStream<Message>,
    onMessage: (message: Message) => void,
    timeoutMs: number,
    signal: AbortSignal,
  ): Promise<void> {
    const ended = new Promise<void>((resolve, reject) => {
      this.#check(name, signal);
      const call = open({ deadline: Date.now() + timeoutMs });
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
    return timeoutMs === Infinity ? ended : this.#watched(name, ended);
  }

  /** Returns the outcome of a call with a deadline; one that does not end is noticed. */
  #watched<T>(name: string, outcome: Promise<T>): Promise<T> {
    return this.#stalls?.watch(name, STALLED_MS, outcome) ?? outcome;
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
    const note = this.#onUnavailable(converted.detail);
    return toTeleportError(name, error, note);
  }
}
