/**
 * What may stand between the plugin and Teleport: load balancers that end TLS, and HTTP proxies.
 *
 * @module
 */

import { Buffer } from "node:buffer";
import {
  connect as connectTcp,
  createServer as createTcpServer,
  type Server,
  type Socket,
} from "node:net";
import {
  connect as connectTls,
  createServer as createTlsServer,
} from "node:tls";
import type { Duplex } from "node:stream";
import type { KeyPair } from "./pki.ts";

/** What a load balancer makes of a request to switch protocols. */
export type UpgradeHabit =
  /** Passes on `Upgrade: websocket` and nothing else. */
  | "websocket"
  /** Passes on every `Upgrade` but that of WebSocket, which it answers with 400. */
  | "legacy"
  /** Knows no such path. */
  | "not found"
  /** Passes on the request without its hop-by-hop headers. */
  | "strips"
  /** And without those that it does not know. */
  | "strips all";

/** Where a load balancer leads to. */
export interface Backend {
  /** `host:port` of the web port of a Proxy. */
  readonly address: string;
  /** PEM. */
  readonly ca: string;
}

const STRIPPED: Partial<Record<UpgradeHabit, RegExp>> = {
  "strips": /^(upgrade|connection):/i,
  "strips all": /^(upgrade|connection|x-.*):/i,
};

/** A server on a loopback port. */
export interface RunningServer extends AsyncDisposable {
  readonly port: number;
}

/** A server on a loopback port that knows its open connections. */
class Listener implements AsyncDisposable {
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();

  constructor(server: Server) {
    this.#server = server;
    server.on("connection", (socket) => this.own(socket));
  }

  async start(): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#server.listen(0, "127.0.0.1", resolve);
    await promise;
  }

  get port(): number {
    const address = this.#server.address();
    return address !== null && typeof address === "object" ? address.port : 0;
  }

  /** Closes a socket with the server. */
  own(socket: Socket): void {
    this.#sockets.add(socket);
    socket.on("error", () => {});
    socket.once("close", () => this.#sockets.delete(socket));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#server.close(() => resolve());
    const closed = [...this.#sockets].map((socket) =>
      new Promise<void>((done) => socket.once("close", () => done()).destroy())
    );
    await Promise.all([promise, ...closed]);
  }
}

/** Starts a server on a loopback port; `serve` hands over what else is to be closed with it. */
export async function startTcpServer(
  serve: (client: Socket, own: (socket: Socket) => void) => void,
): Promise<RunningServer> {
  const server = createTcpServer((client) =>
    serve(client, (socket) => listener.own(socket))
  );
  const listener = new Listener(server);
  await listener.start();
  return listener;
}

/** The same over TLS. */
export async function startTlsServer(
  pair: KeyPair,
  serve: (client: Duplex, own: (socket: Socket) => void) => void,
  protocols: readonly string[] = ["http/1.1"],
): Promise<RunningServer> {
  const server = createTlsServer({
    key: pair.key,
    cert: pair.certificate,
    ALPNProtocols: [...protocols],
  });
  const listener = new Listener(server as unknown as Server);
  server.on("tlsClientError", () => {});
  server.on("secureConnection", (client) => {
    client.on("error", () => {});
    serve(client, (socket) => listener.own(socket));
  });
  await listener.start();
  return listener;
}

/** A layer-7 load balancer: ends TLS and passes on what it understands. */
export class Balancer implements AsyncDisposable {
  /** First line of each request. */
  readonly requests: string[] = [];
  #server: RunningServer | undefined;

  static async start(
    habit: UpgradeHabit,
    backend: Backend,
    pair: KeyPair,
  ): Promise<Balancer> {
    const balancer = new Balancer();
    balancer.#server = await startTlsServer(
      pair,
      (client, own) => balancer.#serve(client, habit, backend, own),
    );
    return balancer;
  }

  get port(): number {
    return this.#server?.port ?? 0;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#server?.[Symbol.asyncDispose]();
  }

  async #serve(
    client: Duplex,
    habit: UpgradeHabit,
    backend: Backend,
    own: (socket: Socket) => void,
  ): Promise<void> {
    const head = await readHead(client);
    const [first = "", ...lines] = head.trimEnd().split("\r\n");
    this.requests.push(first);
    const wants = /^upgrade: *(.*)$/im.exec(head)?.[1];
    const answer = (status: string) => {
      client.end(`HTTP/1.1 ${status}\r\nContent-Length: 0\r\n\r\n`);
    };
    if (habit === "not found") return answer("404 Not Found");
    if (
      !habit.startsWith("strips") &&
      (wants === "websocket") !== (habit === "websocket")
    ) {
      return answer("400 Bad Request");
    }
    const stripped = STRIPPED[habit];
    const kept = lines.filter((line) => !stripped?.test(line));
    const [host = "", port = ""] = backend.address.split(":");
    const server = connectTls({
      host,
      port: Number(port),
      servername: host,
      ca: backend.ca,
      ALPNProtocols: ["http/1.1"],
    });
    own(server);
    server.write(`${[first, ...kept].join("\r\n")}\r\n\r\n`);
    join(client, server);
  }
}

/** Passes on every connection, until it stops passing on bytes without telling anybody. */
export class Relay implements AsyncDisposable {
  #server: RunningServer | undefined;
  /** Connections that bytes pass on. */
  readonly #live = new Set<Socket>();

  /** @param target `host:port`. */
  static async start(target: string): Promise<Relay> {
    const relay = new Relay();
    const [host = "", port = ""] = target.split(":");
    relay.#server = await startTcpServer((client, own) => {
      const server = connectTcp({ host, port: Number(port) });
      own(server);
      relay.#live.add(client);
      relay.#pass(client, server, client);
      relay.#pass(server, client, client);
    });
    return relay;
  }

  /** `host:port` to connect to. */
  get address(): string {
    return `127.0.0.1:${this.#server?.port}`;
  }

  /** Leaves the connections of this moment half-open; new ones work. */
  freeze(): void {
    this.#live.clear();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#server?.[Symbol.asyncDispose]();
  }

  #pass(from: Socket, to: Socket, client: Socket): void {
    from.on("data", (bytes) => {
      if (this.#live.has(client)) to.write(bytes);
    });
    from.on("close", () => {
      if (this.#live.has(client)) to.destroy();
    });
  }
}

/** An HTTP proxy that wants a password. */
export class ConnectProxy implements AsyncDisposable {
  /** What was asked for, such as `CONNECT example.com:443`. */
  readonly requests: string[] = [];
  /** How many of them came with the password. */
  accepted = 0;
  #server: RunningServer | undefined;

  /**
   * @param password `user:password`.
   * @param resolve Returns where a target really is, both as `host:port`.
   */
  static async start(
    password: string,
    resolve: (target: string) => string,
  ): Promise<ConnectProxy> {
    const proxy = new ConnectProxy();
    const authorization = `Basic ${btoa(password)}`;
    proxy.#server = await startTcpServer(
      (client, own) => proxy.#serve(client, authorization, resolve, own),
    );
    return proxy;
  }

  get port(): number {
    return this.#server?.port ?? 0;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#server?.[Symbol.asyncDispose]();
  }

  async #serve(
    client: Socket,
    authorization: string,
    resolve: (target: string) => string,
    own: (socket: Socket) => void,
  ): Promise<void> {
    const head = await readHead(client);
    const [, target = ""] = /^CONNECT (\S+) /.exec(head) ?? [];
    this.requests.push(`CONNECT ${target}`);
    const sent = /^proxy-authorization: *(.*)$/im.exec(head)?.[1];
    if (sent !== authorization) {
      client.end("HTTP/1.1 407 Proxy Authentication Required\r\n\r\n");
      return;
    }
    this.accepted++;
    const [host = "", port = ""] = resolve(target).split(":");
    const server = connectTcp({ host, port: Number(port) });
    own(server);
    server.once("error", () => client.end("HTTP/1.1 502 Bad Gateway\r\n\r\n"));
    server.once("connect", () => {
      client.write("HTTP/1.1 200 Connection established\r\n\r\n");
      join(client, server);
    });
  }
}

/** Reads up to the blank line; what follows stays in the stream. */
export function readHead(stream: Duplex): Promise<string> {
  return new Promise((resolve) => {
    let bytes: Buffer = Buffer.alloc(0);
    const read = () => {
      for (let chunk; (chunk = stream.read()) !== null;) {
        bytes = Buffer.concat([bytes, chunk]);
        const end = bytes.indexOf("\r\n\r\n");
        if (end < 0) continue;
        stream.off("readable", read);
        const rest = bytes.subarray(end + 4);
        if (rest.length > 0) stream.unshift(rest);
        return resolve(bytes.toString("latin1", 0, end + 4));
      }
    };
    stream.on("readable", read);
  });
}

/** Passes on bytes in both directions. */
export function join(a: Duplex, b: Duplex): void {
  a.pipe(b);
  b.pipe(a);
  a.once("close", () => b.destroy());
  b.once("close", () => a.destroy());
}
