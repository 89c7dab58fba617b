import assert from "node:assert/strict";
import {
  firstTags,
  stateOfTag,
  tagsForState,
} from "../../src/message/state_tags.ts";
import type { ForumTag } from "../../src/ports/messenger.ts";

const permissions = "none" as const;

function tags(...names: readonly string[]): ForumTag[] {
  return names.map((name, i) => ({
    id: String(i + 1),
    name,
    isModerated: false,
  }));
}

Deno.test("a tag tells a state in any language, whatever its case", {
  permissions,
}, () => {
  assert.equal(stateOfTag("Pending"), "PENDING");
  assert.equal(stateOfTag(" approved "), "APPROVED");
  assert.equal(stateOfTag("거부됨"), "DENIED");
  assert.equal(stateOfTag("urgent"), undefined);
});

Deno.test("a state takes the place of another, and other tags stay", {
  permissions,
}, () => {
  const available = tags("urgent", "Pending", "Denied");
  assert.deepEqual(tagsForState("DENIED", ["1", "2"], available), ["1", "3"]);
  assert.deepEqual(tagsForState("EXPIRED", ["1", "2"], available), ["1"]);
  assert.deepEqual(tagsForState("PENDING", ["1", "2"], available), ["1", "2"]);
});

Deno.test("of six tags, the one of the state is among the five", {
  permissions,
}, () => {
  const available = tags("a", "b", "c", "d", "e", "Denied");
  assert.deepEqual(
    tagsForState("DENIED", ["1", "2", "3", "4", "5"], available),
    ["1", "2", "3", "4", "6"],
  );
});

Deno.test(
  "a tag for moderators keeps no post from being made, unless a tag is demanded",
  {
    permissions,
  },
  () => {
    const moderated = tags("Pending").map((tag) => ({
      ...tag,
      isModerated: true,
    }));
    assert.deepEqual(
      firstTags("PENDING", { tags: moderated, requiresTag: false }),
      { ids: [], isAll: false },
    );
    assert.deepEqual(
      firstTags("PENDING", { tags: moderated, requiresTag: true }),
      { ids: ["1"], isAll: true },
    );
    assert.deepEqual(
      firstTags("PENDING", { tags: tags("urgent"), requiresTag: false }),
      { ids: [], isAll: true },
    );
  },
);
