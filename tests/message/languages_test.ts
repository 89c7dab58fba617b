import assert from "node:assert/strict";
import { EN } from "../../src/message/catalogue/en.ts";
import { KO } from "../../src/message/catalogue/ko.ts";
import {
  type LanguageChoice,
  textsFor,
  textsForClick,
} from "../../src/message/catalogue/languages.ts";

const permissions = "none";

const CHANNEL = "800000000000000001";
const OTHER = "800000000000000002";
const USER = "1600000000000000001";
const CHOICE: LanguageChoice = {
  language: "ko",
  languageByRecipient: new Map([[CHANNEL, "en"], [`user:${USER}`, "en"]]),
};
const NOTHING: LanguageChoice = {
  language: undefined,
  languageByRecipient: new Map(),
};

Deno.test("a recipient has its own language, else that of all", {
  permissions,
}, () => {
  assert.equal(textsFor(CHOICE, CHANNEL), EN);
  assert.equal(textsFor(CHOICE, OTHER), KO);
  assert.equal(textsFor(CHOICE, `user:${USER}`), EN);
  assert.equal(textsFor(NOTHING, OTHER), EN);
  // The second of two messages of the official plugin in one channel.
  assert.equal(textsFor(CHOICE, `${CHANNEL}/900000000000000001`), EN);
});

Deno.test(
  "a click is answered in the language of the person, else of the place",
  {
    permissions,
  },
  () => {
    const click = {
      locale: "ko",
      guildId: "1",
      channelId: CHANNEL,
      userId: USER,
    } as const;
    assert.equal(textsForClick(CHOICE, click), KO);
    assert.equal(textsForClick(CHOICE, { ...click, locale: "en-US" }), EN);
    const other = { ...click, locale: "fr", channelId: OTHER };
    assert.equal(textsForClick(CHOICE, other), KO);
    assert.equal(textsForClick(CHOICE, { ...other, locale: undefined }), KO);
    // A post of a forum, and a thread that is named itself.
    const post = { ...other, parentId: CHANNEL };
    assert.equal(textsForClick(CHOICE, post), EN);
    const thread = { ...other, channelId: CHANNEL, parentId: OTHER };
    assert.equal(textsForClick(CHOICE, thread), EN);
    // In direct messages the channel is the person.
    assert.equal(textsForClick(CHOICE, { ...other, guildId: undefined }), EN);
  },
);

Deno.test("where no language is chosen, clicks are answered in English", {
  permissions,
}, () => {
  const click = {
    locale: "ko",
    guildId: "1",
    channelId: CHANNEL,
    userId: USER,
  } as const;
  assert.equal(textsForClick(NOTHING, click), EN);
});
