/**
 * Links to the page of an access request in Teleport's web UI.
 *
 * Sources: docs/design/official-plugin.md 1; docs/design/official-message.md 1;
 * docs/design/discord-text.md 1 (length).
 *
 * @module
 */

/** Longest URL of a link button. */
const MAX_URL_UNITS = 512;

/**
 * Returns the start of every link for a Proxy's public address such as `teleport.example.com:443`.
 *
 * @returns An origin without default port and trailing slash; `undefined` if the address is no
 * HTTP address.
 */
export function webLinkBase(webAddress: string): string | undefined {
  const address = webAddress.trim();
  const url = parseHttpUrl(
    address.includes("://") ? address : `https://${address}`,
  );
  return url?.origin;
}

/** Returns the page of one request below a base that {@linkcode webLinkBase} returned. */
export function webLink(base: string, requestId: string): string {
  return `${base}/web/requests/${encodeURIComponent(requestId.toWellFormed())}`;
}

/** Returns the link in a form that Discord accepts for a button; `undefined` if there is none. */
export function normalizeWebLink(link: string): string | undefined {
  // The one mark of Markdown that a query may hold and that reaches beyond the link.
  const href = parseHttpUrl(link)?.href.replaceAll("`", "%60");
  return href !== undefined && href.length <= MAX_URL_UNITS ? href : undefined;
}

/**
 * Whether Discord takes a link for a button: it refuses hosts without a dot and IPv6 addresses, and the whole
 * message with them (50035, URL_TYPE_INVALID_URL). In a text every link is taken.
 *
 * Source: alertmanager-discord#19, bugsink#280.
 */
export function isLinkForButton(link: string): boolean {
  const host = URL.parse(link)?.hostname.replace(/\.$/, "") ?? "";
  return host.includes(".") && !host.startsWith("[");
}

function parseHttpUrl(text: string): URL | undefined {
  const url = URL.parse(text);
  if (url === null) return undefined;
  const isHttp = url.protocol === "https:" || url.protocol === "http:";
  return isHttp && url.username === "" && url.password === "" ? url : undefined;
}
