/**
 * What the rules of the caller's role let it do.
 *
 * Source: docs/design/teleport-behaviour.md 5; the words of the refusals were seen on Teleport 18.0.0.
 *
 * @module
 */

import { status } from "@grpc/grpc-js";
import { Buffer } from "node:buffer";
import { AuthServiceService } from "../../src/teleport/gen/auth_service.ts";
import { UsersServiceService } from "../../src/teleport/gen/users_service.ts";
import { RefusedError } from "./cluster_state.ts";
import type { GrpcCall } from "./grpc_server.ts";

/** A verb on a kind of resource, such as `access_request:list`. */
export type Grant = `${string}:${string}`;

/** What the role of the README allows, and what a role may allow beside. */
export const ALL_GRANTS: readonly Grant[] = [
  "access_request:list",
  "access_request:read",
  "access_plugin_data:update",
  "role:read",
  "user:read",
  "user_login_state:read",
];

/** Refuses a call for which a rule is missing. Watches and lists leave things out instead. */
export function refuseWithoutGrant(
  method: string,
  call: GrpcCall,
  grants: ReadonlySet<Grant>,
): void {
  if (method === "GetUser" && isOwnUser(call)) return;
  for (const [verb, ...kinds] of neededFor(method, call)) {
    if (kinds.some((kind) => grants.has(`${kind}:${verb}`))) continue;
    throw new RefusedError(
      status.PERMISSION_DENIED,
      `access denied to perform action "${verb}" on "${kinds[0]}"`,
    );
  }
}

/** Whoever calls may read what is known of them, without any rule. */
function isOwnUser({ user, request }: GrpcCall): boolean {
  const { requestDeserialize } = UsersServiceService.getUser;
  return requestDeserialize(Buffer.from(request)).name === user;
}

/** Verbs, each with the kinds of which one is enough. */
function neededFor(
  method: string,
  call: GrpcCall,
): readonly (readonly [verb: string, ...kinds: string[]])[] {
  switch (method) {
    case "GetPluginData": {
      const { requestDeserialize } = AuthServiceService.getPluginData;
      const { kind } = requestDeserialize(Buffer.from(call.request));
      return [
        ["list", kind, "access_plugin_data"],
        ["read", kind, "access_plugin_data"],
      ];
    }
    case "UpdatePluginData":
      return [["update", "access_plugin_data", "access_request"]];
    case "GetRole":
      return [["read", "role"]];
    case "GetUser":
      return [["read", "user"]];
    case "GetUserLoginState":
      return [["read", "user_login_state"]];
    default:
      return [];
  }
}
