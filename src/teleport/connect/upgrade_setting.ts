/**
 * The environment variable that says whether a connection upgrade is needed.
 *
 * Source: docs/design/teleport-routes.md 4.1.
 *
 * @module
 */

/** Name of the variable. */
export const UPGRADE_VARIABLE = "TELEPORT_TLS_ROUTING_CONN_UPGRADE";

/** Go's strconv.ParseBool, and the words that Teleport takes besides. */
const WORDS = new Map([
  ...["1", "t", "true", "y", "yes", "on"].map((word) => [word, true] as const),
  ...["0", "f", "false", "n", "no", "off"].map((word) =>
    [word, false] as const
  ),
]);

/**
 * Returns whether the address needs an upgrade; `undefined` if the variable does not say, so that all
 * routes are tried.
 *
 * @param value A list of `<bool>`, which counts for all, and `<address>=<bool>`.
 * @param address `host:port`.
 */
export function readUpgradeSetting(
  value: string | undefined,
  address: string,
): boolean | undefined {
  let forAll: boolean | undefined;
  for (const entry of (value ?? "").toLowerCase().split(/[;,]/)) {
    const [left = "", right] = entry.split("=").map((part) => part.trim());
    if (right === undefined) forAll = WORDS.get(left) ?? forAll;
    else if (left === address.toLowerCase() && WORDS.has(right)) {
      return WORDS.get(right);
    }
  }
  return forAll;
}
