/**
 * Any route, through an HTTP proxy.
 *
 * @module
 */

import type { HttpProxy } from "../../lib/net/http_proxy.ts";
import { openHttpTunnel } from "../../lib/net/http_tunnel.ts";
import { type AuthRoute, formatHostPort } from "./auth_route.ts";
import type { WebTrust } from "./upgrade.ts";

/** Returns the same route for a connection that leads to the proxy instead of the address. */
export function throughProxy(
  route: AuthRoute,
  proxy: HttpProxy,
  trust: WebTrust,
): AuthRoute {
  return {
    name: route.name,
    async open(tcp, address, signal) {
      const target = formatHostPort(address);
      const ca = proxy.isTls ? await trust() : undefined;
      const stream = await openHttpTunnel(tcp, proxy, target, ca, signal);
      return await route.open(stream, address, signal);
    },
    alpn: route.alpn,
  };
}
