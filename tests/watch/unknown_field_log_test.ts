import assert from "node:assert/strict";
import { UnknownFieldLog } from "../../src/watch/unknown_field_log.ts";
import { accessRequest } from "../fakes/samples.ts";
import { MemoryLogger } from "../fakes/logger.ts";

Deno.test("an unknown field is named once", { permissions: "none" }, () => {
  const logger = new MemoryLogger();
  const log = new UnknownFieldLog(logger);
  log.see(accessRequest());
  log.see(
    accessRequest({ state: "APPROVED", unknownFields: ["ResourceID.5"] }),
  );
  assert.equal(logger.lines.length, 0);
  const unknownFields = ["AccessRequestSpecV3.28", "ResourceID.5"];
  log.see(accessRequest({ id: "a", unknownFields: ["ResourceID.5"] }));
  log.see(accessRequest({ id: "b", unknownFields }));
  log.see(accessRequest({ id: "c", unknownFields }));
  assert.deepEqual(
    logger.lines.map(({ fields }) => [fields["request_id"], fields["fields"]]),
    [["a", ["ResourceID.5"]], ["b", ["AccessRequestSpecV3.28"]]],
  );
});
