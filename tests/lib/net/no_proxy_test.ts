/** NO_PROXY compared with what Go's own reader said. */

import assert from "node:assert/strict";
import { isExempt } from "../../../src/lib/net/no_proxy.ts";
import go from "../../fixtures/no-proxy-go.json" with { type: "json" };

/** Hosts that are exempt here and not in Go, on purpose: docs/design/go-differences.md 1. */
const OURS = ["LOCALHOST"];

for (const [noProxy, byPort] of Object.entries(go.exempt)) {
  Deno.test(`NO_PROXY=${noProxy} exempts what it exempts in Go`, {
    permissions: "none",
  }, () => {
    for (const [port, exempt] of Object.entries(byPort)) {
      const expected = go.hosts.filter((host) =>
        exempt?.includes(host) || OURS.includes(host)
      );
      const actual = go.hosts
        .filter((host) => isExempt(host, Number(port), noProxy));
      assert.deepEqual(actual, expected, `port ${port}`);
    }
  });
}
