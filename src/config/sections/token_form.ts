/**
 * What a Discord bot token may look like.
 *
 * @module
 */

/** What is wrong with a token; the texts never hold any part of it. */
export interface TokenFlaw {
  /** Whether it can still be tried. */
  readonly usable: boolean;
  readonly detail: string;
  readonly hint: string;
}

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

/** Returns what is wrong with a token, if anything is. */
export function findTokenFlaw(token: string): TokenFlaw | undefined {
  const [, detail, hint] = UNUSABLE.find(([form]) => form.test(token)) ?? [];
  if (detail !== undefined && hint !== undefined) {
    return { usable: false, detail, hint };
  }
  if (/^[^.]+\.[^.]+\.[^.]+$/.test(token)) return undefined;
  return {
    usable: true,
    detail: "Bot token without the usual form of three parts with dots between",
    hint: `if Discord refuses it, ${WHERE}`,
  };
}
