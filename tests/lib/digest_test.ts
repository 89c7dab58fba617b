import assert from "node:assert/strict";
import fc from "fast-check";
import { shortDigest } from "../../src/lib/digest.ts";

const permissions = "none";

Deno.test("a digest never changes from one release to the next", {
  permissions,
}, () => {
  // SHA-256 of `["announce","01a2","110000000000001001",1]`: a nonce that must outlive a restart.
  assert.equal(
    shortDigest("announce", "01a2", "110000000000001001", 1),
    "Zb7CfiMq4FlBemW4NpZuFm",
  );
});

Deno.test("a digest is 22 characters of base64url", { permissions }, () => {
  const values = fc.array(fc.oneof(fc.string(), fc.integer()));
  fc.assert(fc.property(values, (values) => {
    assert.match(shortDigest(...values), /^[\w-]{22}$/);
  }));
});

Deno.test("it matters where a value ends and whether it is a number", {
  permissions,
}, () => {
  const digests = [
    shortDigest(),
    shortDigest(""),
    shortDigest("", ""),
    shortDigest("ab", "c"),
    shortDigest("a", "bc"),
    shortDigest("abc"),
    shortDigest("c", "ab"),
    shortDigest('a","bc'),
    shortDigest(1),
    shortDigest("1"),
  ];
  assert.equal(new Set(digests).size, digests.length);
});
