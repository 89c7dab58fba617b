/**
 * Finds the route to the Auth Service: all routes side by side, the first that works wins.
 *
 * @module
 */

import { connect as connectTcp } from "node:net";
import type { Duplex } from "node:stream";
import type { Clock } from "../../lib/async/clock.ts";
import { type Attempt, race } from "../../lib/async/race.ts";
import {
  findHttpProxy,
  type HttpProxy,
  type ReadEnv,
} from "../../lib/net/http_proxy.ts";
import { openHttpTunnel } from "../../lib/net/http_tunnel.ts";
import type { StallDetector } from "../../lib/async/stall_detector.ts";
import { AuthChannel, type Keepalive } from "../client/auth_channel.ts";
import { TeleportClient } from "../client/teleport_client.ts";
import {
  type Credentials,
  describeInvalidity,
} from "../credentials/identity.ts";
import {
  type AuthRoute,
  formatHostPort,
  type HostPort,
  parseHostPort,
} from "../routes/auth_route.ts";
import { directRoute } from "../routes/direct_route.ts";
import { throughProxy } from "../routes/through_proxy.ts";
import { tlsRoutingRoute } from "../routes/tls_routing.ts";
import type { WebTrust } from "../routes/upgrade.ts";
import { upgradeLegacyRoute } from "../routes/upgrade_legacy.ts";
import { upgradeWebSocketRoute } from "../routes/upgrade_websocket.ts";
import { type ConnectError, createConnectError } from "./connect_error.ts";
import { identifyPort } from "./identify_port.ts";
import { explainAttempt, RouteFault } from "./route_fault.ts";
import { readUpgradeSetting, UPGRADE_VARIABLE } from "./upgrade_setting.ts";
import { readWebValidity } from "./web_validity.ts";

/** Ports of Proxy and Auth Service, tried where the configuration names none. */
const USUAL_PORTS = [443, 3080, 3025];

/** As the official client waits before it tries the next port. */
const STAGGER_MS = 250;

/** What a {@linkcode Dialer} needs. */
export interface DialerOptions {
  readonly host: string;
  /** The only port to try; the usual ones if not given. */
  readonly port: number | undefined;
  /** Whether nobody has set the address. */
  readonly isDefault?: boolean;
  readonly trust: WebTrust;
  readonly env: ReadEnv;
  readonly clock: Clock;
  /** How long one attempt may take, in milliseconds. */
  readonly attemptMs?: number;
  readonly keepalive?: Keepalive;
  readonly stalls?: StallDetector;
}

/** A route that works, with the connection that showed it. */
export interface Dialed {
  readonly channel: AuthChannel;
  readonly via: DialedRoute;
}

/** The outcome of trying every route. */
export interface Exploration {
  /** The routes that work. */
  readonly open: readonly Dialed[];
  /** Why the others do not. */
  readonly error: ConnectError;
}

/** A route to one address. */
interface DialedRoute {
  readonly address: HostPort;
  readonly route: AuthRoute;
}

/** Opens connections to one cluster; the route that worked last is tried first. */
export class Dialer {
  readonly #options: DialerOptions;
  readonly #attemptMs: number;
  #lastGood: DialedRoute | undefined;

  constructor(options: DialerOptions) {
    this.#options = options;
    this.#attemptMs = options.attemptMs ?? 30_000;
  }

  /**
   * Connects with these credentials.
   *
   * @throws {ConnectError} If every route failed.
   * @throws The signal's reason if it is or becomes aborted.
   */
  async connect(
    credentials: Credentials,
    signal: AbortSignal,
  ): Promise<Dialed> {
    const attempts = this.#groups().map((routes) => (ending: AbortSignal) =>
      this.#race(
        routes.map((candidate) => (attempt) =>
          this.#try(candidate, credentials, attempt)
        ),
        (error) => error instanceof RouteFault && error.concernsAddress,
        ending,
      )
    );
    try {
      const dialed = await this.#race(attempts, concernsAll, signal);
      this.#lastGood = dialed.via;
      return dialed;
    } catch (error) {
      signal.throwIfAborted();
      throw await this.#sumUp(flatten(error), credentials, signal);
    }
  }

  /**
   * Tries every route to its end. Who calls it closes the connections.
   *
   * @throws {OperatorError} If a setting keeps routes from being tried.
   * @throws The signal's reason if it is or becomes aborted.
   */
  async explore(
    credentials: Credentials,
    signal: AbortSignal,
  ): Promise<Exploration> {
    const routes = this.#groups().flat();
    const tried = await Promise.allSettled(
      routes.map((candidate) => this.#try(candidate, credentials, signal)),
    );
    const open = tried.flatMap((each) =>
      each.status === "fulfilled" ? [each.value] : []
    );
    try {
      signal.throwIfAborted();
      const faults = tried.flatMap((each) =>
        each.status === "rejected" ? flatten(each.reason) : []
      );
      const error = await this.#sumUp(faults, credentials, signal);
      return { open, error };
    } catch (error) {
      await Promise.all(open.map(({ channel }) => channel.close()));
      throw error;
    }
  }

  /** Routes by address, in the order in which they are tried. */
  #groups(): (readonly DialedRoute[])[] {
    const { host, port } = this.#options;
    const groups = (port === undefined ? USUAL_PORTS : [port]).map((port) => {
      const address = { host, port };
      return this.#routes(address).map((route) => ({ address, route }));
    });
    const last = this.#lastGood;
    if (last === undefined) return groups;
    const others = groups.map((routes) =>
      routes.filter(({ address, route }) =>
        address.port !== last.address.port || route.name !== last.route.name
      )
    );
    return [[last], ...others];
  }

  #routes(address: HostPort): AuthRoute[] {
    const { trust, env } = this.#options;
    const needsUpgrade = readUpgradeSetting(
      env(UPGRADE_VARIABLE),
      formatHostPort(address),
    );
    return [
      directRoute,
      ...needsUpgrade === true ? [] : [tlsRoutingRoute],
      ...needsUpgrade === false
        ? []
        : [upgradeWebSocketRoute(trust), upgradeLegacyRoute(trust)],
    ];
  }

  #race(
    attempts: readonly Attempt<Dialed>[],
    isFinal: (error: unknown) => boolean,
    signal: AbortSignal,
  ): Promise<Dialed> {
    return race(attempts, {
      clock: this.#options.clock,
      staggerMs: STAGGER_MS,
      discard: ({ channel }) => channel.close(),
      isFinal,
    }, signal);
  }

  async #try(
    candidate: DialedRoute,
    credentials: Credentials,
    signal: AbortSignal,
  ): Promise<Dialed> {
    const { trust, keepalive, stalls } = this.#options;
    const address = formatHostPort(candidate.address);
    const proxy = this.#proxy(candidate.address);
    const { route } = candidate;
    const channel = new AuthChannel({
      address,
      stalls,
      credentials: () => credentials,
      timeouts: { handshakeMs: this.#attemptMs },
      ...keepalive && { keepalive },
      ...proxy === undefined ? { route } : {
        route: throughProxy(route, proxy, trust),
        dialAddress: formatHostPort(proxy),
      },
    });
    try {
      await new TeleportClient(channel, signal).probe(this.#attemptMs);
      return { channel, via: candidate };
    } catch (error) {
      const connectionError = channel.lastError;
      await channel.close();
      signal.throwIfAborted();
      throw explainAttempt({
        address,
        route: route.name,
        credentials,
        isProxied: proxy !== undefined,
        error,
        connectionError,
      });
    }
  }

  #proxy({ host, port }: HostPort): HttpProxy | undefined {
    return findHttpProxy(host, port, this.#options.env);
  }

  /** Sums up why attempts failed, after a closer look at what answers. */
  async #sumUp(
    faults: readonly RouteFault[],
    credentials: Credentials,
    signal: AbortSignal,
  ): Promise<ConnectError> {
    const { host, port, isDefault = false, clock } = this.#options;
    const address = port === undefined ? host : formatHostPort({ host, port });
    const seen = await this.#lookCloser(faults, signal);
    const now = new Date(clock.now());
    return createConnectError({ address, isDefault }, seen, credentials, now);
  }

  /** Finds out what it is that speaks no TLS, and whether a certificate that is not trusted has expired. */
  async #lookCloser(
    faults: readonly RouteFault[],
    signal: AbortSignal,
  ): Promise<RouteFault[]> {
    const byAddress = Map.groupBy(faults, ({ address }) => address);
    const looks = [...byAddress].map(([address, same]) => {
      const strange = same.find(({ kind }) => kind === "not TLS");
      return strange === undefined
        ? this.#readDates(address, same, signal)
        : this.#identify(address, strange, signal);
    });
    return (await Promise.all(looks)).flat();
  }

  async #identify(
    address: string,
    fault: RouteFault,
    signal: AbortSignal,
  ): Promise<RouteFault[]> {
    const look = (stream: Duplex) => identifyPort(stream, signal);
    const kind = await this.#lookAt(address, look, signal) ?? "not TLS";
    const place = { address, route: undefined };
    return [new RouteFault(kind, WHAT_IT_IS[kind], place, { cause: fault })];
  }

  /** Says of a certificate that was not trusted if its time is why. */
  async #readDates(
    address: string,
    faults: readonly RouteFault[],
    signal: AbortSignal,
  ): Promise<readonly RouteFault[]> {
    const isUntrusted = ({ kind }: RouteFault) => kind === "web certificate";
    if (!faults.some(isUntrusted)) return faults;
    const { host } = parseHostPort(address);
    const look = (stream: Duplex) => readWebValidity(stream, host, signal);
    const validity = await this.#lookAt(address, look, signal);
    const now = new Date(this.#options.clock.now());
    const state = validity && describeInvalidity(validity, now);
    if (state === undefined) return faults;
    const text = `the web ${state}`;
    return faults.map((fault) =>
      isUntrusted(fault)
        ? new RouteFault("expired web certificate", text, fault, {
          cause: fault,
        })
        : fault
    );
  }

  /** Looks at a fresh connection to an address; `undefined` if there is none. */
  async #lookAt<T>(
    address: string,
    look: (stream: Duplex) => Promise<T>,
    signal: AbortSignal,
  ): Promise<T | undefined> {
    const target = parseHostPort(address);
    const proxy = this.#proxy(target);
    const { host, port } = proxy ?? target;
    const tcp = connectTcp({ host, port });
    tcp.on("error", () => {});
    try {
      const stream = proxy === undefined
        ? tcp
        : await openHttpTunnel(tcp, proxy, address, undefined, signal);
      return await look(stream);
    } catch {
      return undefined;
    } finally {
      tcp.destroy();
    }
  }
}

const WHAT_IT_IS = {
  "not TLS": "what answers there speaks no TLS",
  "ssh": "this is an SSH server, such as the port for tunnels of a Proxy",
  "plain HTTP": "this is HTTP without TLS",
};

function concernsAll(error: unknown): boolean {
  return flatten(error).some((fault) => fault.concernsAll);
}

function flatten(error: unknown): RouteFault[] {
  if (error instanceof RouteFault) return [error];
  if (error instanceof AggregateError) return error.errors.flatMap(flatten);
  throw error;
}
