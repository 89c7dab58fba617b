/**
 * How much a condition may ask for.
 *
 * An administrator writes a condition and a requester fills in what it looks at; neither may keep the
 * plugin busy.
 *
 * @module
 */

/** UTF-16 code units of a condition. */
export const MAX_TEXT_UNITS = 65_536;

/** How deep one expression may stand in others; a row of `&&` or of `||` counts once. */
export const MAX_DEPTH = 200;

/**
 * Steps of one evaluation: one for each expression, for each element that is looked at, and for each
 * character that a function reads or writes. A million take some 50 ms, or half a second at worst.
 */
export const MAX_STEPS = 1_000_000;
