/**
 * Errors of grpc-js, read as a {@linkcode TeleportError}.
 *
 * @module
 */

import { type ServiceError, status } from "@grpc/grpc-js";
import { type StatusName, TeleportError } from "../../ports/teleport_error.ts";

/**
 * Turns what grpc-js reports into a {@linkcode TeleportError}.
 *
 * The grpc-js error itself is not kept as cause: it holds the metadata of the call.
 *
 * @param note What else is known, such as that the certificate has expired.
 */
export function toTeleportError(
  method: string,
  error: Error | ServiceError,
  note?: string,
): TeleportError {
  // A number without a name counts as `UNKNOWN`.
  let code = "code" in error
    ? status[error.code] as StatusName | undefined
    : undefined;
  const text = "details" in error ? error.details : error.message;
  // grpc-js dates the last failed connect; without the date equal failures have equal texts.
  let detail = text.replace(/ \(\d{4}-\d\d-\d\dT[\d:.]+Z\)/g, "")
    .replace(/\.? *Resolution note: *$/, "").trim();
  // Not a status that the server sent, although grpc-js makes it look like one.
  if (detail.startsWith("Received RST_STREAM") || isNotStarted(detail)) {
    code = "UNAVAILABLE";
  }
  const page = textTakenForSize(detail);
  if (page !== undefined) {
    code = "UNAVAILABLE";
    detail =
      `what answered is no gRPC service: it sent a text with "${page}" near its begin, as a proxy or load balancer does whose backend is gone`;
  }
  return new TeleportError(
    method,
    code ?? "UNKNOWN",
    note === undefined ? detail : `${detail}; ${note}`,
  );
}

/**
 * Returns characters of a text that was read as the size of a message, if that is what it was: a page of
 * something between, such as "404 page not found", whatever its HTTP status.
 *
 * Source: grpc/grpc-node#2809.
 */
function textTakenForSize(detail: string): string | undefined {
  const [, size] =
    /^Received message larger than max \((\d+) vs/.exec(detail) ??
      [];
  if (size === undefined) return undefined;
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setUint32(0, Number(size));
  const isText = bytes.every((byte) => byte >= 0x20 && byte < 0x7f);
  return isText ? new TextDecoder().decode(bytes).trim() : undefined;
}

/** Tells from the detail of an error whether the connection turned out to take no more calls. */
export function isNotStarted(detail: string): boolean {
  return detail.startsWith("Failed to start HTTP/2 stream");
}
