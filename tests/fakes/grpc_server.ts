/**
 * A gRPC server on HTTP/2, with each fault that a client may meet in its hands.
 *
 * grpc-js has a server too, but none that forgets trailers, resets streams or falls silent.
 *
 * @module
 */

import { Buffer } from "node:buffer";
import {
  constants,
  createSecureServer,
  type Http2SecureServer,
  type IncomingHttpHeaders,
  type ServerHttp2Session,
  type ServerHttp2Stream,
} from "node:http2";
import type { Socket } from "node:net";
import type { TLSSocket } from "node:tls";

/** How the server identifies itself, and whom it lets in. */
export interface ServerTls {
  readonly key: string;
  readonly certificate: string;
  /** PEM of the authorities that sign clients; a client without such a certificate is refused. */
  readonly clientCa: string;
}

/** One call, unary or server-streaming, from the moment its request is complete. */
export class GrpcCall {
  /** Full path, such as `/proto.AuthService/Ping`. */
  readonly path: string;
  /** Common name of the client's certificate. */
  readonly user: string;
  /** What the client says of its own version, which a Teleport may refuse. */
  readonly clientVersion: string | undefined;
  readonly request: Uint8Array;
  readonly #stream: ServerHttp2Stream;
  #status = { code: 0, message: "" };

  constructor(
    stream: ServerHttp2Stream,
    headers: IncomingHttpHeaders,
    user: string,
    request: Uint8Array,
  ) {
    this.#stream = stream;
    this.path = String(headers[":path"]);
    this.clientVersion = headers["version"]?.toString();
    this.user = user;
    this.request = request;
  }

  /** Sends one message; the headers go before the first one. */
  send(message: Uint8Array): void {
    if (this.#stream.destroyed) return;
    this.#sendHeaders();
    this.#stream.write(frame(message));
  }

  /** Ends the call with a status. */
  finish(code = 0, message = ""): void {
    if (this.#stream.destroyed) return;
    this.#status = { code, message };
    this.#sendHeaders();
    this.#stream.end();
  }

  /** Sends the only message and ends the call. */
  respond(message: Uint8Array): void {
    if (this.#stream.destroyed) return;
    this.#sendHeaders();
    this.#stream.end(frame(message));
  }

  /** Answers as something between that speaks no gRPC. */
  answerPage(status: number, type: string, text: string): void {
    if (this.#stream.destroyed) return;
    this.#stream.respond({ ":status": status, "content-type": type });
    this.#stream.end(text);
  }

  /** Ends the call without a status, as no server should. */
  endWithoutTrailers(): void {
    if (this.#stream.destroyed) return;
    if (!this.#stream.headersSent) this.#stream.respond(HEADERS);
    this.#stream.removeAllListeners("wantTrailers");
    this.#stream.on("wantTrailers", () => this.#stream.close());
    this.#stream.end();
  }

  /** Resets the HTTP/2 stream. */
  reset(code: number = constants.NGHTTP2_INTERNAL_ERROR): void {
    this.#stream.close(code);
  }

  /** Sends the headers ahead of any message. */
  #sendHeaders(): void {
    const stream = this.#stream;
    if (stream.headersSent) return;
    stream.respond(HEADERS, { waitForTrailers: true });
    stream.once("wantTrailers", () => {
      const { code, message } = this.#status;
      stream.sendTrailers({
        "grpc-status": String(code),
        ...message === ""
          ? {}
          : { "grpc-message": encodeURIComponent(message) },
      });
    });
  }

  /** Calls back once the stream is gone, whoever ended it. */
  onClose(callback: () => void): void {
    this.#stream.once("close", callback);
  }
}

/** Serves calls over mutual TLS on a loopback port. */
export class GrpcServer {
  readonly #tls: ServerTls;
  readonly #handle: (call: GrpcCall) => void;
  readonly #onConnection: () => void;
  readonly #sessions = new Set<ServerHttp2Session>();
  readonly #sockets = new Set<Socket>();
  #server: Http2SecureServer | undefined;
  #port = 0;

  /**
   * @param handle Called for each call.
   * @param onConnection Called when a client has connected or is gone.
   */
  constructor(
    tls: ServerTls,
    handle: (call: GrpcCall) => void,
    onConnection: () => void,
  ) {
    this.#tls = tls;
    this.#handle = handle;
    this.#onConnection = onConnection;
  }

  /** The port that the system picked at the first start; later starts use it again. */
  get port(): number {
    return this.#port;
  }

  /** How many clients are connected. */
  get connections(): number {
    return this.#sessions.size;
  }

  /** Opens the port. */
  async start(): Promise<void> {
    const server = createSecureServer({
      key: this.#tls.key,
      cert: this.#tls.certificate,
      ca: this.#tls.clientCa,
      requestCert: true,
      rejectUnauthorized: true,
      ALPNProtocols: ["h2"],
      settings: { maxConcurrentStreams: 1000 },
    });
    server.on("connection", (socket: Socket) => {
      this.#sockets.add(socket);
      socket.once("close", () => this.#sockets.delete(socket));
    });
    server.on("session", (session) => {
      this.#sessions.add(session);
      this.#onConnection();
      session.once("close", () => {
        this.#sessions.delete(session);
        this.#onConnection();
      });
      session.on("error", ignore);
    });
    server.on("stream", (stream: ServerHttp2Stream, headers) => {
      this.#read(stream, headers);
    });
    // A client that is refused is the client's matter.
    server.on("tlsClientError", ignore);
    server.on("sessionError", ignore);
    this.#server = server;
    await new Promise<void>((resolve, reject) => {
      server.once("error", reject);
      server.listen(this.#port, "127.0.0.1", resolve);
    });
    const address = server.address();
    if (address !== null && typeof address === "object") {
      this.#port = address.port;
    }
  }

  /** Closes the port and drops all connections; `start` opens the same port again. */
  async stop(): Promise<void> {
    const server = this.#server;
    if (server === undefined) return;
    this.#server = undefined;
    // In this order: Deno 2.9 can crash when it closes a server whose sessions have just been in use.
    await this.dropConnections();
    await new Promise<void>((resolve) => server.close(() => resolve()));
  }

  /** Drops all connections, as a killed server does. */
  async dropConnections(): Promise<void> {
    await Promise.all(
      [...this.#sockets].map((socket) =>
        new Promise<void>((resolve) => {
          socket.once("close", () => resolve());
          socket.destroy();
        })
      ),
    );
  }

  /** Sends GOAWAY on all connections. */
  goAway(code: number = constants.NGHTTP2_NO_ERROR, reason = ""): void {
    for (const session of this.#sessions) {
      if (session.destroyed) continue;
      session.goaway(code, 0, Buffer.from(reason));
    }
  }

  #read(stream: ServerHttp2Stream, headers: IncomingHttpHeaders): void {
    const socket = stream.session?.socket as TLSSocket | undefined;
    const user = String(socket?.getPeerCertificate().subject.CN ?? "");
    const chunks: Uint8Array[] = [];
    stream.on("error", ignore);
    stream.on("data", (chunk: Uint8Array) => chunks.push(chunk));
    stream.on("end", () => {
      const body = Buffer.concat(chunks);
      const request = body.subarray(FRAME_HEADER_BYTES);
      this.#handle(new GrpcCall(stream, headers, user, request));
    });
  }
}

const HEADERS = { ":status": 200, "content-type": "application/grpc" };

/** A frame begins with a compression flag and the length of the message. */
const FRAME_HEADER_BYTES = 5;

function frame(message: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(FRAME_HEADER_BYTES + message.length);
  new DataView(bytes.buffer).setUint32(1, message.length);
  bytes.set(message, FRAME_HEADER_BYTES);
  return bytes;
}

function ignore(): void {}
