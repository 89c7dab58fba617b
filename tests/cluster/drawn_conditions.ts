/**
 * Conditions, role maps and requests that are drawn, the same ones for the same seed.
 *
 * @module
 */

/** Draws numbers and picks. */
export class Draw {
  #state: number;

  constructor(seed: number) {
    this.#state = seed >>> 0;
  }

  /** Returns a number from 0 to below 1. */
  next(): number {
    this.#state = (Math.imul(this.#state, 1664525) + 1013904223) >>> 0;
    // The low bits of such a generator repeat soon.
    return ((this.#state >>> 8) & 0xffffff) / 2 ** 24;
  }

  below(count: number): number {
    return Math.floor(this.next() * count);
  }

  pick<T>(items: readonly T[]): T {
    return items[this.below(items.length)] as T;
  }

  /** Returns some of the items, in their order. */
  some<T>(items: readonly T[], share = 0.4): T[] {
    return items.filter(() => this.next() < share);
  }
}

const TEXTS = [
  "dev",
  "ops",
  "DEV",
  "de",
  "",
  "alice",
  "red",
  "a-b",
  "x,y",
  "장애 #42",
  "🚀 Go",
  "ß",
  "İ",
  "ann@example.com",
  "g: ann@example.com;",
  "Ann <ann@example.com>",
  "ann@[10.0.0.1]",
  "a b",
];

const PATTERNS = [
  "^d.*$",
  "^(?P<n>d)(?P<n>ev)$",
  "^(?i)DEV$",
  "d*",
  "*",
  "de?",
  "^\\\\p{Letter}+$",
  "^\\\\p{greek}$",
  "^\\\\p{Old_Italic}*$",
  "^\\\\P{Emoji}$",
  "^\\\\pL+$",
  "^(o)(p)(s)?$",
  "^[[:alpha:]]+$",
  "^[$",
  "^\\\\bdev\\\\b$",
  "^.$",
  "^(?:d|o)\\\\S*$",
];

const TEMPLATES = ["$n", "$1", "${1}x", "$2$1", "x", "", "$$", "$0-$0", "$9"];

const TIMES = [
  "2020-01-01T00:00:00Z",
  "2036-03-09T14:30:00+09:00",
  "2026-02-30T00:00:00Z",
  "2126-12-31T23:59:59.5Z",
  "now",
];

/** Conditions about which the two once differed, or of which a careful reader would doubt it. */
export const KNOWN_CONDITIONS: readonly string[] = [
  'email.local(set("g: ann@example.com;")).contains("ann")',
  'email.local(set("group: a@b;")).contains("a")',
  'email.local(set("=?utf-8?q?J=C3=B6rg?= <j@b>")).contains("j")',
  'regexp.replace(set("dev"), "^(?P<n>d)(?P<n>ev)$", "$n").contains("d")',
  'regexp.match(set("αβγ"), "^\\\\p{Greek}+$")',
  'regexp.match(set("αβγ"), "^\\\\p{greek}+$")',
  'regexp.match(set("abc"), "^\\\\p{Letter}+$")',
  'regexp.match(set("abc"), "^\\\\P{Old_Italic}+$")',
  'regexp.match(set("abc"), "^\\\\p{Alphabetic}+$")',
  'regexp.match(set("a\\nb"), "a*b")',
  'strings.upper(set("ß")).contains("SS")',
  'strings.upper(set("ß")).contains("ß")',
  'strings.lower(set("İ")).contains("i̇")',
  'strings.split(set("🚀a"), "").contains("🚀")',
];

/** Draws a condition; most are valid, and about half of those hold for some request. */
export function drawCondition(draw: Draw): string {
  return bool(draw, 3);
}

function bool(draw: Draw, depth: number): string {
  if (depth > 0 && draw.next() < 0.45) {
    const [a, b] = [bool(draw, depth - 1), bool(draw, depth - 1)];
    return draw.pick([
      () => `${a} && ${b}`,
      () => `${a} || ${b}`,
      () => `(${a})`,
      () => `!(${a})`,
      () => `!${a}`,
      () => `ifelse(${a}, ${b}, ${bool(draw, depth - 1)})`,
    ])();
  }
  return draw.pick([
    () => `${set(draw, depth)}.contains(${text(draw, depth)})`,
    () => `${set(draw, depth)}.contains_any(${set(draw, depth)})`,
    () => `${set(draw, depth)}.contains_all(${set(draw, depth)})`,
    () => `contains_any(${set(draw, depth)}, ${set(draw, depth)})`,
    () => `contains_all(${set(draw, depth)}, ${set(draw, depth)})`,
    () => `${set(draw, depth)}.isempty()`,
    () => `is_empty(${set(draw, depth)})`,
    () => `${text(draw, depth)} == ${text(draw, depth)}`,
    () => `${text(draw, depth)} != ${text(draw, depth)}`,
    () => `${time(draw)}.before(${time(draw)})`,
    () => `${time(draw)}.after(${time(draw)})`,
    () => `${time(draw)}.between(${time(draw)}, ${time(draw)})`,
    () => `contains(${set(draw, depth)}, ${text(draw, depth)})`,
    () => draw.next() < 0.7 ? draw.pick(["true", "false"]) : draw.pick(ODD),
  ])();
}

/** What somebody might write by mistake, or what 18.0.0 does not know yet. */
const ODD = [
  'regexp.match(access_request.spec.roles, "^d.*$")',
  'newer_than("2.0.0", "1.0.0")',
  'access_request.spec.resource_labels_union["env"].contains("prod")',
  'access_request.spec.roles == "dev"',
  'access_request.spec.role.contains("dev")',
  "access_request.spec.roles",
  '"dev"',
  "1 < 2",
  'contains("dev", access_request.spec.roles)',
  'user.traits["team"]',
  "set()",
  'access_request.spec.user == "alice" and true',
];

function set(draw: Draw, depth: number): string {
  const inputs = [
    "access_request.spec.roles",
    "access_request.spec.suggested_reviewers",
    'access_request.spec.system_annotations["service"]',
    'user.traits["team"]',
    'user.traits["none"]',
  ];
  if (depth <= 0 || draw.next() < 0.4) return draw.pick(inputs);
  const inner = () => set(draw, depth - 1);
  return draw.pick([
    () => `set(${draw.some(TEXTS, 0.15).map(quote).join(", ")})`,
    () => `set(${quote(draw.pick(TEXTS))})`,
    () => `union(${inner()}, ${inner()})`,
    () => `${inner()}.add(${quote(draw.pick(TEXTS))})`,
    () => `${inner()}.remove(${quote(draw.pick(TEXTS))})`,
    () => `strings.upper(${inner()})`,
    () => `strings.lower(${inner()})`,
    () => `strings.replaceall(${inner()}, "e", "E")`,
    () => `strings.split(${inner()}, ${quote(draw.pick(["e", "", ","]))})`,
    () => `email.local(set(${quote(draw.pick(TEXTS.slice(-6)))}))`,
    () => `email.local(${inner()})`,
    () =>
      `regexp.replace(${inner()}, ${quote(draw.pick(PATTERNS))}, ${
        quote(draw.pick(TEMPLATES))
      })`,
    () => `ifelse(${bool(draw, 0)}, ${inner()}, ${inner()})`,
    () => `dict(pair("a", ${inner()}))[${quote(draw.pick(["a", "b"]))}]`,
  ])();
}

function text(draw: Draw, depth: number): string {
  return draw.next() < 0.6 || depth <= 0 ? quote(draw.pick(TEXTS)) : draw.pick([
    "access_request.spec.user",
    "access_request.spec.request_reason",
    `strings.upper(${quote(draw.pick(TEXTS))})`,
    `strings.lower(access_request.spec.user)`,
    `strings.replaceall("dEv", "E", "e")`,
  ]);
}

function time(draw: Draw): string {
  return draw.pick([
    "access_request.spec.creation_time",
    "access_request.spec.expiry",
    `time.RFC3339(${quote(draw.pick(TIMES))})`,
  ]);
}

/** Backslashes are written by the texts themselves. */
function quote(text: string): string {
  return `"${text}"`;
}
