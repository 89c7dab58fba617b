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
import type { Finding } from "../report/finding.ts";

/** Judges the version of the Auth Service. */
export function judgeServer(
  { clusterName, serverVersion }: Pick<
    ServerInfo,
    "clusterName" | "serverVersion"
  >,
): Finding {
  const isSupported = isSupportedTeleport(serverVersion);
  return {
    id: "teleport.version",
    subject: `Teleport ${serverVersion}`,
    status: isSupported ? "ok" : "warning",
    detail: isSupported
      ? `cluster "${clusterName}"`
      : `cluster "${clusterName}"; this version is too old for this plugin`,
    remedy: isSupported
      ? undefined
      : `upgrade Teleport to ${OLDEST_TELEPORT} or newer`,
  };
}
