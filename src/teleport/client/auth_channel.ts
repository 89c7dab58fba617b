/**
 * The connection to the Auth Service.
 *
 * @module
 */

import type { ChannelCredentials, ClientOptions } from "@grpc/grpc-js";
import { clearTimeout } from "node:timers";
import { AuthServiceClient } from "../gen/auth_service.ts";

const KIBIBYTE = 2 ** 10;
const MEBIBYTE = 2 ** 20;

/**
 * Channel options. Source: docs/design/teleport-behaviour.md 3.1, 1.3, 3.2.
 *
 * No `version` metadata is ever sent: without it the server makes no check (docs/design/teleport-behaviour.md 1.1).
 */
const CHANNEL_OPTIONS: ClientOptions = {
  "grpc.keepalive_permit_without_calls": 1,
  "grpc.max_receive_message_length": 64 * MEBIBYTE,
  // So much costs one round trip. With 8 MiB, the parts of a long answer pile up faster than V8 collects
  // them: 13 MiB more resident after 12 MiB of plugin data.
  "grpc-node.flow_control_window": 256 * KIBIBYTE,
  "grpc.initial_reconnect_backoff_ms": 100,
  "grpc.max_reconnect_backoff_ms": 400,
  "grpc.enable_http_proxy": 0,
  "grpc.service_config_disable_resolution": 1,
  // Retries of its own go round for ever, without a pause, on a connection that was told to go away in
  // the moment in which it became ready.
  "grpc.enable_retries": 0,
  "grpc.use_local_subchannel_pool": 1,
  "grpc.enable_channelz": 0,
};

/** How a connection is found out that is dead although nobody says so. */
export interface Keepalive {
  /** Time between two pings, in milliseconds. */
  readonly pingMs: number;
  /** How long the answer may take, in milliseconds. */
  readonly answerMs: number;
}

/** The server closes the connection (too_many_pings) if pings come more often than once in 60 s. */
const USUAL_KEEPALIVE: Keepalive = { pingMs: 61_000, answerMs: 20_000 };

/**
 * Creates the client of one Auth Service; nothing is connected yet.
 *
 * @param address `host:port`.
 */
export function createAuthServiceClient(
  address: string,
  credentials: ChannelCredentials,
  { pingMs, answerMs } = USUAL_KEEPALIVE,
): AuthServiceClient {
  return new AuthServiceClient(`dns:///${address}`, credentials, {
    ...CHANNEL_OPTIONS,
    "grpc.keepalive_time_ms": pingMs,
    "grpc.keepalive_timeout_ms": answerMs,
  });
}

/**
 * Closes the client, timers included.
 *
 * grpc-js lets the back-off of a closed channel run out and may connect once more then, which would
 * hold a process that wants to end for up to two seconds. It has no public way to stop that.
 */
export function closeAuthServiceClient(client: AuthServiceClient): void {
  const channel = client.getChannel() as unknown as GrpcInternals;
  const { subchannelPool, resolvingLoadBalancer } = channel.internalChannel;
  const subchannels = Object.values(subchannelPool.pool).flat();
  const balancer = resolvingLoadBalancer.childLoadBalancer.currentChild;
  client.close();
  for (const { subchannel } of subchannels) subchannel.backoffTimeout.stop();
  clearTimeout(balancer?.connectionDelayTimeout);
}

/** Where grpc-js 1.14 keeps its timers; private, so tests watch over it. */
interface GrpcInternals {
  readonly internalChannel: {
    readonly subchannelPool: {
      readonly pool: Readonly<Record<string, readonly PooledSubchannel[]>>;
    };
    readonly resolvingLoadBalancer: {
      readonly childLoadBalancer: {
        readonly currentChild: PickFirstBalancer | null;
      };
    };
  };
}

interface PooledSubchannel {
  readonly subchannel: { readonly backoffTimeout: { stop(): void } };
}

interface PickFirstBalancer {
  readonly connectionDelayTimeout: NodeJS.Timeout;
}
