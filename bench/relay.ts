/**
 * A TCP port that passes on what comes, and says when.
 *
 * @module
 */

/** Where a piece is going. */
export type Direction = "to server" | "to client";

/** Called with each piece that is passed on, just before. */
export type OnPiece = (direction: Direction) => void;

/**
 * Puts a relay before the server that a key of a configuration names, such as `addr`, and lets the configuration
 * lead to it.
 */
export async function relayTo(
  configPath: string,
  key: string,
  onPiece: OnPiece,
): Promise<Relay> {
  const config = await Deno.readTextFile(configPath);
  const port = new RegExp(`^${key} = ".*:(\\d+)`, "m").exec(config)?.[1];
  const relay = new Relay(Number(port), onPiece);
  await Deno.writeTextFile(
    configPath,
    config.replace(`:${port}`, `:${relay.port}`),
  );
  return relay;
}

/** Passes connections on to another port of this machine. */
export class Relay implements Disposable {
  readonly #listener: Deno.TcpListener;
  readonly #open = new Set<Deno.TcpConn>();

  /** Listens at once, on a port of its own. */
  constructor(target: number, onPiece: OnPiece) {
    this.#listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
    this.#accept(target, onPiece);
  }

  get port(): number {
    return this.#listener.addr.port;
  }

  [Symbol.dispose](): void {
    this.#listener.close();
    for (const connection of this.#open) close(connection);
  }

  async #accept(target: number, onPiece: OnPiece): Promise<void> {
    for await (const client of this.#listener) {
      const server = await Deno.connect({
        hostname: "127.0.0.1",
        port: target,
      });
      for (const connection of [client, server]) {
        connection.setNoDelay(true);
        this.#open.add(connection);
      }
      const passOn = async (
        from: Deno.TcpConn,
        to: Deno.TcpConn,
        direction: Direction,
      ) => {
        const buffer = new Uint8Array(65_536);
        try {
          for (;;) {
            const length = await from.read(buffer);
            if (length === null) break;
            onPiece(direction);
            let piece = buffer.subarray(0, length);
            while (piece.length > 0) {
              piece = piece.subarray(await to.write(piece));
            }
          }
        } catch {
          // One of the two is gone, and with it the connection.
        }
        for (const connection of [from, to]) {
          this.#open.delete(connection);
          close(connection);
        }
      };
      passOn(client, server, "to server");
      passOn(server, client, "to client");
    }
  }
}

function close(connection: Deno.TcpConn): void {
  try {
    connection.close();
  } catch {
    // It is closed.
  }
}
