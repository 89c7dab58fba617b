import assert from "node:assert/strict";
import { keepsSchedules } from "../../src/ports/auth_service.ts";

Deno.test({
  name: "keepsSchedules() compares versions by their numbers",
  permissions: "none",
  fn() {
    for (const version of ["14.3.13", "17.9.9", "18.0.0", "18.2.7"]) {
      assert.equal(keepsSchedules(version), false, version);
    }
    for (const version of ["18.2.8", "18.2.10-rc.1", "18.10.0", "19.0.0"]) {
      assert.equal(keepsSchedules(version), true, version);
    }
  },
});
