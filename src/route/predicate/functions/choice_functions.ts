/**
 * Functions that choose between values.
 *
 * Source: docs/design/routing-rules.md 4.3; what it leaves open was tried against Teleport 18.0.0.
 *
 * @module
 */

import { any, type Definition, many, option } from "./operation.ts";

export const CHOICE_FUNCTIONS: Readonly<Record<string, Definition>> = {
  // Both values are evaluated, whichever is taken.
  ifelse: any(["bool", "any", "any"], (_, holds, yes, no) => holds ? yes : no),
  option: option(
    ["bool", "any"],
    (_, holds, it) => ({ kind: "option", holds, value: it }),
  ),
  choose: any(
    [many("option")],
    (call, ...options) =>
      options.find(({ holds }) => holds)?.value ??
        call.fail("no option holds; end with option(true, …)"),
  ),
};
