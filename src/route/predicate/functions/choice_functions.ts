/**
 * Functions that choose between values.
 *
 * Source: docs/design/routing-rules.md 4.3; what it leaves open was tried against Teleport 18.0.0.
 *
 * @module
 */

import {
  ANYTHING,
  BOOL,
  define,
  many,
  type Operation,
  OPTION,
} from "./operation.ts";
import { Option } from "./value.ts";

export const CHOICE_FUNCTIONS: readonly Operation[] = [
  // Both values are evaluated, whichever is taken.
  define(
    "ifelse",
    [BOOL, ANYTHING, ANYTHING],
    "any",
    (_call, holds, yes, no) => holds ? yes : no,
  ),
  define(
    "option",
    [BOOL, ANYTHING],
    "option",
    (_call, holds, value) => new Option(holds, value),
  ),
  define(
    "choose",
    [many(OPTION)],
    "any",
    (call, ...options) =>
      options.find(({ holds }) => holds)?.value ??
        call.fail("no option holds; end with option(true, …)"),
  ),
];
