/**
 * Says that requests hold fields which this build does not know.
 *
 * @module
 */

import { UNKNOWN_FIELD_HINT } from "../ports/admin_hints.ts";
import { FirstTimes } from "../lib/log/first_times.ts";
import type { Logger } from "../lib/log/logger.ts";
import type { AccessRequest } from "../ports/access_request.ts";

/** Logs each unknown field once. */
export class UnknownFieldLog {
  readonly #logger: Logger;
  readonly #logged = new FirstTimes();

  constructor(logger: Logger) {
    this.#logger = logger;
  }

  /** Takes in a request; only one that can still be approved matters. */
  see(request: AccessRequest): void {
    if (request.state !== "PENDING") return;
    const fields = request.unknownFields.filter((each) =>
      this.#logged.add(each)
    );
    if (fields.length === 0) return;
    this.#logger.warn(
      "request holds fields that this version does not know, offering no approval",
      { request_id: request.id, fields, hint: UNKNOWN_FIELD_HINT },
    );
  }
}
