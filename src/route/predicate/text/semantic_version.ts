/**
 * Semantic versions. Source: semver.org, version 2.0.0, sections 2, 9, 10 and 11.
 *
 * @module
 */

/** A version without its build metadata, which do not count when versions are compared. */
export interface Version {
  /** Major, minor, patch. */
  readonly numbers: readonly bigint[];
  /** Identifiers behind the hyphen; empty for a release. */
  readonly prerelease: readonly string[];
}

const IDENTIFIERS = "[\\dA-Za-z-]+(?:\\.[\\dA-Za-z-]+)*";
const VERSION = new RegExp(
  `^v?(?<numbers>\\d+\\.\\d+\\.\\d+)(?:-(?<pre>${IDENTIFIERS}))?(?:\\+${IDENTIFIERS})?$`,
);

/** Parses a version such as `18.0.1` or `v18.0.1-rc.1`; `undefined` if it is none. */
export function parseVersion(text: string): Version | undefined {
  const { numbers, pre } = VERSION.exec(text)?.groups ?? {};
  if (numbers === undefined) return undefined;
  return {
    numbers: numbers.split(".").map(BigInt),
    prerelease: pre?.split(".") ?? [],
  };
}

/** Returns less than, equal to, or more than 0 as `a` is older than, equal to, or newer than `b`. */
export function compareVersions(a: Version, b: Version): number {
  for (const [i, number] of a.numbers.entries()) {
    const difference = number - (b.numbers[i] ?? 0n);
    if (difference !== 0n) return difference < 0n ? -1 : 1;
  }
  // A release is newer than what led to it.
  if (a.prerelease.length === 0 || b.prerelease.length === 0) {
    return b.prerelease.length - a.prerelease.length;
  }
  for (const [i, identifier] of a.prerelease.entries()) {
    const other = b.prerelease[i];
    if (other === undefined) return 1;
    const difference = compareIdentifiers(identifier, other);
    if (difference !== 0) return difference;
  }
  return a.prerelease.length - b.prerelease.length;
}

/** Numbers compare as such and are less than everything else. */
function compareIdentifiers(a: string, b: string): number {
  const [isNumber, otherIsNumber] = [/^\d+$/.test(a), /^\d+$/.test(b)];
  if (isNumber !== otherIsNumber) return isNumber ? -1 : 1;
  if (a === b) return 0;
  if (isNumber) return BigInt(a) < BigInt(b) ? -1 : 1;
  return a < b ? -1 : 1;
}
