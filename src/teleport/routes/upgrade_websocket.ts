/**
 * Through a load balancer that knows WebSocket. Servers since 15.1 take it.
 *
 * Source: docs/design/teleport-routes.md 4.2; RFC 6455, section 4.
 *
 * @module
 */

import { createHash } from "node:crypto";
import type { AuthRoute } from "./auth_route.ts";
import { FramedStream } from "./framed_stream.ts";
import { routedAlpn } from "./tls_routing.ts";
import { requestUpgrade, type WebTrust } from "./upgrade.ts";
import { WebSocketFrames } from "./websocket_frames.ts";

/** With pings from the server, which keep a load balancer from closing an idle connection. */
const PROTOCOL = "alpn-ping";

/** What RFC 6455, section 1.3, adds to a key before it is hashed. */
const KEY_SUFFIX = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";

/** Returns the route; the Auth Service is then reached as by TLS routing, inside the WebSocket. */
export function upgradeWebSocketRoute(trust: WebTrust): AuthRoute {
  return {
    name: "upgrade_websocket",
    async open(tcp, address, signal) {
      const key = crypto.getRandomValues(new Uint8Array(16)).toBase64();
      const stream = await requestUpgrade(tcp, address, trust, {
        name: "the WebSocket of Teleport",
        headers: [
          "Upgrade: websocket",
          "Sec-WebSocket-Version: 13",
          `Sec-WebSocket-Key: ${key}`,
          `Sec-WebSocket-Protocol: ${PROTOCOL}`,
        ],
        accepts: (headers) =>
          headers.get("upgrade")?.toLowerCase() === "websocket" &&
          headers.get("sec-websocket-accept") === acceptOf(key) &&
          headers.get("sec-websocket-protocol") === PROTOCOL,
      }, signal);
      return new FramedStream(stream, new WebSocketFrames());
    },
    alpn: routedAlpn,
  };
}

function acceptOf(key: string): string {
  return createHash("sha1").update(key + KEY_SUFFIX).digest("base64");
}
