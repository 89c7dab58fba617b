/**
 * What the check says of the routes to the Auth Service.
 *
 * @module
 */

import type { FaultKind } from "../../teleport/connect/fault_kinds.ts";
import { type Finding, found, type Outcome } from "../report/finding.ts";

/** A route that was tried. */
export interface RouteFacts {
  /** `host:port`. */
  readonly address: string;
  /** Name of the route, such as `tls_routing`; `undefined` if what is said concerns all of them. */
  readonly route: string | undefined;
  /** Why it does not work; `undefined` if it does. */
  readonly fault:
    | { readonly kind: FaultKind; readonly text: string }
    | undefined;
}

/** What the network or a server that is down can cause; anything else a person has to change. */
const PASSING: ReadonlySet<FaultKind> = new Set(
  [
    "server error",
    "closed",
    "silent",
    "unknown host",
    "refused",
    "other",
  ] as const,
);

/** What only the routes through a load balancer fail with; where there is none, they always do. */
const BESIDE: ReadonlySet<FaultKind> = new Set(
  ["upgrade refused", "expired web certificate", "web certificate"] as const,
);

/**
 * Judges the routes to the Auth Service, all of which were tried.
 *
 * @param remedy What most likely helps if none works.
 * @param isDefault Whether nobody has set the address.
 */
export function judgeRoutes(
  routes: readonly RouteFacts[],
  remedy: string | undefined,
  isDefault: boolean,
): Finding[] {
  const working = routes.filter(({ fault }) => fault === undefined);
  const failing = routes.filter(({ fault }) => fault !== undefined);
  if (working.length > 0) {
    return [
      ...working.map((each) => describeRoute([each], found.ok("works"))),
      ...group(failing).map(([text, same]) =>
        describeRoute(
          same,
          found.info(`not needed; does not work: ${brief(text)}`),
        )
      ),
    ];
  }
  const telling = failing.flatMap(({ fault }) => fault?.kind ?? [])
    .filter((kind) => !BESIDE.has(kind));
  const isPassing = telling.length > 0 &&
    telling.every((kind) => PASSING.has(kind));
  return [
    {
      id: "teleport.connection",
      subject: "connection to the Auth Service",
      ...found[isPassing ? "unanswered" : "failed"](
        isDefault ? "addr is not set, and no route works" : "no route works",
        remedy,
      ),
    },
    ...group(failing).map(([text, same]) =>
      describeRoute(same, found.info(text))
    ),
  ];
}

/** The words of libraries behind the last colon help nobody where nothing is wrong. */
function brief(text: string): string {
  return text.replace(/: [^:]*$/, "");
}

function describeRoute(
  routes: readonly RouteFacts[],
  outcome: Outcome,
): Finding {
  const [first] = routes;
  const names = routes.flatMap(({ route }) => route ?? []).join(", ");
  const address = first?.address ?? "";
  return {
    id: "teleport.route",
    subject: names === ""
      ? `route to ${address}`
      : `route ${names} to ${address}`,
    ...outcome,
  };
}

/** Routes to one address that fail for the same reason are told together. */
function group(
  routes: readonly RouteFacts[],
): (readonly [text: string, routes: readonly RouteFacts[]])[] {
  const alike = Map.groupBy(
    routes,
    ({ address, fault }) => `${address}\n${fault?.text}`,
  );
  return [...alike.values()].map((same) => [same[0]?.fault?.text ?? "", same]);
}
