/**
 * A stand-in for Discord's Gateway on a port of this machine.
 *
 * Source: Discord developer docs, "Gateway", read 2026-08.
 *
 * @module
 */

/** A message of either side. */
export interface Frame {
  readonly op: number;
  readonly d?: unknown;
  readonly s?: number | null;
  readonly t?: string | null;
}

/** What can differ from a Gateway of every day. */
export interface FakeGatewayOptions {
  /** Tokens that are accepted, by the ID of their bot. */
  readonly bots: () => ReadonlyMap<string, string>;
  readonly heartbeatMs?: number;
  /** Sessions that may still be started today. */
  readonly starts?: number;
}

interface Session {
  readonly id: string;
  readonly token: string;
  readonly sent: Frame[];
  sequence: number;
  connection: Connection | undefined;
}

interface Connection {
  readonly socket: WebSocket;
  session: Session | undefined;
}

/** Speaks to bots as the Gateway does, and breaks off as it is told. */
export class FakeGateway implements AsyncDisposable {
  /** Everything that bots sent, in the order of arrival. */
  readonly received: Frame[] = [];
  /** Close codes of the other side, in the order of arrival. */
  readonly closes: number[] = [];
  /** Paths and queries of the connections. */
  readonly paths: string[] = [];
  /** Whether heartbeats are answered. */
  acknowledges = true;
  /** Whether a Hello is sent. */
  greets = true;
  /** Close code that every session is refused with. */
  refusal: number | undefined;
  /** Whether sessions can be gone on with. */
  resumable = true;
  /** Address that new sessions are to be gone on with at, if it is another one. */
  resumeUrl: string | undefined;
  startsLeft: number;
  readonly #options: FakeGatewayOptions;
  readonly #server: Deno.HttpServer<Deno.NetAddr>;
  readonly #sessions: Session[] = [];
  readonly #connections = new Set<Connection>();
  readonly #watches = new Set<() => void>();
  #count = 0;

  constructor(options: FakeGatewayOptions) {
    this.#options = options;
    this.startsLeft = options.starts ?? 1000;
    this.#server = Deno.serve(
      { hostname: "127.0.0.1", port: 0, onListen() {} },
      (request) => this.#serve(request),
    );
  }

  get url(): string {
    return `ws://127.0.0.1:${this.#server.addr.port}`;
  }

  /** Body of `GET /gateway/bot`. */
  get info(): unknown {
    return {
      url: this.url,
      shards: 1,
      session_start_limit: {
        total: 1000,
        remaining: this.startsLeft,
        reset_after: 14_400_000,
        max_concurrency: 1,
      },
    };
  }

  /** Sessions with a connection. */
  get live(): number {
    return this.#sessions.filter(({ connection }) => connection !== undefined)
      .length;
  }

  /** Frames of one operation that bots sent. */
  frames(op: number): Frame[] {
    return this.received.filter((frame) => frame.op === op);
  }

  /** Tells every session of an event; those without a connection learn of it when they are resumed. */
  dispatch(name: string, data: unknown): void {
    for (const session of this.#sessions) this.#tell(session, name, data);
  }

  /** Sends a frame to everybody who is connected. */
  send(frame: Frame | string): void {
    for (const { socket } of this.#connections) send(socket, frame);
  }

  /** Ends every connection; the sessions stay. */
  drop(code = 4000): void {
    for (const connection of [...this.#connections]) {
      this.#leave(connection);
      connection.socket.close(code);
    }
  }

  /** Forgets every session. */
  forget(): void {
    this.#sessions.length = 0;
  }

  /** Waits until a condition holds; it is tested after everything that happens here. */
  waitFor(isMet: (gateway: this) => boolean): Promise<void> {
    if (isMet(this)) return Promise.resolve();
    return new Promise((resolve) => {
      const look = () => {
        if (!isMet(this)) return;
        this.#watches.delete(look);
        resolve();
      };
      this.#watches.add(look);
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.drop(1001);
    await this.#server.shutdown();
  }

  #serve(request: Request): Response {
    const { pathname, search } = new URL(request.url);
    this.paths.push(pathname + search);
    const { socket, response } = Deno.upgradeWebSocket(request);
    const connection: Connection = { socket, session: undefined };
    socket.onopen = () => {
      this.#connections.add(connection);
      const heartbeat_interval = this.#options.heartbeatMs ?? 41_250;
      if (this.greets) send(socket, { op: 10, d: { heartbeat_interval } });
      this.#look();
    };
    socket.onmessage = ({ data }) => {
      const frame = JSON.parse(data) as Frame;
      this.received.push(frame);
      this.#take(connection, frame);
      this.#look();
    };
    socket.onclose = ({ code }) => {
      this.closes.push(code);
      this.#leave(connection);
      this.#look();
    };
    socket.onerror = () => {};
    return response;
  }

  #take(connection: Connection, { op, d }: Frame): void {
    const { socket } = connection;
    if (op === 1 && this.acknowledges) send(socket, { op: 11 });
    if (op !== 2 && op !== 6) return;
    const { token, session_id, seq, intents } = d as Record<string, unknown>;
    const botId = this.#options.bots().get(`${token}`);
    if (this.refusal !== undefined || botId === undefined) {
      return socket.close(this.refusal ?? 4004);
    }
    if (op === 2) {
      if (typeof intents !== "number") return socket.close(4002);
      this.startsLeft--;
      return this.#begin(connection, `${token}`, botId);
    }
    const session = this.#sessions.find(({ id }) => id === session_id);
    if (session === undefined || !this.resumable) {
      return send(socket, { op: 9, d: false });
    }
    connection.session = session;
    session.connection = connection;
    for (const frame of session.sent) {
      if ((frame.s ?? 0) > Number(seq)) send(socket, frame);
    }
    this.#tell(session, "RESUMED", {});
  }

  #begin(connection: Connection, token: string, botId: string): void {
    const id = `session-${++this.#count}`;
    const session = { id, token, sent: [], sequence: 0, connection };
    connection.session = session;
    this.#sessions.push(session);
    this.#tell(session, "READY", {
      v: 10,
      user: { id: botId, username: "teleport", bot: true },
      guilds: [],
      session_id: id,
      resume_gateway_url: this.resumeUrl ?? `${this.url}/resume`,
      application: { id: botId, flags: 0 },
    });
  }

  #tell(session: Session, t: string, d: unknown): void {
    const frame = { op: 0, t, s: ++session.sequence, d };
    session.sent.push(frame);
    if (session.connection !== undefined) {
      send(session.connection.socket, frame);
    }
  }

  #leave(connection: Connection): void {
    this.#connections.delete(connection);
    if (connection.session?.connection === connection) {
      connection.session.connection = undefined;
    }
  }

  #look(): void {
    for (const look of this.#watches) look();
  }
}

function send(socket: WebSocket, frame: Frame | string): void {
  if (socket.readyState !== WebSocket.OPEN) return;
  socket.send(typeof frame === "string" ? frame : JSON.stringify(frame));
}
