/**
 * Connections to Discord.
 *
 * @module
 */

/**
 * Lends an HTTP client that uses each connection once, and closes it when nobody needs it.
 *
 * Deno repeats a call by itself if a connection that was used before breaks (denoland/deno#32566). If
 * Discord refuses the repetition, nobody learns that the first may have been carried out.
 */
export class HttpPool {
  readonly #proxy: () => Deno.Proxy | undefined;
  #client: Deno.HttpClient | undefined;
  #users = 0;

  /** @param proxy Asked before each new client. */
  constructor(proxy: () => Deno.Proxy | undefined) {
    this.#proxy = proxy;
  }

  /** Lends the client until the result is disposed of. */
  borrow(): Disposable & { readonly client: Deno.HttpClient } {
    const client = this.#client ??= this.#create();
    this.#users++;
    return { client, [Symbol.dispose]: () => this.#giveBack() };
  }

  #create(): Deno.HttpClient {
    const proxy = this.#proxy();
    return Deno.createHttpClient({
      poolMaxIdlePerHost: 0,
      ...(proxy === undefined ? {} : { proxy }),
    });
  }

  #giveBack(): void {
    this.#users--;
    if (this.#users > 0) return;
    this.#client?.close();
    this.#client = undefined;
  }
}
