/**
 * Reads what is known about roles, users and resources.
 *
 * Source: docs/design/teleport-api.md 7 to 9.
 *
 * @module
 */

import type { Resource, ResourceId } from "../../ports/access_request.ts";
import type { Traits, User } from "../../ports/user.ts";
import { AuthServiceService } from "../gen/auth_service.ts";
import type { UserV2 } from "../gen/types/user.ts";
import { UserLoginStateServiceService } from "../gen/user_login_state_service.ts";
import { UsersServiceService } from "../gen/users_service.ts";
import type { MethodDefinition } from "./caller.ts";
import { unless } from "./grpc_error.ts";
import {
  collectResources,
  groupResources,
  listByName,
} from "./list_resources.ts";

/** Makes one call. */
export type Invoke = <Request, Response>(
  method: MethodDefinition<Request, Response>,
  request: Request,
  signal: AbortSignal,
) => Promise<Response>;

/** Returns the logins that a role allows, as written in the role. */
export async function getRoleLogins(
  invoke: Invoke,
  role: string,
  signal: AbortSignal,
): Promise<readonly string[]> {
  const { getRole } = AuthServiceService;
  const answer = await invoke(getRole, { name: role }, signal);
  return answer.spec?.allow?.logins ?? [];
}

/** Reads a user; `undefined` if there is none. */
export async function getUser(
  invoke: Invoke,
  name: string,
  signal: AbortSignal,
): Promise<User | undefined> {
  const user = await unless("NOT_FOUND", readUser(invoke, name, signal));
  return user && { traits: traitsOf(user) };
}

/** Returns the roles that a user has now, other than by access lists; `undefined` if there is no such user. */
export async function getUserRoles(
  invoke: Invoke,
  name: string,
  signal: AbortSignal,
): Promise<readonly string[] | undefined> {
  const user = await unless("NOT_FOUND", readUser(invoke, name, signal));
  return user && (user.spec?.roles ?? []);
}

export function traitsOf(user: UserV2): Traits {
  const traits = user.spec?.traits?.values ?? [];
  return new Map([...traits].map(([key, { values }]) => [key, values]));
}

/** Reads what a user had at the last login, grants of access lists included; `undefined` if there was none. */
export async function getUserLoginState(
  invoke: Invoke,
  name: string,
  signal: AbortSignal,
): Promise<User | undefined> {
  const { getUserLoginState } = UserLoginStateServiceService;
  const read = invoke(getUserLoginState, { name }, signal);
  const state = await unless("NOT_FOUND", read);
  if (state === undefined) return undefined;
  const traits: Traits = new Map(
    state.spec?.traits.map(({ key, values }) => [key, values]),
  );
  return { traits };
}

/** Returns those of the resources that are found, by `formatResourceId`. */
export async function findResources(
  invoke: Invoke,
  resources: readonly ResourceId[],
  clusterName: string,
  signal: AbortSignal,
): Promise<Map<string, Resource>> {
  const found = new Map<string, Resource>();
  const groups = groupResources(resources, clusterName);
  await Promise.all([...groups].map(async ([kind, wanted]) => {
    let startKey = "";
    do {
      const request = listByName(kind, wanted, startKey);
      const { listResources } = AuthServiceService;
      const answer = await invoke(listResources, request, signal);
      collectResources(found, answer.resources, wanted);
      startKey = answer.resources.length === 0 ? "" : answer.nextKey;
    } while (startKey !== "");
  }));
  return found;
}

/** Reads a user from the service of Teleport 15 and later, or, where that is missing, as in 14. */
async function readUser(
  invoke: Invoke,
  name: string,
  signal: AbortSignal,
): Promise<UserV2 | undefined> {
  const { getUser } = UsersServiceService;
  const read = invoke(getUser, { name }, signal);
  const answer = await unless("UNIMPLEMENTED", read);
  if (answer !== undefined) return answer.user;
  return await invoke(AuthServiceService.getUser, { name }, signal);
}
