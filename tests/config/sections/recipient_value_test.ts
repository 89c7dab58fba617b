import { match, ok, strictEqual } from "node:assert/strict";
import {
  type ParsedValue,
  readMention,
  readRecipient,
  readUserId,
} from "../../../src/config/sections/recipient_value.ts";

const pure = { permissions: "none" } as const;

const ID = "123456789012345678";

const good: readonly (readonly [(value: unknown) => ParsedValue, string])[] = [
  [readRecipient, ID],
  [readRecipient, "12345678901234567"],
  [readRecipient, "12345678901234567890"],
  [readRecipient, `user:${ID}`],
  [readMention, `user:${ID}`],
  [readMention, `role:${ID}`],
  [readUserId, ID],
];

for (const [read, value] of good) {
  Deno.test(`${read.name}("${value}")`, pure, () => {
    const found = read(value);
    strictEqual("value" in found ? found.value : found.detail, value);
  });
}

const bad: readonly (readonly [
  (value: unknown) => ParsedValue,
  unknown,
  RegExp,
  RegExp,
])[] = [
  [
    readRecipient,
    1184n * 10n ** 15n + 7n,
    /the number 1184000000000000007/,
    /in quotes: "1184000000000000007"/,
  ],
  [readRecipient, 123, /the number 123/, /in quotes: "123"/],
  [readRecipient, 1.5, /the number 1.5/, /in quotes/],
  [readRecipient, true, /found true/, /in quotes/],
  [readRecipient, [ID], /found a list/, /one ID in quotes/],
  [readRecipient, { id: ID }, /found a table/, /one ID in quotes/],
  [readRecipient, "", /found ""/, /not its name/],
  [
    readRecipient,
    "1234567890123456",
    /found "1234567890123456"/,
    /17 to 20 digits/,
  ],
  [readRecipient, "123456789012345678901", /found/, /17 to 20 digits/],
  [
    readRecipient,
    "user:12",
    /found "user:12"/,
    /17 to 20 digits.*Copy User ID/,
  ],
  [readRecipient, ` ${ID}`, /found/, /remove the blanks/],
  ...[",", ", ", " ", ";"].map((between) =>
    [
      readRecipient,
      `${ID}${between}${ID}`,
      /found/,
      new RegExp(`^write a list: \\["${ID}", "${ID}"\\]$`),
    ] as const
  ),
  [
    readRecipient,
    `https://discord.com/channels/${ID}/223456789012345678`,
    /found/,
    /: "223456789012345678"$/,
  ],
  [
    readRecipient,
    `https://ptb.discord.com/channels/@me/${ID}/1234`,
    /found/,
    new RegExp(`"${ID}"`),
  ],
  [
    readRecipient,
    `discord.com/channels/1/${ID}?x=1`,
    /found/,
    new RegExp(`"${ID}"`),
  ],
  [
    readRecipient,
    `https://discord.com/channels/${ID}`,
    /found/,
    /no channel ID.*Copy Channel ID/,
  ],
  [readRecipient, "https://example.com/x", /found/, /no channel ID/],
  [readRecipient, "discord.gg/abc", /found/, /no channel ID/],
  [readRecipient, `<#${ID}>`, /found/, new RegExp(`write "${ID}"`)],
  [readRecipient, `<@${ID}>`, /found/, new RegExp(`"user:${ID}"`)],
  [readRecipient, `<@!${ID}>`, /found/, new RegExp(`"user:${ID}"`)],
  [readRecipient, `<@&${ID}>`, /found/, /role cannot receive/],
  [readRecipient, `role:${ID}`, /found/, /role cannot receive/],
  [readRecipient, `channel:${ID}`, /found/, new RegExp(`write "${ID}"`)],
  [readRecipient, `user: ${ID}`, /found/, new RegExp(`"user:${ID}"`)],
  [readRecipient, `User:${ID}`, /found/, new RegExp(`"user:${ID}"`)],
  [readRecipient, `@${ID}`, /found/, new RegExp(`"user:${ID}"`)],
  [readRecipient, "@alice", /found "@alice"/, /Copy User ID/],
  [readRecipient, "alice@example.com", /found/, /e-mail/],
  [readRecipient, "#general", /found "#general"/, /not its name/],
  [readRecipient, "general\n", /found "general\\n"/, /not its name/],
  [
    readRecipient,
    "１２３４５６７８９０１２３４５６７８",
    /found/,
    /not its name/,
  ],
  [readMention, ID, /"role:" or "user:"/, /role:123/],
  [readMention, "@everyone", /found "@everyone"/, /role:123/],
  [readMention, 123, /found the number 123/, /in quotes/],
  [readUserId, `user:${ID}`, /user ID of 17 to 20/, /Copy User ID/],
  [readUserId, 123, /found the number 123/, /in quotes: "123"/],
];

for (const [read, value, detail, hint] of bad) {
  const shown = typeof value === "object" ? "an object" : String(value);
  Deno.test(`${read.name}() refuses ${JSON.stringify(shown)}`, pure, () => {
    const found = read(value);
    ok("detail" in found, "it was accepted");
    match(found.detail, detail);
    match(found.hint, hint);
  });
}
