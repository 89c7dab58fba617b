/**
 * Straight to the port of the Auth Service, usually 3025.
 *
 * Source: docs/design/teleport-routes.md 2.
 *
 * @module
 */

import type { AuthRoute } from "./auth_route.ts";

/** Nothing lies between the connection and the Auth Service. */
export const directRoute: AuthRoute = {
  name: "direct",
  open: (stream) => Promise.resolve(stream),
  alpn: () => ["h2"],
};
