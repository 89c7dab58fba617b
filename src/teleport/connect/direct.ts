/**
 * Straight to the port of the Auth Service, usually 3025.
 *
 * Source: teleport-wire.md 4.3.
 *
 * @module
 */

import type { Route } from "./route.ts";

/** Nothing lies between the TCP connection and the Auth Service. */
export const directRoute: Route = {
  name: "direct",
  open: (tcp) => Promise.resolve(tcp),
  alpn: () => ["h2"],
};
