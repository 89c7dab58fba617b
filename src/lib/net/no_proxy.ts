/**
 * Which hosts `NO_PROXY` exempts.
 *
 * Source: Go's golang.org/x/net/http/httpproxy 0.62.0, whose rules users of Go programs know; compared with
 * its answers (`tests/fixtures/no-proxy-go.json`).
 *
 * @module
 */

import { BlockList, isIP } from "node:net";
import { domainToASCII } from "node:url";

/** An IP address in the one spelling that each has; an IPv4 address in an IPv6 one is an IPv4 address. */
interface Address {
  readonly text: string;
  readonly family: "ipv4" | "ipv6";
}

/**
 * Tells whether a host is reached without a proxy. This machine always is.
 *
 * @param host Without the brackets of an IPv6 address; a zone (`fe80::1%eth0`) does not count.
 * @param noProxy Entries with commas between: `*`, networks (`10.0.0.0/8`), addresses, and names, which stand
 * for their subdomains too (`example.com`) or for these alone (`.example.com`). Addresses and names may have
 * a port (`example.com:443`).
 */
export function isExempt(host: string, port: number, noProxy: string): boolean {
  const name = toAscii(host.trim().toLowerCase());
  const address = parseAddress(name.replace(/%.+$/, ""));
  if (name === "localhost" || isLoopback(address)) return true;
  return noProxy.split(",").map((entry) => entry.trim().toLowerCase())
    .some((entry) => matches(name, address, port, entry));
}

function matches(
  name: string,
  address: Address | undefined,
  port: number,
  entry: string,
): boolean {
  if (entry === "*") return true;
  const network = parseNetwork(entry);
  if (network !== undefined) return contains(network, address);
  const { host, port: only = "" } = splitHostPort(entry) ?? { host: entry };
  if (host === "" || (only !== "" && only !== String(port))) return false;
  const whole = parseAddress(host);
  if (whole !== undefined) {
    return whole.text === address?.text && whole.family === address.family;
  }
  // A name stands for no address, whatever its end looks like.
  if (address !== undefined) return false;
  const suffix = toAscii(host.startsWith("*.") ? host.slice(1) : host);
  return suffix.startsWith(".")
    ? name.endsWith(suffix)
    : name === suffix || name.endsWith(`.${suffix}`);
}

const LOOPBACK = { text: "127.0.0.0", family: "ipv4", prefix: 8 } as const;

function isLoopback(address: Address | undefined): boolean {
  return address?.text === "::1" || contains(LOOPBACK, address);
}

/** A network: an address, and how many of its bits count. */
interface Network extends Address {
  readonly prefix: number;
}

/** A network of one family holds no address of the other: `::/0` no IPv4 address. */
function contains(network: Network, address: Address | undefined): boolean {
  if (address?.family !== network.family) return false;
  const list = new BlockList();
  list.addSubnet(network.text, network.prefix, network.family);
  return list.check(address.text, address.family);
}

function parseNetwork(text: string): Network | undefined {
  const [, base = "", digits = ""] = /^([^/%]+)\/(\d+)$/.exec(text) ?? [];
  const version = isIP(base);
  const prefix = Number(digits);
  if (version === 0 || prefix > (version === 4 ? 32 : 128)) return undefined;
  const address = parseAddress(base);
  if (address === undefined) return undefined;
  if (version === 4 || address.family === "ipv6") return { ...address, prefix };
  // An IPv4 network that is written as an IPv6 one.
  return prefix < MAPPED_BITS
    ? { text: `::ffff:${address.text}`, family: "ipv6", prefix }
    : { ...address, prefix: prefix - MAPPED_BITS };
}

/** How many bits of an IPv6 address stand before the IPv4 address in it. */
const MAPPED_BITS = 96;

/** Reads an IP address without a zone; `undefined` for another text. */
function parseAddress(text: string): Address | undefined {
  const version = isIP(text);
  if (version === 0 || text.includes("%")) return undefined;
  if (version === 4) return { text, family: "ipv4" };
  // The parser of URLs has one spelling for each address.
  const plain = new URL(`http://[${text}]`).hostname.slice(1, -1);
  const [, high, low] = /^::ffff:([\da-f]+):([\da-f]+)$/.exec(plain) ?? [];
  if (high === undefined || low === undefined) {
    return { text: plain, family: "ipv6" };
  }
  const bytes = [high, low].map((group) => Number.parseInt(group, 16))
    .flatMap((group) => [group >> 8, group & 0xff]);
  return { text: bytes.join("."), family: "ipv4" };
}

/** Splits `host:port` as Go does; `undefined` for a host alone, brackets included. */
function splitHostPort(
  text: string,
): { readonly host: string; readonly port: string } | undefined {
  const { host, bracketed, port } =
    /^(?:(?<host>[^:[\]]*)|\[(?<bracketed>[^[\]]*)\]):(?<port>[^:[\]]*)$/
      .exec(text)?.groups ?? {};
  return port === undefined
    ? undefined
    : { host: bracketed ?? host ?? "", port };
}

/** Writes a name of any language as DNS has it. */
function toAscii(name: string): string {
  if (/^[\0-\x7f]*$/.test(name)) return name;
  const [, dot = "", rest = name] = /^(\.)(.*)$/s.exec(name) ?? [];
  const ascii = domainToASCII(rest);
  return ascii === "" ? name : dot + ascii;
}
