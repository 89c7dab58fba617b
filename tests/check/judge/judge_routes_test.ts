import assert from "node:assert/strict";
import {
  type FailedRoute,
  judgeRoutes,
  type Route,
} from "../../../src/check/judge/judge_routes.ts";
import type { FaultKind } from "../../../src/teleport/connect/fault_kinds.ts";

const ADDRESS = "teleport.example.com:443";

const works = (route: string): Route => ({ address: ADDRESS, route });

const fails = (
  route: string | undefined,
  kind: FaultKind,
  address = ADDRESS,
): FailedRoute => ({ address, route, kind, message: `it is ${kind}` });

const CASES: Readonly<
  Record<
    string,
    readonly [readonly Route[], readonly FailedRoute[], readonly string[]]
  >
> = {
  "one of them works": [
    [works("tls_routing")],
    [
      fails("direct", "closed"),
      fails("upgrade_websocket", "upgrade refused"),
      fails("upgrade_legacy", "upgrade refused"),
    ],
    [
      `ok: route tls_routing to ${ADDRESS}: works`,
      `info: route direct to ${ADDRESS}: not needed; does not work: it is closed`,
      `info: route upgrade_websocket, upgrade_legacy to ${ADDRESS}: not needed; does not work: it is upgrade refused`,
    ],
  ],
  "nothing answers": [
    [],
    [
      fails(undefined, "refused", "h:443"),
      fails(undefined, "refused", "h:3025"),
    ],
    [
      "unanswered: connection to the Auth Service: no route works",
      "info: route to h:443: it is refused",
      "info: route to h:3025: it is refused",
    ],
  ],
  "the Auth Service is silent; the routes through a balancer fail on any": [
    [],
    [fails("direct", "silent"), fails("upgrade_legacy", "web certificate")],
    [
      "unanswered: connection to the Auth Service: no route works",
      `info: route direct to ${ADDRESS}: it is silent`,
      `info: route upgrade_legacy to ${ADDRESS}: it is web certificate`,
    ],
  ],
  "a person has to act": [
    [],
    [fails("direct", "closed"), fails("tls_routing", "user refused")],
    [
      "failed: connection to the Auth Service: no route works",
      `info: route direct to ${ADDRESS}: it is closed`,
      `info: route tls_routing to ${ADDRESS}: it is user refused`,
    ],
  ],
  "only a certificate of the web is wrong": [
    [],
    [fails("upgrade_legacy", "web certificate")],
    [
      "failed: connection to the Auth Service: no route works",
      `info: route upgrade_legacy to ${ADDRESS}: it is web certificate`,
    ],
  ],
};

for (const [name, [open, failed, expected]] of Object.entries(CASES)) {
  Deno.test({
    name: `routes: ${name}`,
    permissions: "none",
    fn() {
      const lines = judgeRoutes(open, failed, "look there", false)
        .map(({ status, subject, detail }) =>
          `${status}: ${subject}: ${detail}`
        );
      assert.deepEqual(lines, expected);
    },
  });
}

Deno.test({
  name: "routes: where nobody has set the address, that is said first",
  permissions: "none",
  fn() {
    const [first] = judgeRoutes(
      [],
      [fails("direct", "refused")],
      "set it",
      true,
    );
    assert.equal(first?.detail, "addr is not set, and no route works");
  },
});
