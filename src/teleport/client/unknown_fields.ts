/**
 * Finds what a server sends of a request that this build does not know.
 *
 * A newer server may let a request ask for something in a field of its own. Whoever reviews such a request
 * by what is shown here would approve more than they see. So the fields that were not decoded are compared
 * with those that are known not to matter.
 *
 * Source: docs/design/teleport-api.md 4, 4.2.
 *
 * @module
 */

import type {
  AccessRequestSpecV3,
  ResourceConstraints,
  ResourceID,
} from "../gen/types/access_request.ts";

/** What every generated message has: the bytes of undeclared fields, by tag (number and wire type). */
interface GeneratedMessage {
  readonly _unknownFields?: Readonly<Record<number, unknown>> | undefined;
}

/**
 * Fields of `AccessRequestSpecV3` that are left out on purpose, because none of them adds to what is
 * granted: 8 annotations of the outcome, 10 and 11 thresholds, 15 the login to try first, 16 and 23 dry
 * runs, 18 the end of a session, 19 retired, 25 how long-term access is grouped, 27 the schedule whose start
 * is in 21 as well.
 */
const IGNORED_SPEC_FIELDS = [8, 10, 11, 15, 16, 18, 19, 23, 25, 27];

/** Returns the unknown fields of a request that may widen what is granted, as `message.number`, each once. */
export function unknownFieldsOf(spec: AccessRequestSpecV3): string[] {
  return [
    ...new Set([
      ...unknownIn("AccessRequestSpecV3", spec, IGNORED_SPEC_FIELDS),
      ...spec.requestedResourceIds.flatMap(unknownInId),
      ...spec.requestedResourceAccessIds.flatMap((access) => [
        ...unknownIn("ResourceAccessID", access),
        ...unknownInId(access.id),
        ...unknownInConstraints(access.constraints),
      ]),
    ]),
  ];
}

/** Returns the unknown fields of the constraints of a resource. */
export function unknownInConstraints(
  constraints: ResourceConstraints | undefined,
): string[] {
  if (constraints === undefined) return [];
  const { awsConsole, ssh, windowsDesktop } = constraints;
  return [
    ...unknownIn("ResourceConstraints", constraints),
    ...unknownIn("ResourceConstraints.aws_console", awsConsole),
    ...unknownIn("ResourceConstraints.ssh", ssh),
    ...unknownIn("ResourceConstraints.windows_desktop", windowsDesktop),
  ];
}

function unknownInId(id: ResourceID | undefined): string[] {
  // Without an ID nobody can tell which resource is meant.
  if (id === undefined) return ["ResourceAccessID.1"];
  return unknownIn("ResourceID", id);
}

function unknownIn(
  name: string,
  message: GeneratedMessage | undefined,
  ignored: readonly number[] = [],
): string[] {
  return Object.keys(message?._unknownFields ?? {})
    .map((tag) => Number(tag) >>> 3)
    .filter((number) => !ignored.includes(number))
    .map((number) => `${name}.${number}`);
}
