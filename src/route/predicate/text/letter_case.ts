/**
 * Upper and lower case as Go has it: character by character, so that no text gets longer.
 *
 * @module
 */

/** The Greek letters of which the upper case with an iota below is a character of its own. */
const WITH_IOTA = /^[\u1f80-\u1faf\u1fb3\u1fc3\u1ff3]$/;

/** Returns the text in upper case; `ß` stays, for its upper case is two characters. */
export function upperCase(text: string): string {
  return mapChars(text, (char) => {
    if (!WITH_IOTA.test(char)) return char.toUpperCase();
    const code = char.charCodeAt(0);
    return String.fromCharCode(code < 0x1fb0 ? code | 8 : code + 9);
  });
}

/** Returns the text in lower case; a sigma at the end of a word is one like any other. */
export function lowerCase(text: string): string {
  return mapChars(text, (char) => char === "\u0130" ? "i" : char.toLowerCase());
}

function mapChars(text: string, map: (char: string) => string): string {
  let mapped = "";
  for (const char of text) {
    const other = map(char);
    mapped += Array.from(other).length === 1 ? other : char;
  }
  return mapped;
}
