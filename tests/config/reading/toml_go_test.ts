import { deepStrictEqual } from "node:assert/strict";
import { readToml, TomlError } from "../../../src/config/reading/toml.ts";
import go from "../../fixtures/toml-go.json" with { type: "json" };

/** What this program makes of a text, in the form of the data. */
function read(text: string): unknown {
  try {
    return plain(readToml(text).root);
  } catch (error) {
    if (!(error instanceof TomlError)) throw error;
    return { refused: error.message };
  }
}

/** Writes numbers as text, since JSON would round them, and of a time only that it is one. */
function plain(value: unknown): unknown {
  if (typeof value === "number" || typeof value === "bigint") {
    return { number: `${value}` };
  }
  if (value instanceof Date) return { time: true };
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, each]) => [key, plain(each)]),
  );
}

Deno.test(
  "TOML is read as the official plugin reads it",
  { permissions: "none" },
  () => {
    for (const [text, value] of go.same) {
      const here = read(`${text}`);
      if (value !== null) deepStrictEqual(here, value, `${text}`);
      else deepStrictEqual(Object.keys(here as object), ["refused"], `${text}`);
    }
  },
);

Deno.test(
  "where TOML is read otherwise than by the official plugin, that is known",
  { permissions: "none" },
  () => {
    for (const [text, value, here] of go.other) {
      deepStrictEqual(read(`${text}`), here, `${text}: ${value}`);
    }
  },
);
