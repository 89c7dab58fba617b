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

/** Makes calls, and ends those that are left when it is closed. */
export class Caller {
  readonly #running = new Set<{ cancel(): void }>();
  readonly #onUnavailable: (detail: string) => string | undefined;
  #idle = Promise.withResolvers<void>();
  #closed = false;

  /**
   * @param onUnavailable Told of each call that found no connection, or lost it; returns what may
   * explain that.
   */
  constructor(onUnavailable: (detail: string) => string | undefined) {
    this.#onUnavailable = onUnavailable;
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
    return new Promise((resolve, reject) => {
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
  }

  /**
   * Reads a server stream to its end.
   *
   * The outcome is the status that the server sent, or the error: `end` comes after an error too
   * (docs/design/teleport-behaviour.md 4).
   *
   * @param onMessage Called for each message; if it throws, the call ends with that error.
   * @throws {TeleportError} If the stream ended with any status but OK.
   * @throws The signal's reason if it is or becomes aborted.
   */
  stream<Message>(
    name: string,
    open: () => ClientReadableStream<Message>,
    onMessage: (message: Message) => void,
    signal: AbortSignal,
  ): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#check(name, signal);
      const call = open();
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
