/**
 * What a Discord bot token may look like.
 *
 * @module
 */

import { Secret } from "../../lib/secret.ts";
import type { KeyPath } from "../reading/problem.ts";
import type { ProblemList } from "../reading/problem_list.ts";

/** What is wrong with a token; the texts never hold any part of it. */
export interface TokenFlaw {
  readonly detail: string;
  readonly hint: string;
}

/** What was found in the place of the token. */
export type TokenReading =
  | { readonly token: Secret; readonly flaw: TokenFlaw | undefined }
  /** None that could be tried. */
  | { readonly token: undefined; readonly flaw: TokenFlaw };

const WHERE =
  "copy the token from the Bot page of the application in the Discord developer portal";

/** What can be no token, what it shows, and what to do: of several, the first that fits counts. */
const UNUSABLE: readonly (readonly [RegExp, string, string])[] = [
  [
    // Sample values of this program's example and of the product's guide.
    /^(?:secret-token|x{5,}|your[-_].*|<.*>)$/i,
    "expected a bot token, found the sample value",
    WHERE,
  ],
  [
    /^bot\s/i,
    'expected a bot token alone, found "Bot " before it',
    'remove the word "Bot" and the blank behind it',
  ],
  [
    /^["'`]|["'`]$/,
    "expected a bot token alone, found quotes around it",
    "remove the quotes around the token",
  ],
  [
    /^\w+ *=/,
    'expected a bot token alone, found a name and "=" before it',
    'remove the name and the "="',
  ],
  [
    /^\w+:\/\//,
    "expected a bot token, found a web address",
    `${WHERE}: an invitation or a webhook does not do`,
  ],
  [
    /^[~$]|[/\\]/,
    "expected a bot token, found a path or a variable",
    "write the token itself, or the path of a file with it, such as ./token: ~ and variables are not replaced here",
  ],
  [
    /\s/,
    "expected a bot token, found white space in it",
    `${WHERE}; it is one word`,
  ],
  [
    /[^\x21-\x7e]/,
    "expected a bot token, found characters that no token has",
    WHERE,
  ],
];

/**
 * Whether a value in the place of the token is the path of a file: no token has a slash in it. What a shell
 * would replace stays as it is, so that it is none, nor are a web address and a token with something around.
 */
export function isTokenPath(value: string): boolean {
  return value.includes("/") &&
    !/^(?:[~$"'`]|bot\s|\w+ *=|\w+:\/\/)/i.test(value);
}

/** Looks at a text in the place of the token. */
export function readTokenText(text: string): TokenReading {
  const [, detail, hint] = UNUSABLE.find(([form]) => form.test(text)) ?? [];
  if (detail !== undefined && hint !== undefined) {
    return { token: undefined, flaw: { detail, hint } };
  }
  const token = new Secret(text);
  if (/^[^.]+\.[^.]+\.[^.]+$/.test(text)) return { token, flaw: undefined };
  return {
    token,
    flaw: {
      detail:
        "Bot token without the usual form of three parts with dots between",
      hint: `if Discord refuses it, ${WHERE}`,
    },
  };
}

/** Notes what is wrong with a token; none that could be tried is a fault. */
export function reportToken(
  { token, flaw }: TokenReading,
  path: KeyPath,
  problems: ProblemList,
): void {
  if (flaw === undefined) return;
  const report = token === undefined ? "fault" : "warning";
  problems[report](path, flaw.detail, flaw.hint);
}
