/**
 * A relay between the plugin and the Auth Service, which can break connections or go silent.
 *
 * @module
 */

/** Passes bytes on, both ways. */
export class Relay implements AsyncDisposable {
  readonly #listener: Deno.TcpListener;
  readonly #target: Deno.ConnectOptions;
  readonly #open = new Set<Deno.TcpConn>();
  readonly #accepting: Promise<void>;
  /** Connections made before this moment pass nothing on any more. */
  #silentBefore = 0;
  /** Whether it takes no connection. */
  #isDown = false;

  /** @param address `host:port` of the Auth Service. */
  constructor(address: string) {
    const { hostname, port } = new URL(`tcp://${address}`);
    this.#target = { hostname, port: Number(port) };
    this.#listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
    this.#accepting = this.#accept();
  }

  /** `host:port` for the plugin. */
  get address(): string {
    return `127.0.0.1:${this.#listener.addr.port}`;
  }

  /** Breaks all connections. */
  cut(): void {
    for (const connection of this.#open) close(connection);
    this.#open.clear();
  }

  /** Breaks all connections, and takes none until {@linkcode Relay.comeBack}. */
  goDown(): void {
    this.#isDown = true;
    this.cut();
  }

  /** Takes connections again. */
  comeBack(): void {
    this.#isDown = false;
  }

  /** Passes nothing on any more over the connections there are, without breaking them. */
  fallSilent(): void {
    this.#silentBefore = performance.now();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#listener.close();
    this.cut();
    await this.#accepting;
  }

  async #accept(): Promise<void> {
    try {
      for await (const incoming of this.#listener) this.#relay(incoming);
    } catch {
      // It was closed.
    }
  }

  async #relay(incoming: Deno.TcpConn): Promise<void> {
    if (this.#isDown) return close(incoming);
    const sinceMs = performance.now();
    this.#open.add(incoming);
    let outgoing: Deno.TcpConn;
    try {
      outgoing = await Deno.connect(this.#target);
    } catch {
      this.#open.delete(incoming);
      return close(incoming);
    }
    this.#open.add(outgoing);
    await Promise.race([
      this.#pass(incoming, outgoing, sinceMs),
      this.#pass(outgoing, incoming, sinceMs),
    ]);
    for (const connection of [incoming, outgoing]) {
      this.#open.delete(connection);
      close(connection);
    }
  }

  async #pass(
    from: Deno.TcpConn,
    to: Deno.TcpConn,
    sinceMs: number,
  ): Promise<void> {
    const buffer = new Uint8Array(65_536);
    try {
      for (;;) {
        const count = await from.read(buffer);
        if (count === null) return;
        if (sinceMs < this.#silentBefore) continue;
        for (let sent = 0; sent < count;) {
          sent += await to.write(buffer.subarray(sent, count));
        }
      }
    } catch {
      // One of the two broke.
    }
  }
}

function close(connection: Deno.TcpConn): void {
  try {
    connection.close();
  } catch {
    // It is closed already.
  }
}
