/**
 * Functions that choose between values.
 *
 * Source: docs/design/routing-rules.md 4.3; what it leaves open was tried against Teleport 18.0.0.
 *
 * @module
 */

import { ANYTHING, BOOL, define, type Operation, OPTION } from "./operation.ts";
import { Option } from "./value.ts";

/** Both values are evaluated, whichever is taken. */
const ifelse = define({
  name: "ifelse",
  params: [BOOL, ANYTHING, ANYTHING],
  result: "any",
  run: (_call, condition, whenTrue, whenFalse) =>
    condition ? whenTrue : whenFalse,
});

const option = define({
  name: "option",
  params: [BOOL, ANYTHING],
  result: "option",
  run: (_call, holds, value) => new Option(holds, value),
});

const choose = define({
  name: "choose",
  params: [],
  rest: OPTION,
  result: "any",
  run: (call, ...options) =>
    options.find(({ holds }) => holds)?.value ??
      call.fail("no option holds; end with option(true, …)"),
});

export const CHOICE_FUNCTIONS: readonly Operation[] = [ifelse, option, choose];
