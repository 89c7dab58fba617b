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
  #client: Deno.HttpClient | undefined;
  #users = 0;

  /** Lends the client until the result is disposed of. */
  borrow(): Disposable & { readonly client: Deno.HttpClient } {
    const client = this.#client ??= Deno.createHttpClient({
      poolMaxIdlePerHost: 0,
    });
    this.#users++;
    return { client, [Symbol.dispose]: () => this.#giveBack() };
  }

  #giveBack(): void {
    this.#users--;
    if (this.#users > 0) return;
    this.#client?.close();
    this.#client = undefined;
  }
}
