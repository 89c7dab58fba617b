/**
 * What a Discord bot token may look like.
 *
 * @module
 */

import { Secret } from "../../lib/secret.ts";
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
const UNUSABLE: readonly (TokenFlaw & { readonly form: RegExp })[] = [
  {
    // Sample values of this program's example and of the product's guide.
    form: /^(?:secret-token|x{5,}|your[-_].*|<.*>)$/i,
    detail: "expected a bot token, found the sample value",
    hint: WHERE,
  },
  {
    form: /^bot\s/i,
    detail: 'expected a bot token alone, found "Bot " before it',
    hint: 'remove the word "Bot" and the blank behind it',
  },
  {
    form: /^["'`]|["'`]$/,
    detail: "expected a bot token alone, found quotes around it",
    hint: "remove the quotes around the token",
  },
  {
    form: /^\w+ *=/,
    detail: 'expected a bot token alone, found a name and "=" before it',
    hint: 'remove the name and the "="',
  },
  {
    form: /^\w+:\/\//,
    detail: "expected a bot token, found a web address",
    hint: `${WHERE}: an invitation or a webhook does not do`,
  },
  {
    form: /^[~$]|[/\\]/,
    detail: "expected a bot token, found a path or a variable",
    hint:
      "write the token itself, or the path of a file with it, such as ./token: ~ and variables are not replaced here",
  },
  {
    form: /\s/,
    detail: "expected a bot token, found white space in it",
    hint: `${WHERE}; it is one word`,
  },
  {
    form: /[^\x21-\x7e]/,
    detail: "expected a bot token, found characters that no token has",
    hint: WHERE,
  },
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
  const unusable = UNUSABLE.find(({ form }) => form.test(text));
  if (unusable !== undefined) {
    const { detail, hint } = unusable;
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
  problems: ProblemList,
): void {
  if (flaw === undefined) return;
  const severity = token === undefined ? "fault" : "warning";
  problems.add(severity, ["discord", "token"], flaw.detail, flaw.hint);
}
