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

/** Sample values of this program's example and of the product's guide. */
const PLACEHOLDER = /^(?:secret-token|x{5,}|your[-_].*|<.*>)$/i;

const WHERE =
  "copy the token from the Bot page of the application in the Discord developer portal";

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
  if (PLACEHOLDER.test(token)) {
    return {
      usable: false,
      detail: "expected a bot token, found the sample value",
      hint: WHERE,
    };
  }
  if (/^bot\s/i.test(token)) {
    return {
      usable: false,
      detail: 'expected a bot token alone, found "Bot " before it',
      hint: 'remove the word "Bot" and the blank behind it',
    };
  }
  if (/^["'`]|["'`]$/.test(token)) {
    return {
      usable: false,
      detail: "expected a bot token alone, found quotes around it",
      hint: "remove the quotes around the token",
    };
  }
  if (/^\w+ *=/.test(token)) {
    return {
      usable: false,
      detail: 'expected a bot token alone, found a name and "=" before it',
      hint: 'remove the name and the "="',
    };
  }
  if (/^\w+:\/\//.test(token)) {
    return {
      usable: false,
      detail: "expected a bot token, found a web address",
      hint: `${WHERE}: an invitation or a webhook does not do`,
    };
  }
  if (/^[~$]|[/\\]/.test(token)) {
    return {
      usable: false,
      detail: "expected a bot token, found a path or a variable",
      hint:
        "write the token itself, or the path of a file with it, such as ./token: ~ and variables are not replaced here",
    };
  }
  if (/\s/.test(token)) {
    return {
      usable: false,
      detail: "expected a bot token, found white space in it",
      hint: `${WHERE}; it is one word`,
    };
  }
  if (!/^[\x21-\x7e]+$/.test(token)) {
    return {
      usable: false,
      detail: "expected a bot token, found characters that no token has",
      hint: WHERE,
    };
  }
  if (/^[^.]+\.[^.]+\.[^.]+$/.test(token)) return undefined;
  return {
    usable: true,
    detail: "Bot token without the usual form of three parts with dots between",
    hint: `if Discord refuses it, ${WHERE}`,
  };
}
