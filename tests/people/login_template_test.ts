import assert from "node:assert/strict";
import { expandLogins } from "../../src/people/login_template.ts";
import type { Traits } from "../../src/ports/user.ts";
import { isTemplate } from "../../src/record/missing.ts";
import real from "../fixtures/login-templates.json" with { type: "json" };

const permissions = "none";
const TRAITS: Traits = new Map(Object.entries(real.traits));
const ANY_CALL = /\b[a-z]\w*\.?\w*\(/i;
const KNOWN_CALL = /\b(?:email\.local|regexp\.replace)\(/;

// Each role has one login; its principals were read from a certificate that Teleport 18.0.0 signed.
Deno.test("templates give the logins that Teleport puts into certificates", {
  permissions,
}, async (t) => {
  for (const [template, principals] of Object.entries(real.logins)) {
    await t.step(JSON.stringify(template), async () => {
      const actual = await expandLogins([template], TRAITS);
      // What a newer Teleport may know is shown as it stands in the role.
      const isUnknown = ANY_CALL.test(template) && !KNOWN_CALL.test(template);
      const expected = isUnknown ? [template] : principals;
      assert.deepEqual(actual.toSorted(), expected.toSorted());
    });
  }
});

Deno.test(
  "logins without a template stay as they are, and each is there once",
  {
    permissions,
  },
  async () => {
    const logins = ["root", "a b", "{{external.logins}}", "root", "al", "{x}"];
    const expected = ["root", "a b", "alice", "al", "{x}"];
    assert.deepEqual(await expandLogins(logins, TRAITS), expected);
    assert.deepEqual(logins.map(isTemplate), [
      false,
      false,
      true,
      false,
      false,
      false,
    ]);
  },
);

Deno.test("an expression that would take for ever comes to nothing", {
  permissions,
}, async () => {
  const traits = new Map([["long", ["a".repeat(100_000)]]]);
  const template = `{{regexp.replace(external.long, "(a*)*b", "x")}}`;
  assert.deepEqual(await expandLogins([template], traits), []);
});
