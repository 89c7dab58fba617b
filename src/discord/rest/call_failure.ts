/**
 * Turns failed calls into errors that are safe to log.
 *
 * Nothing is repeated that came from the network, but for error codes and the paths of refused fields.
 *
 * @module
 */

import { TOO_MANY_FILES } from "../../lib/host/open_files.ts";
import { OperatorError } from "../../lib/operator_error.ts";
import { DiscordApiError } from "../../ports/discord_error.ts";
import type { ApiRoute } from "../rate_limit/api_route.ts";
import { readLimits, readRetryAfterMs } from "../rate_limit/limit_headers.ts";
import { type Answer, isObject, type JsonObject } from "./answer.ts";
import { ERROR_NAMES } from "./error_names.ts";

/** How many faults of a refused form are named in a text, and how many are read. */
const MAX_FAULTS = 5;
const MAX_READ_FAULTS = 100;

/** What is looked for in the words of the runtime, which hold the URL, and what is said instead. */
const CAUSES: readonly (readonly [RegExp, string])[] = [
  [/dns error/i, "the name cannot be looked up"],
  [/connection refused/i, "connection refused"],
  [/unreachable/i, "network unreachable"],
  [/timed out/i, "connection timed out"],
  [/too many open files|EMFILE/i, TOO_MANY_FILES],
  [
    /UnknownIssuer|self.?signed|unable to (get|verify)|unknown ca/i,
    "its certificate is signed by nobody whom this machine trusts; if a proxy looks into TLS, DENO_CERT names its authority",
  ],
  [
    /certificate.*(NotValidYet|not yet valid)/i,
    "its certificate is not valid yet by the clock of this machine",
  ],
  [
    /certificate.*expired/i,
    "its certificate has expired by the clock of this machine",
  ],
  [
    /certificate.*(NotValidForName|altnames|not valid for)/i,
    "its certificate is for another name",
  ],
  [/certificate|handshake|tls|corrupt message/i, "the TLS handshake failed"],
  [/closed before message completed|reset|broken pipe/i, "connection reset"],
  [/proxy|tunnel/i, "the proxy refused"],
];

/** Says that an answer is no success, and why. */
export function failedAnswer(route: ApiRoute, answer: Answer): DiscordApiError {
  const { status, headers, error } = answer;
  // A refusal that says no time keeps the calls back all the same.
  const { refusal } = readLimits(status, headers, error);
  return new DiscordApiError(route.name, describe(answer), {
    status,
    code: error && codeOf(error),
    retryAfterMs: refusal?.waitMs ?? readRetryAfterMs(headers, error),
    faults: listFaults(error?.errors).map((fault) => fault.replace(/ .*/, "")),
  });
}

/** Says that no answer came, and why; the thrown value itself is dropped, since it names the URL. */
export function failedFetch(route: ApiRoute, thrown: unknown): DiscordApiError {
  if (thrown instanceof OperatorError) return noAnswer(route, thrown.message);
  const text = thrown instanceof Error
    ? `${thrown.message} ${thrown.cause}`
    : "";
  return noAnswer(route, `no answer: ${nameCause(text)}`);
}

/** Says why a connection failed, in words of our own instead of the runtime's. */
export function nameCause(text: string): string {
  const words = text.replaceAll(/\bhttps?:\/\/\S+/g, "");
  return CAUSES.find(([pattern]) => pattern.test(words))?.[1] ??
    "the connection failed";
}

/** Says that no answer, or only a part of it, came in time. */
export function timedOut(route: ApiRoute, afterMs: number): DiscordApiError {
  return noAnswer(route, `no answer within ${afterMs / 1_000} s`);
}

function noAnswer({ name }: ApiRoute, detail: string): DiscordApiError {
  return new DiscordApiError(name, detail, { status: 0 });
}

/** Discord uses 0 itself for "no special code". */
function codeOf({ code }: JsonObject): number {
  return typeof code === "number" ? code : 0;
}

function describe({ status, error }: Answer): string {
  if (error === undefined) {
    if (status >= 300 && status < 400) {
      return `${status}, and redirects are not followed`;
    }
    return status < 300
      ? `${status}, but the answer is incomplete`
      : `${status}, not in Discord's form`;
  }
  const code = codeOf(error);
  const name = ERROR_NAMES[code] ??
    (status === 429 ? "rate limited" : undefined);
  const faults = listFaults(error.errors).slice(0, MAX_FAULTS);
  return [
    `${status}${name === undefined ? "" : `, ${name}`}`,
    code === 0 ? "" : ` (code ${code})`,
    faults.length === 0 ? "" : `: ${faults.join("; ")}`,
  ].join("");
}

/**
 * Flattens the `errors` tree of a refused form to lines such as
 * `embeds[0].description BASE_TYPE_MAX_LENGTH`.
 *
 * Source: Discord developer docs, "Error Messages": the tree mirrors the request; array indexes are keys.
 */
function listFaults(tree: unknown, path = ""): string[] {
  if (!isObject(tree)) return [];
  const faults: string[] = [];
  for (const [key, value] of Object.entries(tree)) {
    if (faults.length >= MAX_READ_FAULTS) break;
    if (key === "_errors" && Array.isArray(value)) {
      faults.push(...value.flatMap((leaf) => faultCode(leaf, path)));
    } else if (/^\d{1,3}$/.test(key)) {
      faults.push(...listFaults(value, `${path}[${key}]`));
    } else if (/^[a-z_]{1,40}$/.test(key)) {
      faults.push(...listFaults(value, path === "" ? key : `${path}.${key}`));
    }
  }
  return faults;
}

function faultCode(leaf: unknown, path: string): string[] {
  const code = isObject(leaf) ? leaf.code : undefined;
  return typeof code === "string" && /^[A-Z\d_]{1,60}$/.test(code)
    ? [`${path} ${code}`.trim()]
    : [];
}
