/**
 * Connections to Discord.
 *
 * @module
 */

/** Lends an HTTP client whose connections stay open for a while, or one for each call. */
export class HttpPool implements Disposable {
  readonly #proxy: () => Deno.Proxy | undefined;
  readonly #idleMs: number;
  #kept: Deno.HttpClient | undefined;

  /**
   * @param proxy Asked before each new client.
   * @param idleMs How long a connection without a call stays open; if 0, each is used once, and nothing
   * has to be disposed of.
   */
  constructor(proxy: () => Deno.Proxy | undefined, idleMs = 0) {
    this.#proxy = proxy;
    this.#idleMs = idleMs;
  }

  /** Lends the client for a call until the result is disposed of. */
  borrow(): Disposable & { readonly client: Deno.HttpClient } {
    if (this.#idleMs === 0) {
      const client = this.#create({ poolMaxIdlePerHost: 0 });
      return { client, [Symbol.dispose]: () => client.close() };
    }
    const options = { poolIdleTimeout: this.#idleMs };
    const client = this.#kept ??= this.#create(options);
    return { client, [Symbol.dispose]: () => {} };
  }

  /** Closes what stayed open; what is under way continues. */
  [Symbol.dispose](): void {
    this.#kept?.close();
    this.#kept = undefined;
  }

  #create(options: Deno.CreateHttpClientOptions): Deno.HttpClient {
    const proxy = this.#proxy();
    return Deno.createHttpClient({ ...options, ...(proxy && { proxy }) });
  }
}
