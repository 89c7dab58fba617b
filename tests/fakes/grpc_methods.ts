/**
 * Methods of the stand-in: from the bytes of a call to a message, and back.
 *
 * @module
 */

import { Buffer } from "node:buffer";
import type { GrpcCall } from "./grpc_server.ts";

/** Answers one call. */
export type Handler = (call: GrpcCall) => void;

/** A method of a generated service. */
export interface Definition<Request, Response> {
  readonly path: string;
  readonly requestDeserialize: (bytes: Buffer) => Request;
  readonly responseSerialize: (response: Response) => Uint8Array;
}

/** Returns path and handler of a method whose answer is one message. */
export function unary<Request, Response>(
  definition: Definition<Request, Response>,
  handle: (request: Request, user: string) => Response,
): [path: string, handler: Handler] {
  const { path, requestDeserialize, responseSerialize } = definition;
  return [path, (call) => {
    const request = requestDeserialize(Buffer.from(call.request));
    call.respond(responseSerialize(handle(request, call.user)));
  }];
}

/** Returns path and handler of a method whose answer is a stream of messages that ends at once. */
export function stream<Request, Response>(
  definition: Definition<Request, Response>,
  handle: (request: Request) => Iterable<Response>,
): [path: string, handler: Handler] {
  const { path, requestDeserialize, responseSerialize } = definition;
  return [path, (call) => {
    const request = requestDeserialize(Buffer.from(call.request));
    for (const item of handle(request)) call.send(responseSerialize(item));
    call.finish();
  }];
}
