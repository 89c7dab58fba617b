/**
 * Through a load balancer that passes on unknown values of `Upgrade`. The only upgrade of Teleport 14;
 * servers up to 18 take it.
 *
 * Source: docs/design/teleport-routes.md 4.4.
 *
 * @module
 */

import type { AuthRoute } from "./auth_route.ts";
import { FramedStream } from "./framed_stream.ts";
import { LengthFrames } from "./length_frames.ts";
import { routedAlpn } from "./tls_routing.ts";
import { requestUpgrade, type WebTrust } from "./upgrade.ts";

const PROTOCOL = "alpn-ping";

/** Returns the route; the Auth Service is then reached as by TLS routing, inside the frames. */
export function upgradeLegacyRoute(trust: WebTrust): AuthRoute {
  return {
    name: "upgrade_legacy",
    async open(tcp, address, signal) {
      const stream = await requestUpgrade(tcp, address, trust, {
        name: "that of Teleport",
        headers: [`Upgrade: ${PROTOCOL}`, `X-Teleport-Upgrade: ${PROTOCOL}`],
        accepts: (headers) =>
          ["upgrade", "x-teleport-upgrade"]
            .some((name) => headers.get(name)?.toLowerCase() === PROTOCOL),
      }, signal);
      return new FramedStream(stream, new LengthFrames());
    },
    alpn: routedAlpn,
  };
}
