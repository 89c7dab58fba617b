import assert from "node:assert/strict";
import { connect } from "node:net";
import { outliveFaults } from "../../../src/lib/host/unhandled_errors.ts";
import { MemoryLogger } from "../../fakes/logger.ts";

const MESSAGE = "unhandled error, continuing";

/** Ways in which a fault can end a program. */
const FAULTS: Readonly<Record<string, () => void>> = {
  "a promise that nobody watches": () => {
    Promise.reject(new Error("nobody there"));
  },
  "an error of a timer": () => {
    setTimeout(() => {
      throw new Error("nobody there");
    }, 0);
  },
  "an error of a socket without a listener": () => {
    connect({ host: "127.0.0.1", port: 1 });
  },
};
for (const [name, commit] of Object.entries(FAULTS)) {
  Deno.test(`${name} is logged, and nothing ends`, async () => {
    const logger = new MemoryLogger();
    using _ = outliveFaults(logger);
    commit();
    const { level, fields } = await logger.waitFor(MESSAGE);
    assert.equal(level, "error");
    assert.match(`${fields["err"]}`, /nobody there|ECONNREFUSED/);
  });
}
