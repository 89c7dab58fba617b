/**
 * Sends calls over HTTP, each within the time that it may take.
 *
 * @module
 */

import { onAbort, OVER } from "../../lib/async/cancellation.ts";
import type { Clock } from "../../lib/async/clock.ts";
import { VERSION } from "../../lib/build.ts";
import { findRuntimeProxy, type ReadEnv } from "../../lib/net/http_proxy.ts";
import type { Secret } from "../../lib/secret.ts";
import { DiscordApiError } from "../../ports/discord_error.ts";
import type { ApiRoute, Method } from "../rate_limit/api_route.ts";
import { type Answer, readAnswer } from "./answer.ts";
import { failedFetch, timedOut } from "./call_failure.ts";

/** Version of the API that this client speaks. A path without one means v6. */
const API_VERSION = "v10";

const PROJECT_URL = "https://github.com/teleport-discord/teleport-discord";

const USER_AGENT = `DiscordBot (${PROJECT_URL}, ${VERSION})`;

/** What an {@linkcode HttpCaller} needs. */
export interface HttpCallerOptions {
  /** Base of the API; the version is appended unless it ends in one. */
  readonly apiUrl: string;
  readonly clock: Clock;
  /** Reads the environment, which may name a proxy; none is used if it is not given. */
  readonly env?: ReadEnv;
  /** How long one call may take, from sending to the end of the answer. */
  readonly callTimeoutMs?: number;
  /**
   * How long a connection to Discord stays open without a call. If 0, or not given, each is used once, and
   * nothing has to be disposed of.
   */
  readonly keepAliveMs?: number;
  readonly fetch?: typeof fetch;
  /** Called with each call that Discord answered, or failed to answer: then its status is `none`. */
  readonly onCall?: (route: string, status: string, ms: number) => void;
}

/** Sends one call at a time and returns whatever is answered. */
export class HttpCaller implements Disposable {
  readonly #options: HttpCallerOptions;
  /** The client whose connections stay open, once there was a call. */
  #kept: Deno.HttpClient | undefined;
  readonly #base: string;

  constructor(options: HttpCallerOptions) {
    this.#options = options;
    this.#base = withVersion(options.apiUrl);
  }

  /** Closes the connections that are kept open; what is under way continues. */
  [Symbol.dispose](): void {
    this.#kept?.close();
    this.#kept = undefined;
  }

  /**
   * Sends a call and reads its answer.
   *
   * @param token The bot's token; not given for the few calls that need none.
   * @throws {DiscordApiError} If no answer came, or not in time.
   * @throws The signal's reason if it is or becomes aborted.
   */
  async send(
    route: ApiRoute,
    body: unknown,
    token: Secret | undefined,
    signal: AbortSignal,
  ): Promise<Answer> {
    const { clock, callTimeoutMs = 15_000, onCall } = this.#options;
    const startedMs = clock.monotonic();
    const report = (status: string) =>
      onCall?.(route.name, status, clock.monotonic() - startedMs);
    const ended = new AbortController();
    const end = () => ended.abort(signal.reason);
    using _ = onAbort(signal, end);
    clock.sleep(callTimeoutMs, ended.signal).then(
      () => ended.abort(timedOut(route, callTimeoutMs)),
      () => {/* The answer came in time. */},
    );
    try {
      const answer = await this.#exchange(route, body, token, ended.signal);
      ended.signal.throwIfAborted();
      report(String(answer.status));
      return answer;
    } catch (thrown) {
      const { aborted, reason } = ended.signal;
      const error = aborted ? reason : failedFetch(route, thrown);
      // What was ended from here tells nothing of Discord.
      if (error instanceof DiscordApiError) report("none");
      throw error;
    } finally {
      ended.abort(OVER);
    }
  }

  async #exchange(
    route: ApiRoute,
    body: unknown,
    token: Secret | undefined,
    signal: AbortSignal,
  ): Promise<Answer> {
    const hasBody = body !== undefined || route.method === "POST";
    const headers = {
      accept: "application/json",
      "user-agent": USER_AGENT,
      ...(token && { authorization: `Bot ${token.reveal()}` }),
      ...(hasBody && { "content-type": "application/json" }),
    };
    const fetch = this.#options.fetch ?? globalThis.fetch;
    const { keepAliveMs = 0 } = this.#options;
    using own = new DisposableStack();
    const client = keepAliveMs > 0
      ? this.#kept ??= this.#createClient({ poolIdleTimeout: keepAliveMs })
      : own.use(this.#createClient({ poolMaxIdlePerHost: 0 }));
    const response = await fetch(this.#base + route.path, {
      client,
      method: route.method,
      headers,
      body: encodeBody(route.method, body),
      // A redirect would carry the token to wherever it points.
      redirect: "manual",
      signal,
    });
    return await readAnswer(response);
  }

  #createClient(options: Deno.CreateHttpClientOptions): Deno.HttpClient {
    const { env = () => undefined } = this.#options;
    const proxy = findRuntimeProxy(new URL(this.#base), env);
    return Deno.createHttpClient({ ...options, ...(proxy && { proxy }) });
  }
}

/**
 * Encodes the body of a call so that Deno does not repeat it.
 *
 * If a connection that was used before breaks, Deno repeats the call by itself (denoland/deno#32566). If
 * Discord refused a repeated post, nobody would learn that the first may have been carried out; and a
 * repeated edit may be long out of date, if the process was held still. A `Blob` is read once and cannot be
 * sent again, so that the call fails instead; unlike other streams it has a `Content-Length`.
 */
function encodeBody(method: Method, body: unknown): BodyInit | null {
  if (method === "POST") return new Blob([JSON.stringify(body ?? {})]);
  return body === undefined ? null : new Blob([JSON.stringify(body)]);
}

/** Returns the base of all paths: no slash at its end, and always a version. */
function withVersion(apiUrl: string): string {
  const base = apiUrl.replace(/\/+$/, "");
  return /\/v\d+$/.test(base) ? base : `${base}/${API_VERSION}`;
}
