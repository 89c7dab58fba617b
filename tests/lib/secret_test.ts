import assert from "node:assert/strict";
import { format, inspect } from "node:util";
import { Secret } from "../../src/lib/secret.ts";

const permissions = "none";
const VALUE = "hunter2";

Deno.test("reveal() gives the secret out", { permissions }, () => {
  assert.equal(new Secret(VALUE).reveal(), VALUE);
});

Deno.test("nothing else does", { permissions }, async (t) => {
  const secret = new Secret(VALUE);
  const error = new Error("refused", { cause: secret });
  const holder = { token: secret, list: [secret], map: new Map([[1, secret]]) };
  const deep = { depth: Infinity, showHidden: true, getters: true };
  const texts: Record<string, string> = {
    "toString()": secret.toString(),
    "String()": String(secret),
    "a template": `Bot ${secret}`,
    "adding it": "Bot " + secret,
    "join()": ["Bot", secret].join(" "),
    "JSON": JSON.stringify(secret),
    "JSON of its holder": JSON.stringify({ ...holder, map: [...holder.map] }),
    "Deno.inspect()": Deno.inspect(secret),
    "Deno.inspect() of its holder": Deno.inspect(holder, deep),
    "inspect() of node:util": inspect(secret, deep),
    "inspect() of its holder": inspect(holder, deep),
    "format() of node:util": format(
      "%s %o %O %j",
      secret,
      secret,
      secret,
      secret,
    ),
    "the cause of an error": Deno.inspect(error, deep) + inspect(error, deep),
  };
  for (const [way, text] of Object.entries(texts)) {
    await t.step(way, () => {
      assert.ok(!text.includes(VALUE), text);
      assert.ok(text.includes("<redacted>"), text);
    });
  }
});

Deno.test("a copy does not have it either", { permissions }, () => {
  const secret = new Secret(VALUE);
  assert.deepEqual(Reflect.ownKeys(secret), []);
  for (const copy of [{ ...secret }, structuredClone(secret)]) {
    assert.ok(!inspect(copy, { showHidden: true }).includes(VALUE));
  }
});
