/**
 * What the check says of the routes to the Auth Service.
 *
 * @module
 */

import type { FaultKind } from "../../teleport/connect/fault_kinds.ts";
import type { RouteFault } from "../../teleport/connect/route_fault.ts";
import { type Finding, found, type Outcome } from "../report/finding.ts";

/** A route that works. */
export type Route = Pick<RouteFault, "address" | "route">;

/** A route that does not, and why. */
export type FailedRoute = Route & Pick<RouteFault, "kind" | "message">;

/** What the network or a server that is down can cause; anything else a person has to change. */
const PASSING: ReadonlySet<FaultKind> = new Set<FaultKind>([
  "server error",
  "closed",
  "silent",
  "unknown host",
  "refused",
  "other",
]);

/** What only the routes through a load balancer fail with; where there is none, they always do. */
const BESIDE: ReadonlySet<FaultKind> = new Set<FaultKind>([
  "upgrade refused",
  "expired web certificate",
  "web certificate",
]);

/**
 * Judges the routes to the Auth Service, all of which were tried.
 *
 * @param remedy What most likely helps if none works.
 * @param isDefault Whether nobody has set the address.
 */
export function judgeRoutes(
  open: readonly Route[],
  failed: readonly FailedRoute[],
  remedy: string | undefined,
  isDefault: boolean,
): Finding[] {
  // Routes to one address that fail for the same reason are told together.
  const alike = Map.groupBy(
    failed,
    ({ address, message }) => `${address}\n${message}`,
  );
  const describeFailed = (describe: (message: string) => string) =>
    [...alike.values()].map((same) => {
      const message = same[0]?.message ?? "";
      return describeRoutes(same, found.info(describe(message)));
    });
  if (open.length > 0) {
    return [
      ...open.map((each) => describeRoutes([each], found.ok("works"))),
      // The words of libraries behind the last colon help nobody where nothing is wrong.
      ...describeFailed((message) =>
        `not needed; does not work: ${message.replace(/: [^:]*$/, "")}`
      ),
    ];
  }
  const telling = failed.filter(({ kind }) => !BESIDE.has(kind));
  const isPassing = telling.length > 0 &&
    telling.every(({ kind }) => PASSING.has(kind));
  return [
    {
      id: "teleport.connection",
      subject: "connection to the Auth Service",
      ...found[isPassing ? "unanswered" : "failed"](
        isDefault ? "addr is not set, and no route works" : "no route works",
        remedy,
      ),
    },
    ...describeFailed((message) => message),
  ];
}

function describeRoutes(routes: readonly Route[], outcome: Outcome): Finding {
  const names = routes.flatMap(({ route }) => route ?? []).join(", ");
  const address = routes[0]?.address ?? "";
  return {
    id: "teleport.route",
    subject: names === ""
      ? `route to ${address}`
      : `route ${names} to ${address}`,
    ...outcome,
  };
}
