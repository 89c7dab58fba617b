/**
 * Which HTTP proxy the environment names for a host.
 *
 * Source: Go's golang.org/x/net/http/httpproxy, whose rules users of Go programs know.
 *
 * @module
 */

import { OperatorError } from "../operator_error.ts";
import { Secret } from "../secret.ts";

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
  const either = (name: string) => env(name) || env(name.toLowerCase());
  const name = either("HTTPS_PROXY") ? "HTTPS_PROXY" : "HTTP_PROXY";
  const value = either(name);
  if (!value || isExempt(host, port, either("NO_PROXY") ?? "")) {
    return undefined;
  }
  return parseProxy(value, name);
}

function parseProxy(value: string, name: string): HttpProxy {
  const url = URL.parse(value.includes("://") ? value : `http://${value}`);
  if (url === null || !/^https?:$/.test(url.protocol) || url.hostname === "") {
    // The value may hold a password, so it is not shown.
    throw new OperatorError(
      `Cannot use the proxy that ${name} names: expected an address of an HTTP proxy`,
      { hint: `write ${name}=http://host:port` },
    );
  }
  const isTls = url.protocol === "https:";
  const user = `${decode(url.username)}:${decode(url.password)}`;
  const basic = new TextEncoder().encode(user).toBase64();
  return {
    host: bare(url.hostname),
    port: url.port === "" ? (isTls ? 443 : 80) : Number(url.port),
    isTls,
    authorization: user === ":" ? undefined : new Secret(`Basic ${basic}`),
  };
}

function isExempt(host: string, port: number, noProxy: string): boolean {
  const plain = host.toLowerCase().replace(/\.$/, "");
  const name = ipv6(plain) ?? plain;
  if (name === "localhost" || name === "::1" || /^127\.[\d.]+$/.test(name)) {
    return true;
  }
  return noProxy.split(",").map((entry) => entry.trim().toLowerCase())
    .some((entry) => entry !== "" && matches(name, port, entry));
}

/** An entry is `*`, a network, an address, or a name that stands for its subdomains too. */
function matches(host: string, port: number, entry: string): boolean {
  if (entry === "*") return true;
  const network = /^([\da-f.:]+)\/(\d+)$/.exec(entry);
  if (network !== null) {
    const [, base = "", bits = ""] = network;
    return isWithin(host, base, Number(bits));
  }
  const [, pattern = entry, only] = /^(\[[^\]]+\]|[^:]+):(\d+)$/.exec(entry) ??
    [];
  if (only !== undefined && Number(only) !== port) return false;
  const suffix = pattern.startsWith("*.") ? pattern.slice(1) : pattern;
  if (suffix.startsWith(".")) return host.endsWith(suffix);
  const whole = bare(suffix);
  return host === (ipv6(whole) ?? whole) || host.endsWith(`.${suffix}`);
}

function isWithin(host: string, base: string, bits: number): boolean {
  const [address, network] = [addressBits(host), addressBits(base)];
  return address !== undefined && network !== undefined &&
    address.length === network.length &&
    address.slice(0, bits) === network.slice(0, bits);
}

/** Returns an IP address as text of its bits; `undefined` for a name. */
function addressBits(text: string): string | undefined {
  const toBits = (value: number, count: number) =>
    value.toString(2).padStart(count, "0");
  if (/^\d+(\.\d+){3}$/.test(text)) {
    return text.split(".").map((part) => toBits(Number(part), 8)).join("");
  }
  const address = ipv6(text);
  if (address === undefined) return undefined;
  const [head = "", tail = ""] = address.split("::");
  const groups = (part: string) => part === "" ? [] : part.split(":");
  const [left, right] = [groups(head), groups(tail)];
  const zeros = Array(8 - left.length - right.length).fill("0");
  return [...left, ...zeros, ...right]
    .map((group) => toBits(Number.parseInt(group, 16), 16)).join("");
}

/** Returns an IPv6 address in the one form that the parser of URLs has for it; `undefined` for another text. */
function ipv6(text: string): string | undefined {
  const url = text.includes(":") ? URL.parse(`http://[${text}]`) : null;
  return url === null ? undefined : bare(url.hostname);
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
