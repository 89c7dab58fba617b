/**
 * What the check says of the Auth Service and its version.
 *
 * @module
 */

import {
  isSupportedTeleport,
  OLDEST_TELEPORT,
  type ServerInfo,
} from "../../ports/auth_service.ts";
import { type Finding, found } from "../report/finding.ts";

/** Judges the version of the Auth Service. */
export function judgeServer(
  { clusterName, serverVersion }: Pick<
    ServerInfo,
    "clusterName" | "serverVersion"
  >,
): Finding {
  const cluster = `cluster "${clusterName}"`;
  return {
    id: "teleport.version",
    subject: `Teleport ${serverVersion}`,
    ...isSupportedTeleport(serverVersion) ? found.ok(cluster) : found.warning(
      `${cluster}; this version is too old for this plugin`,
      `upgrade Teleport to ${OLDEST_TELEPORT} or newer`,
    ),
  };
}
