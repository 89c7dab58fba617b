/**
 * Which HTTP proxy the environment names for a host.
 *
 * Source: Go's golang.org/x/net/http/httpproxy, whose rules users of Go programs know.
 *
 * @module
 */

import { OperatorError } from "../operator_error.ts";
import { Secret } from "../secret.ts";
import { isExempt } from "./no_proxy.ts";

/** A proxy that opens connections by CONNECT. */
export interface HttpProxy {
  /** Without the brackets of an IPv6 address. */
  readonly host: string;
  readonly port: number;
  /** Whether the proxy itself is spoken to over TLS. */
  readonly isTls: boolean;
  /** Value of the header `Proxy-Authorization`. */
  readonly authorization: Secret | undefined;
}

/** Reads one variable of the environment. */
export type ReadEnv = (name: string) => string | undefined;

/**
 * Returns the proxy for a TLS connection; `undefined` if there is none. This machine is always reached
 * without one.
 *
 * @param host Without the brackets of an IPv6 address.
 * @throws {OperatorError} If the variable holds something else than the address of an HTTP proxy.
 */
export function findHttpProxy(
  host: string,
  port: number,
  env: ReadEnv,
): HttpProxy | undefined {
  const found = findProxy(host, port, ["HTTPS_PROXY", "HTTP_PROXY"], env);
  if (found === undefined) return undefined;
  const { url, name } = found;
  if (!/^https?:$/.test(url.protocol)) throw unusable(name);
  const isTls = url.protocol === "https:";
  const { username, password } = credentialsOf(url);
  const basic = new TextEncoder().encode(`${username}:${password}`).toBase64();
  return {
    host: bare(url.hostname),
    port: url.port === "" ? (isTls ? 443 : 80) : Number(url.port),
    isTls,
    authorization: username === "" && password === ""
      ? undefined
      : new Secret(`Basic ${basic}`),
  };
}

/**
 * Returns the proxy for a URL as the HTTP client of the runtime takes it; `undefined` if there is none.
 *
 * Of itself the runtime reads the same variables, but by rules of its own, and it passes by a proxy that it
 * was given if `NO_PROXY` names the target: it must not see them ({@linkcode takeProxyVariables}).
 *
 * @throws {OperatorError} If the variable holds something else than the address of a proxy.
 */
export function findRuntimeProxy(
  target: URL,
  env: ReadEnv,
): Deno.Proxy | undefined {
  const isTls = /^(?:https|wss):$/.test(target.protocol);
  const names = [isTls ? "HTTPS_PROXY" : "HTTP_PROXY", "ALL_PROXY"];
  const port = Number(target.port) || (isTls ? 443 : 80);
  const url = findProxy(bare(target.hostname), port, names, env)?.url;
  if (url === undefined) return undefined;
  const basicAuth = credentialsOf(url);
  const isAnonymous = basicAuth.username === "" && basicAuth.password === "";
  url.username = url.password = "";
  return { url: url.href, ...(isAnonymous ? {} : { basicAuth }) };
}

const VARIABLES = ["HTTPS_PROXY", "HTTP_PROXY", "ALL_PROXY", "NO_PROXY"];

/**
 * Takes the variables about proxies away from the runtime, so that this program alone decides who is
 * reached by which one.
 *
 * @returns Reads the environment as it was.
 */
export function takeProxyVariables(
  env: Pick<Deno.Env, "get" | "delete"> = Deno.env,
): ReadEnv {
  const taken = new Map<string, string | undefined>();
  for (const name of VARIABLES.flatMap((name) => [name, name.toLowerCase()])) {
    taken.set(name, env.get(name));
    env.delete(name);
  }
  return (name) => taken.has(name) ? taken.get(name) : env.get(name);
}

/** Finds the first of some variables that is set, unless the host is exempt. */
function findProxy(
  host: string,
  port: number,
  names: readonly string[],
  env: ReadEnv,
): { readonly url: URL; readonly name: string } | undefined {
  // Secrets and files of variables often bring a line end with them.
  const read = (name: string) => env(name)?.trim();
  const either = (name: string) => read(name) || read(name.toLowerCase());
  const name = names.find(either);
  const value = name && either(name);
  if (!name || !value || isExempt(host, port, either("NO_PROXY") ?? "")) {
    return undefined;
  }
  const url = URL.parse(value.includes("://") ? value : `http://${value}`);
  if (
    url === null || !/^(?:https?|socks5h?):$/.test(url.protocol) ||
    url.hostname === ""
  ) {
    throw unusable(name);
  }
  return { url, name };
}

/** The value may hold a password, so it is not shown. */
function unusable(name: string): OperatorError {
  return new OperatorError(
    `Cannot use the proxy that ${name} names: expected an address of an HTTP proxy`,
    { hint: `write ${name}=http://host:port` },
  );
}

function credentialsOf(
  url: URL,
): { readonly username: string; readonly password: string } {
  return { username: decode(url.username), password: decode(url.password) };
}

function bare(host: string): string {
  return host.replace(/^\[(.*)\]$/, "$1");
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
