import assert from "node:assert/strict";
import { BoundedMap } from "../../src/lib/bounded_map.ts";

const permissions = "none";

Deno.test(
  "of more entries than there is room for, those set longest ago are forgotten",
  {
    permissions,
  },
  () => {
    const map = new BoundedMap<string, number>(2);
    map.set("a", 1).set("b", 2).set("a", 3).set("c", 4);
    assert.deepEqual([...map], [["a", 3], ["c", 4]]);
  },
);
