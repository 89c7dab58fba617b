/**
 * What a call to the Auth Service can fail with.
 *
 * @module
 */

/** Name of a gRPC status, as the gRPC specification spells it. */
export type StatusName =
  | "CANCELLED"
  | "UNKNOWN"
  | "INVALID_ARGUMENT"
  | "DEADLINE_EXCEEDED"
  | "NOT_FOUND"
  | "ALREADY_EXISTS"
  | "PERMISSION_DENIED"
  | "RESOURCE_EXHAUSTED"
  | "FAILED_PRECONDITION"
  | "ABORTED"
  | "OUT_OF_RANGE"
  | "UNIMPLEMENTED"
  | "INTERNAL"
  | "UNAVAILABLE"
  | "DATA_LOSS"
  | "UNAUTHENTICATED";

/** A call to the Auth Service failed. It holds no header and no body: those carry secrets. */
export class TeleportError extends Error {
  override readonly name = "TeleportError";
  /** Method without its service, such as `GetPluginData`. */
  readonly method: string;
  readonly code: StatusName;
  /** What the server or the connection says, without the method. */
  readonly detail: string;

  constructor(
    method: string,
    code: StatusName,
    detail: string,
    options?: ErrorOptions,
  ) {
    super(`Cannot call ${method}: ${detail}`, options);
    this.method = method;
    this.code = code;
    this.detail = detail;
  }
}

/** The connection of a watch gives way to a new one, which is up already: nothing is wrong. */
export class ConnectionReplacedError extends TeleportError {
  constructor(method: string) {
    super(
      method,
      "UNAVAILABLE",
      "the connection is replaced, continuing on the new one",
    );
  }
}

/** There was no connection for as long as a call waits for one; the next call waits anew. */
export class NotConnectedError extends TeleportError {
  constructor(method: string, detail: string) {
    super(method, "UNAVAILABLE", detail);
  }
}

/** Waits for an answer; `undefined` if the call was refused with one of these codes. */
export async function unless<T>(
  codes: readonly StatusName[],
  answer: Promise<T>,
): Promise<T | undefined> {
  try {
    return await answer;
  } catch (error) {
    if (error instanceof TeleportError && codes.includes(error.code)) {
      return undefined;
    }
    throw error;
  }
}
