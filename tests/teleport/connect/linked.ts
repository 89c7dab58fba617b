/**
 * A connection to a cluster, as the daemon has one, in the hands of a test.
 *
 * @module
 */

import { systemClock } from "../../../src/lib/async/clock.ts";
import { TeleportClient } from "../../../src/teleport/client/teleport_client.ts";
import { Connection } from "../../../src/teleport/connect/connection.ts";
import {
  Dialer,
  type DialerOptions,
} from "../../../src/teleport/connect/dialer.ts";
import type { Credentials } from "../../../src/teleport/credentials/identity.ts";
import { createWebTrust } from "../../../src/teleport/routes/web_trust.ts";
import { MemoryLogger } from "../../fakes/logger.ts";

/** How a connection differs from the usual. */
export interface LinkedOptions extends Partial<DialerOptions> {
  /** Variables of the environment. */
  readonly variables?: Readonly<Record<string, string>>;
  /** File with the authority of the web certificate. */
  readonly webCaPath?: string | undefined;
}

/** A dialer to `host:port`, or to the usual ports of a host. */
export function createDialer(
  address: string,
  options: LinkedOptions = {},
): Dialer {
  const { variables = {}, webCaPath } = options;
  const [, host = address, port] = /^(.*):(\d+)$/.exec(address) ?? [];
  const env = (name: string) => variables[name];
  return new Dialer({
    host,
    port: port === undefined ? undefined : Number(port),
    clock: systemClock,
    env,
    trust: createWebTrust(webCaPath, env),
    ...options,
  });
}

/** A connection and what it logs. Its credentials can be replaced. */
export class Linked implements AsyncDisposable {
  readonly logger: MemoryLogger = new MemoryLogger();
  readonly connection: Connection;
  readonly client: TeleportClient;
  /** Routes of the connections so far. */
  readonly routes: string[] = [];
  #credentials: Credentials;
  #replaced = new AbortController();
  #connected = Promise.withResolvers<void>();

  constructor(
    address: string,
    credentials: Credentials,
    options: LinkedOptions = {},
  ) {
    this.#credentials = credentials;
    const current = () => this.#credentials;
    const replaced = () => this.#replaced.signal;
    this.connection = new Connection({
      dialer: createDialer(address, options),
      keeper: {
        get credentials() {
          return current();
        },
        get replaced() {
          return replaced();
        },
      },
      clock: systemClock,
      logger: this.logger,
      onConnected: (_, { route }) => {
        this.routes.push(String(route));
        this.#connected.resolve();
        this.#connected = Promise.withResolvers();
      },
    });
    const never = new AbortController().signal;
    this.client = new TeleportClient(this.connection, never);
  }

  /** Waits until there have been so many connections. */
  async untilConnected(count: number): Promise<void> {
    while (this.routes.length < count) await this.#connected.promise;
  }

  /** Hands over new credentials, as a keeper does. */
  renew(credentials: Credentials): void {
    this.#credentials = credentials;
    this.#replaced.abort();
    this.#replaced = new AbortController();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.connection[Symbol.asyncDispose]();
  }
}
