/**
 * What the check says of the ways to the Auth Service.
 *
 * @module
 */

import type { FaultKind } from "../../teleport/connect/route_fault.ts";
import type { Finding, Status } from "../report/finding.ts";

/** A way that was tried. */
export interface WayFacts {
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

/** What only the ways through a load balancer fail with; where there is none, they always do. */
const BESIDE: ReadonlySet<FaultKind> = new Set(
  ["upgrade refused", "web certificate"] as const,
);

/**
 * Judges the ways to the Auth Service, all of which were tried.
 *
 * @param remedy What most likely helps if none works.
 */
export function judgeWays(
  ways: readonly WayFacts[],
  remedy: string | undefined,
): Finding[] {
  const working = ways.filter(({ fault }) => fault === undefined);
  const failing = ways.filter(({ fault }) => fault !== undefined);
  if (working.length > 0) {
    return [
      ...working.map((way) => describeWay([way], "ok", "works")),
      ...group(failing).map(([text, same]) =>
        describeWay(same, "info", `not needed; does not work: ${brief(text)}`)
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
      status: isPassing ? "unanswered" : "failed",
      detail: "no way leads there",
      remedy,
    },
    ...group(failing).map(([text, same]) => describeWay(same, "info", text)),
  ];
}

/** The words of libraries behind the last colon help nobody where nothing is wrong. */
function brief(text: string): string {
  return text.replace(/: [^:]*$/, "");
}

function describeWay(
  ways: readonly WayFacts[],
  status: Status,
  detail: string,
): Finding {
  const [first] = ways;
  const routes = ways.flatMap(({ route }) => route ?? []).join(", ");
  const address = first?.address ?? "";
  return {
    id: "teleport.route",
    subject: routes === ""
      ? `route to ${address}`
      : `route ${routes} to ${address}`,
    status,
    detail,
  };
}

/** Ways to one address that fail for the same reason are told together. */
function group(
  ways: readonly WayFacts[],
): (readonly [text: string, ways: readonly WayFacts[]])[] {
  const groups = new Map<string, { text: string; ways: WayFacts[] }>();
  for (const way of ways) {
    const text = way.fault?.text ?? "";
    const key = `${way.address}\n${text}`;
    const known = groups.get(key);
    if (known === undefined) groups.set(key, { text, ways: [way] });
    else known.ways.push(way);
  }
  return [...groups.values()].map(({ text, ways }) => [text, ways]);
}
