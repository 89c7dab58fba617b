/**
 * Which call is made, without the secrets and IDs that do not belong into logs.
 *
 * @module
 */

/** One call to the API. Calls with the same `name` and `major` share a rate limit. */
export interface Route {
  readonly method: Method;
  /** Method and path template, such as `POST /channels/:id/messages`. */
  readonly name: string;
  /** Path below the API's base, IDs filled in. */
  readonly path: string;
  /**
   * ID that splits a limit: the channel's; empty if the route has none.
   *
   * Source: Discord developer docs, "Rate Limits": limits count per top-level resource of the path.
   */
  readonly major: string;
}

export type Method = "GET" | "POST" | "PATCH";

/**
 * Names a call.
 *
 * @param template Path with `:id` for each ID, such as `/channels/:id/messages/:id`.
 * @param ids The IDs, in the order of the template.
 */
export function routeOf(
  method: Method,
  template: string,
  ...ids: readonly string[]
): Route {
  let next = 0;
  const path = template.replaceAll(
    ":id",
    () => encodeURIComponent(ids[next++] ?? ""),
  );
  return {
    method,
    name: `${method} ${template}`,
    path,
    major: template.startsWith("/channels/:id") ? ids[0] ?? "" : "",
  };
}
