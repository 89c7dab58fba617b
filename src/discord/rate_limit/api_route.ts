/**
 * Which call is made, without the secrets and IDs that do not belong into logs.
 *
 * @module
 */

/** One call to the API. Calls with the same `name` and `major` share a rate limit. */
export interface ApiRoute<M extends Method = Method> {
  readonly method: M;
  /** Method and path template, such as `POST /channels/:id/messages`. */
  readonly name: string;
  /** Path below the API's base, IDs filled in. */
  readonly path: string;
  /**
   * ID that splits a limit: the channel's or the server's; empty if the route has none.
   *
   * Source: Discord developer docs, "Rate Limits": limits count per top-level resource of the path.
   */
  readonly major: string;
}

export type Method = "GET" | "POST" | "PATCH" | "DELETE";

/**
 * Names a call.
 *
 * @param template Path with `:id` for each ID and `:token` for a secret, such as
 * `/channels/:id/messages/:id`.
 * @param ids The IDs and secrets, in the order of the template.
 */
export function routeOf<M extends Method>(
  method: M,
  template: string,
  ...ids: readonly string[]
): ApiRoute<M> {
  let next = 0;
  const path = template.replaceAll(
    /:id|:token/g,
    () => encodeURIComponent(ids[next++] ?? ""),
  );
  return {
    method,
    name: `${method} ${template}`,
    path,
    major: /^\/(?:channels|guilds)\/:id/.test(template) ? ids[0] ?? "" : "",
  };
}
