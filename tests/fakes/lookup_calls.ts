/**
 * What the stand-in knows about roles, users and resources.
 *
 * Source: docs/design/teleport-api.md 7 to 9; each answer was seen on Teleport 18.0.0.
 *
 * @module
 */

import { status } from "@grpc/grpc-js";
import {
  AuthServiceService,
  type PaginatedResource,
} from "../../src/teleport/gen/auth_service.ts";
import { RoleV6 } from "../../src/teleport/gen/types/role.ts";
import { UserV2 } from "../../src/teleport/gen/types/user.ts";
import {
  UserLoginState,
  UserLoginStateServiceService,
} from "../../src/teleport/gen/user_login_state_service.ts";
import { UsersServiceService } from "../../src/teleport/gen/users_service.ts";
import { findResources } from "./cluster_queries.ts";
import { RefusedError } from "./cluster_state.ts";
import { type Handler, stream, unary } from "./grpc_methods.ts";

/** Lists of texts by name. */
export type TraitLists = Readonly<Record<string, readonly string[]>>;

/** What can be looked up; fields can be changed at any time. */
export interface Directory {
  /** Logins by role name. */
  roles?: Readonly<Record<string, readonly string[]>>;
  /** Traits by user name. */
  users?: Readonly<Record<string, TraitLists>>;
  /** Roles by user name. */
  userRoles?: Readonly<Record<string, readonly string[]>>;
  /** Traits at the last login by user name. */
  loginStates?: Readonly<Record<string, TraitLists>>;
  resources?: readonly PaginatedResource[];
}

/** Returns the look-ups by path. */
export function lookupHandlers(
  directory: Directory,
  isOld: () => boolean,
): [path: string, handler: Handler][] {
  const { getRole, getUser: oldGetUser, getUsers, listResources } =
    AuthServiceService;
  const { getUser, listUsers } = UsersServiceService;
  const refuseIfOld = (path: string) => {
    if (!isOld()) return;
    const service = path.split("/")[1];
    throw new RefusedError(status.UNIMPLEMENTED, `unknown service ${service}`);
  };
  const allUsers = () =>
    Object.keys(directory.users ?? {}).sort()
      .map((name) => userOf(directory, name));
  const { getUserLoginState } = UserLoginStateServiceService;
  return [
    unary(getRole, ({ name }) => {
      const logins = directory.roles?.[name] ??
        notFound(`role ${name} is not found`);
      return RoleV6.create({
        kind: "role",
        version: "v7",
        metadata: { name },
        spec: { allow: { logins: [...logins] } },
      });
    }),
    unary(getUser, ({ name }) => {
      refuseIfOld(getUser.path);
      return { user: userOf(directory, name) };
    }),
    unary(listUsers, ({ pageSize, pageToken }) => {
      refuseIfOld(listUsers.path);
      const all = allUsers();
      const start = pageToken === "" ? 0 : Number(pageToken);
      const end = start + (pageSize || 1000);
      return {
        users: all.slice(start, end),
        nextPageToken: end < all.length ? `${end}` : "",
      };
    }),
    stream(getUsers, () => allUsers()),
    unary(oldGetUser, ({ name }) => {
      if (isOld()) return userOf(directory, name);
      throw new RefusedError(
        status.UNIMPLEMENTED,
        "method GetUser not implemented",
      );
    }),
    unary(getUserLoginState, ({ name }) => {
      const traits = directory.loginStates?.[name] ??
        notFound(`user_login_state "${name}" doesn't exist`);
      return UserLoginState.create({
        spec: {
          traits: Object.entries(traits)
            .map(([key, values]) => ({ key, values: [...values] })),
        },
      });
    }),
    unary(listResources, (request) => ({
      resources: findResources(directory.resources ?? [], request),
      nextKey: "",
    })),
  ];
}

function userOf(directory: Directory, name: string): UserV2 {
  const roles = directory.userRoles?.[name];
  const traits = directory.users?.[name] ??
    (roles === undefined ? notFound(`user "${name}" not found`) : {});
  const values = Object.entries(traits)
    .map((
      [key, list],
    ): [string, { values: string[] }] => [key, { values: [...list] }]);
  return UserV2.create({
    kind: "user",
    version: "v2",
    metadata: { name, namespace: "default" },
    spec: { roles: [...roles ?? []], traits: { values: new Map(values) } },
  });
}

function notFound(message: string): never {
  throw new RefusedError(status.NOT_FOUND, message);
}
