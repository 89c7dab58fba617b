import assert from "node:assert/strict";
import { parseEmailLocal } from "../../../../src/route/predicate/text/email_address.ts";
import go from "../../../fixtures/email-go.json" with { type: "json" };

Deno.test(
  "e-mail addresses are taken as by Go",
  { permissions: "none" },
  () => {
    for (const [text, local] of go.rows) {
      assert.ok(typeof text === "string");
      assert.equal(parseEmailLocal(text) ?? null, local, JSON.stringify(text));
    }
  },
);
