/**
 * Through the web port of the Proxy, which passes the connection on by the protocol that is asked for.
 *
 * The Proxy does not end TLS: the Auth Service itself answers, and the web certificate plays no role.
 *
 * Source: docs/design/teleport-routes.md 3.
 *
 * @module
 */

import type { AuthRoute } from "./auth_route.ts";

/** The Proxy sees the first protocol of the list and leads to the Auth Service of that cluster. */
export const tlsRoutingRoute: AuthRoute = {
  name: "tls_routing",
  open: (stream) => Promise.resolve(stream),
  alpn: routedAlpn,
};

/** Returns the protocols that lead to the Auth Service of a cluster; their order matters. */
export function routedAlpn(clusterName: string): string[] {
  const name = new TextEncoder().encode(clusterName).toHex();
  return [`teleport-auth@${name}.teleport.cluster.local`, "h2"];
}
