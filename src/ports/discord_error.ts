/**
 * What a call to Discord can fail with.
 *
 * @module
 */

/**
 * A call to Discord failed. It holds no URL, no header and no body: those carry secrets.
 *
 * `status` is 0 when there was no answer (refused, reset, timed out, cut off).
 */
export class DiscordApiError extends Error {
  override readonly name = "DiscordApiError";
  /** Method and path template, such as `POST /channels/:id/messages`. */
  readonly route: string;
  readonly status: number;
  /** Discord's JSON error code, such as 10008; `undefined` if the answer was not Discord's JSON. */
  readonly code: number | undefined;
  /** How long Discord asked to wait, or how long calls are kept back if it refused without saying, in milliseconds. */
  readonly retryAfterMs: number | undefined;
  /** Paths of the fields of a refused form, such as `embeds[0].title`; never what stood there. */
  readonly faults: readonly string[];

  constructor(
    route: string,
    detail: string,
    fields: {
      status: number;
      code?: number | undefined;
      retryAfterMs?: number | undefined;
      faults?: readonly string[];
    },
  ) {
    super(`Cannot call ${route}: ${detail}`);
    this.route = route;
    this.status = fields.status;
    this.code = fields.code;
    this.retryAfterMs = fields.retryAfterMs;
    this.faults = fields.faults ?? [];
  }

  /**
   * Whether Discord said for certain that it did nothing: a 4xx with its own JSON body.
   * 408 is not certain; without an answer, or with a page of some proxy, nothing is known.
   */
  get refused(): boolean {
    return this.status >= 400 && this.status < 500 && this.status !== 408 &&
      this.code !== undefined;
  }
}

/** What a log line tells of an answer of Discord. */
export function fieldsOf(error: DiscordApiError): Record<string, unknown> {
  return {
    route: error.route,
    status: error.status,
    code: error.code,
    err: error,
  };
}
