import assert from "node:assert/strict";
import {
  isLinkForButton,
  normalizeWebLink,
  webLink,
  webLinkBase,
} from "../../src/message/web_link.ts";

Deno.test("webLinkBase()", { permissions: "none" }, async (t) => {
  const cases: [string, string | undefined][] = [
    ["teleport.example.com", "https://teleport.example.com"],
    ["teleport.example.com:443", "https://teleport.example.com"],
    ["teleport.example.com:3080", "https://teleport.example.com:3080"],
    ["https://teleport.example.com:443/", "https://teleport.example.com"],
    ["http://localhost:3080", "http://localhost:3080"],
    ["[2001:db8::1]:443", "https://[2001:db8::1]"],
    [" teleport.example.com ", "https://teleport.example.com"],
    ["", undefined],
    ["ftp://teleport.example.com", undefined],
    ["https://user:pass@teleport.example.com", undefined],
    ["teleport.example.com:99999", undefined],
  ];
  for (const [address, base] of cases) {
    await t.step(
      `"${address}"`,
      () => assert.equal(webLinkBase(address), base),
    );
  }
});

Deno.test("webLink() percent-encodes the ID", { permissions: "none" }, () => {
  const base = "https://teleport.example.com";
  assert.equal(
    webLink(base, "01a20507-189a-7118-9fd8-327dc17e8f0a"),
    `${base}/web/requests/01a20507-189a-7118-9fd8-327dc17e8f0a`,
  );
  assert.equal(
    webLink(base, "../a b?c"),
    `${base}/web/requests/..%2Fa%20b%3Fc`,
  );
  assert.equal(webLink(base, "\ud800"), `${base}/web/requests/%EF%BF%BD`);
});

Deno.test("normalizeWebLink() refuses what Discord refuses", {
  permissions: "none",
}, () => {
  const link = "https://teleport.example.com/web/requests/1";
  assert.equal(normalizeWebLink(link), link);
  assert.equal(
    normalizeWebLink("https://example.com/a b)"),
    "https://example.com/a%20b)",
  );
  assert.equal(
    normalizeWebLink("https://example.com/?`"),
    "https://example.com/?%60",
  );
  assert.equal(normalizeWebLink("javascript:alert(1)"), undefined);
  assert.equal(normalizeWebLink("no link"), undefined);
  const fit = "https://example.com/".padEnd(512, "a");
  assert.equal(normalizeWebLink(fit), fit);
  assert.equal(normalizeWebLink(fit + "a"), undefined);
});

Deno.test("isLinkForButton() wants a host that Discord takes", {
  permissions: "none",
}, () => {
  for (
    const [host, taken] of [
      ["teleport.example.com:3080", true],
      ["192.0.2.7:3080", true],
      ["teleport:3080", false],
      ["teleport.", false],
      ["localhost", false],
      ["[2001:db8::1]", false],
      ["[::ffff:192.0.2.7]:3080", false],
    ] as const
  ) {
    assert.equal(
      isLinkForButton(`https://${host}/web/requests/1`),
      taken,
      host,
    );
  }
  assert.equal(isLinkForButton("no link"), false);
});
