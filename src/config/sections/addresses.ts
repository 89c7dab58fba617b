/**
 * Addresses: of the Auth Service or Proxy, and of Discord.
 *
 * @module
 */

import { describeValue, quote } from "../reading/problem.ts";
import type { Section } from "../reading/section.ts";

/** Where the Auth Service or the Proxy is. */
export interface TeleportAddress {
  /** Name or IP address, without brackets. */
  readonly host: string;
  /** `undefined` if the usual ports are to be tried. */
  readonly port: number | undefined;
  /** It is what is tried where none is set. */
  readonly isDefault?: true;
}

const DEFAULT_ADDRESS: TeleportAddress = {
  host: "localhost",
  port: 3025,
  isDefault: true,
};
const DEFAULT_API_URL = "https://discord.com/api/";

const SAMPLES =
  'write such as "teleport.example.com:443" for the Proxy, or with port 3025 for the Auth Service';

/** Reads the address of the Auth Service or Proxy from `addr`, or from the older `auth_server`. */
export function readTeleportAddress(section: Section): TeleportAddress {
  const older = section.string("auth_server");
  const newer = section.string("addr");
  const key = newer === undefined ? "auth_server" : "addr";
  const address = newer ?? older;
  if (older !== undefined) {
    section.warning(
      "auth_server",
      "Configuration setting `auth_server` is deprecated, consider to change it to `addr`",
    );
  }
  if (address === undefined) return DEFAULT_ADDRESS;
  const parsed = splitAddress(address);
  if (parsed === undefined || parsed.host === "") {
    const inUrl = addressInUrl(address);
    section.fault(
      key,
      `expected "host:port", found ${
        inUrl === undefined ? "" : "a web address, "
      }${describeValue(address)}`,
      inUrl === undefined ? SAMPLES : `write ${quote(inUrl)}`,
    );
    return DEFAULT_ADDRESS;
  }
  const { host, port } = parsed;
  if (port === undefined) return { host, port: undefined };
  if (!isPort(port)) {
    section.fault(
      key,
      `expected a port from 1 to 65535, found ${port}`,
      SAMPLES,
    );
  }
  return { host, port: Number(port) };
}

/** Returns host and port of a web address, with or without its scheme. */
function addressInUrl(address: string): string | undefined {
  const hasScheme = /^\w+:\/\//.test(address);
  if (!hasScheme && !address.includes("/")) return undefined;
  const url = URL.parse(hasScheme ? address : `https://${address}`);
  if (url === null || url.hostname === "") return undefined;
  const isHttps = hasScheme && url.protocol === "https:";
  const port = url.port === "" && isHttps ? "443" : url.port;
  return port === "" ? url.hostname : `${url.hostname}:${port}`;
}

/** Splits a host, which may be empty, from the digits behind it; an IPv6 address has brackets around it. */
export function splitAddress(
  text: string,
): { readonly host: string; readonly port: string | undefined } | undefined {
  const form = /^(?:\[([\da-f:.]+)\]|([^\s:/@[\]]*))(?::(\d+))?$/i;
  const [whole, ipv6, name = "", port] = form.exec(text) ?? [];
  const isBad = whole === undefined ||
    (ipv6 !== undefined && !URL.canParse(`http://[${ipv6}]`));
  return isBad ? undefined : { host: ipv6 ?? name, port };
}

/** Returns whether a text of digits is a TCP port. */
export function isPort(digits: string): boolean {
  return Number(digits) >= 1 && Number(digits) <= 65_535;
}

/** Reads the base URL of Discord's API. */
export function readApiUrl(section: Section): string {
  // The names that the official plugin's TOML library tries for this field, in its order.
  const [key = "apiurl", ...others] = ["APIURL", "apiurl", "aPIURL"]
    .filter((name) => section.has(name));
  for (const other of others) {
    section.warning(
      other,
      `Key without effect beside ${key}`,
      "remove one of them",
    );
  }
  const text = section.string(key);
  if (text === undefined) return DEFAULT_API_URL;
  const url = URL.parse(text);
  const isPlain = url !== null && /^https?:$/.test(url.protocol) &&
    url.username === "" && url.password === "" && url.search === "" &&
    url.hash === "";
  if (!isPlain) {
    const found = text.includes("@") || text.includes("?")
      ? "another form of address"
      : describeValue(text);
    section.fault(
      key,
      `expected "https://host/path/", found ${found}`,
      "leave the key out: only tests and proxies need another address than Discord's",
    );
    return DEFAULT_API_URL;
  }
  if (url.protocol === "http:" && !isLoopback(url.hostname)) {
    section.warning(
      key,
      "Address without TLS: the bot token crosses the network in clear text",
      "write https:// if the server can",
    );
  }
  return url.href.endsWith("/") ? url.href : `${url.href}/`;
}

/** Returns whether a host is this machine. */
export function isLoopback(host: string): boolean {
  return host === "localhost" || host === "[::1]" || /^127\./.test(host);
}
