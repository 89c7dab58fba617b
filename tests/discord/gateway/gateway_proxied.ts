/**
 * A Gateway client on its own, for a test that runs it behind a proxy.
 *
 * @module
 */

import { Gateway } from "../../../src/discord/gateway/gateway.ts";
import { systemClock } from "../../../src/lib/async/clock.ts";
import { takeProxyVariables } from "../../../src/lib/net/http_proxy.ts";
import { Secret } from "../../../src/lib/secret.ts";
import { MemoryLogger } from "../../fakes/logger.ts";

const logger = new MemoryLogger();
const stop = new AbortController();
const gateway = new Gateway({
  getGateway: () =>
    Promise.resolve({
      url: "wss://gateway.example.test",
      session_start_limit: { total: 1000, remaining: 1000, reset_after: 0 },
    }),
  token: () => new Secret("the-token"),
  onTokenRefused: () => {},
  apiUrl: "https://discord.example.test/",
  env: takeProxyVariables(),
  clock: systemClock,
  logger,
  onClick: () => {},
});
const running = gateway.run(stop.signal);
await logger.waitFor("not connected to the Gateway, will retry");
stop.abort();
await running;
