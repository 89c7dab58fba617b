/**
 * A stand-in for Discord's HTTP API on a port of this machine.
 *
 * It is a `node:http` server, since `Deno.serve` cannot break a connection before it has answered.
 *
 * @module
 */

import {
  createServer,
  type IncomingMessage,
  type Server,
  type ServerResponse,
} from "node:http";
import {
  type ApiReply,
  type ApiRequest,
  type FakeBot,
  type FakeChannel,
  FakeDiscordApi,
  type FakeMessage,
} from "./discord_api.ts";
import type { Fault } from "./discord_faults.ts";
import { FakeGateway } from "./gateway.ts";
import type { Clicked, FakeInteraction } from "./discord_interactions.ts";
import { type FakeLimitOptions, FakeLimits } from "./discord_limits.ts";

export type { FakeBot, FakeChannel, FakeMessage } from "./discord_api.ts";
export * from "./discord_faults.ts";

/** One call that reached the stand-in. */
export interface FakeCall {
  /** Method and path, such as `POST /channels/7/messages`; without the query. */
  readonly name: string;
  /** Method and template, such as `POST /channels/:id/messages`. */
  readonly route: string;
  readonly query: Readonly<Record<string, string>>;
  readonly headers: Headers;
  /** The body as JSON; `undefined` if there is none. */
  readonly body: unknown;
  /** When it came, milliseconds since 1970. */
  readonly atMs: number;
  /** Status of the answer; `undefined` until it is known, 0 if the connection was broken instead. */
  status: number | undefined;
}

/** Selects calls: by name, by route, or by condition. */
export type CallMatch = string | ((call: FakeCall) => boolean);

export interface FakeDiscordOptions {
  /** IDs of channels that exist from the start. */
  readonly channels?: readonly string[];
  readonly token?: string;
  readonly limits?: FakeLimitOptions;
  /** How long each call takes; half of it passes before the call is carried out. */
  readonly delayMs?: number;
  /** How long a nonce is remembered. */
  readonly nonceWindowMs?: number;
  /** Wall clock for IDs, nonces and limits, milliseconds since 1970. */
  readonly now?: () => number;
  readonly port?: number;
  /** Whether there is a Gateway, which tells of clicks. */
  readonly gateway?: boolean;
  /** Whether a client may leave out the version in the path and the form of `User-Agent`. */
  readonly lenient?: boolean;
}

interface PlannedFault {
  readonly match: CallMatch;
  readonly fault: Fault;
  times: number;
}

interface Watch {
  readonly isMet: () => boolean;
  readonly resolve: () => void;
}

const BASE = "/api/v10";

/** Discord, as far as a bot that posts and edits messages can tell. */
export class FakeDiscord implements AsyncDisposable {
  readonly api: FakeDiscordApi;
  /** Every call, in the order of arrival. */
  readonly calls: FakeCall[] = [];
  /** The bot whose token is {@linkcode FakeDiscord.token}. */
  readonly bot: FakeBot;
  readonly token: string;
  /** Where clicks are told of, if there is one. */
  readonly gateway: FakeGateway | undefined;
  /** How long each call takes. */
  delayMs: number;
  readonly #server: Server;
  #port = 0;
  #limits: FakeLimits;
  readonly #now: () => number;
  readonly #lenient: boolean;
  readonly #faults: PlannedFault[] = [];
  readonly #watches = new Set<Watch>();
  readonly #timers = new Map<ReturnType<typeof setTimeout>, () => void>();

  /** Starts one; it listens when the promise is fulfilled. */
  static async start(options: FakeDiscordOptions = {}): Promise<FakeDiscord> {
    const discord = new FakeDiscord(options);
    await new Promise<void>((resolve) =>
      discord.#server.listen(options.port ?? 0, "127.0.0.1", resolve)
    );
    const address = discord.#server.address();
    if (typeof address === "object" && address) discord.#port = address.port;
    return discord;
  }

  private constructor(options: FakeDiscordOptions) {
    this.#now = options.now ??
      (() => performance.timeOrigin + performance.now());
    this.api = new FakeDiscordApi(
      this.#now,
      options.nonceWindowMs ?? 5 * 60_000,
    );
    this.#limits = new FakeLimits(options.limits ?? {});
    this.delayMs = options.delayMs ?? 0;
    this.#lenient = options.lenient ?? false;
    this.token = options.token ?? "stand-in.token.of-the-bot";
    this.bot = this.addBot(this.token, "teleport");
    for (const id of options.channels ?? []) this.api.addChannel(id);
    if (options.gateway) {
      const gateway = new FakeGateway({
        bots: () =>
          new Map([...this.api.bots].map(([token, { id }]) => [token, id])),
      });
      this.gateway = gateway;
      this.api.gateway = () => gateway.info;
    }
    this.#server = createServer((request, response) => {
      this.#serve(request, response).catch(() => request.socket.destroy());
    });
  }

  /** Base of the API, as it is written in a configuration. */
  get url(): string {
    return `http://127.0.0.1:${this.#port}/api/`;
  }

  addBot(token: string, username: string): FakeBot {
    const bot = { id: this.api.nextId(), username };
    this.api.addBot(token, bot);
    return bot;
  }

  /** Makes a channel, or changes what the bots may do there. */
  channel(id: string, settings: Partial<FakeChannel> = {}): FakeChannel {
    const known = this.api.channels.get(id);
    return known === undefined
      ? this.api.addChannel(id, settings)
      : Object.assign(known, settings);
  }

  /** Messages of a channel that are not deleted, oldest first. */
  messages(channelId: string): FakeMessage[] {
    return this.api.messages(channelId);
  }

  /** Lets a person click a button; every session of the Gateway is told. */
  click(clicked: Clicked): FakeInteraction {
    return this.#tell(this.api.interactions.click(clicked));
  }

  /** Lets a person click a button of an answer that nobody else sees. */
  clickAnswer(answered: FakeInteraction, label: string): FakeInteraction {
    return this.#tell(this.api.interactions.clickAnswer(answered, label));
  }

  /** Lets a person send a form that a click opened. */
  sendForm(opened: FakeInteraction, reason: string): FakeInteraction {
    return this.#tell(this.api.interactions.sendForm(opened, reason));
  }

  #tell(interaction: FakeInteraction): FakeInteraction {
    this.gateway?.dispatch("INTERACTION_CREATE", interaction.payload);
    return interaction;
  }

  /** Names of all calls so far, such as `POST /channels/7/messages`. */
  get callNames(): string[] {
    return this.calls.map(({ name }) => name);
  }

  /**
   * Makes calls fail.
   *
   * @param times How many; `Infinity` until the returned function is called.
   * @returns Ends it.
   */
  fail(match: CallMatch, fault: Fault, times = 1): () => void {
    const planned = { match, fault, times };
    this.#faults.push(planned);
    return () => planned.times = 0;
  }

  /** Enforces no limits any more. */
  liftLimits(): void {
    this.#limits = new FakeLimits({});
  }

  /** Waits until a condition holds; it is tested after each call and each answer. */
  waitFor(isMet: (discord: this) => boolean): Promise<void> {
    if (isMet(this)) return Promise.resolve();
    return new Promise((resolve) => {
      this.#watches.add({ isMet: () => isMet(this), resolve });
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const [timer, wake] of this.#timers) {
      clearTimeout(timer);
      wake();
    }
    const closed = new Promise<void>((resolve) =>
      this.#server.close(() => resolve())
    );
    this.#server.closeAllConnections();
    await closed;
    await this.gateway?.[Symbol.asyncDispose]();
  }

  async #serve(
    incoming: IncomingMessage,
    response: ServerResponse,
  ): Promise<void> {
    const { call, request } = await this.#record(incoming);
    const planned = this.#faults.find((candidate) =>
      candidate.times > 0 && matches(candidate.match, call)
    );
    if (planned !== undefined) planned.times--;
    const fault = planned?.fault;
    await this.#pause(this.delayMs / 2);
    if (fault?.kind === "answer") {
      return await this.#finish(call, fault.status, () => {
        response.writeHead(fault.status, fault.headers);
        response.end(fault.body);
      });
    }
    if (fault?.kind === "hang" && !fault.carriedOut) await fault.until;
    if (fault?.kind === "reset" && !fault.carriedOut) {
      return await this.#finish(call, 0, () => incoming.socket.destroy());
    }
    const { reply, headers } = this.#carryOut(call, request);
    this.#look();
    if (fault?.kind === "hang" && fault.carriedOut) await fault.until;
    if (fault?.kind === "reset") {
      return await this.#finish(call, 0, () => incoming.socket.destroy());
    }
    const text = reply.body === undefined ? "" : JSON.stringify(reply.body);
    await this.#finish(call, reply.status, () => {
      response.writeHead(reply.status, {
        ...(text !== "" && { "content-type": "application/json" }),
        ...headers,
      });
      if (fault?.kind === "garbled") {
        response.end(text.slice(0, text.length / 2));
      } else if (fault?.kind === "cutOff") {
        // The connection breaks once the first half is on its way.
        response.write(
          text.slice(0, text.length / 2),
          () => incoming.socket.destroy(),
        );
      } else {
        response.end(text);
      }
    });
  }

  async #record(
    incoming: IncomingMessage,
  ): Promise<{ call: FakeCall; request: ApiRequest | undefined }> {
    const url = new URL(incoming.url ?? "/", "http://discord");
    const method = incoming.method ?? "";
    const headers = new Headers(incoming.headers as Record<string, string>);
    let text = "";
    incoming.setEncoding("utf8");
    for await (const chunk of incoming) text += chunk;
    const base = [BASE, ...(this.#lenient ? ["/api"] : [])]
      .find((base) => url.pathname.startsWith(`${base}/`));
    const path = url.pathname.slice(base?.length ?? 0);
    const body = text === "" ? undefined : JSON.parse(text);
    const call: FakeCall = {
      name: `${method} ${path}`,
      route: `${method} ${
        path.replace(/\/\d+(?=\/|$)/g, "/:id")
          .replace(/(?<=^\/(?:interactions|webhooks)\/:id\/)[^/]+/, ":token")
      }`,
      query: Object.fromEntries(url.searchParams),
      headers,
      body,
      atMs: this.#now(),
      status: undefined,
    };
    this.calls.push(call);
    this.#look();
    const request = {
      method,
      path,
      query: url.searchParams,
      authorization: headers.get("authorization") ?? "",
      userAgent: this.#lenient
        ? "DiscordBot (any, 0)"
        : headers.get("user-agent") ?? "",
      body,
    };
    return { call, request: base === undefined ? undefined : request };
  }

  #carryOut(
    call: FakeCall,
    request: ApiRequest | undefined,
  ): { reply: ApiReply; headers: Readonly<Record<string, string>> } {
    if (request === undefined) {
      const body = { message: "Invalid API version", code: 50041 };
      return { reply: { status: 400, body }, headers: {} };
    }
    const major = /^\/channels\/(\d+)/.exec(request.path)?.[1] ?? "";
    const { headers, retryAfterSec, isGlobal } = this.#limits.take(
      call.route,
      major,
      this.#now(),
    );
    if (retryAfterSec === undefined) {
      return { reply: this.api.handle(request), headers };
    }
    const body = {
      message: "You are being rate limited.",
      retry_after: Number(retryAfterSec.toFixed(3)),
      global: isGlobal,
    };
    return { reply: { status: 429, body }, headers };
  }

  async #finish(
    call: FakeCall,
    status: number,
    answer: () => void,
  ): Promise<void> {
    await this.#pause(this.delayMs / 2);
    call.status = status;
    answer();
    this.#look();
  }

  async #pause(ms: number): Promise<void> {
    if (ms <= 0) return;
    const { promise, resolve } = Promise.withResolvers<void>();
    const timer = setTimeout(resolve, ms);
    this.#timers.set(timer, resolve);
    await promise;
    this.#timers.delete(timer);
  }

  #look(): void {
    for (const watch of this.#watches) {
      if (!watch.isMet()) continue;
      this.#watches.delete(watch);
      watch.resolve();
    }
  }
}

function matches(match: CallMatch, call: FakeCall): boolean {
  return typeof match === "function"
    ? match(call)
    : match === call.name || match === call.route;
}
