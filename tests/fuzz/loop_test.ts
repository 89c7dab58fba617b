/**
 * Hostile input all the way: from the wire into plugin data, back, and into a message that Discord takes.
 *
 * @module
 */

import assert from "node:assert/strict";
import fc from "fast-check";
import {
  corruptValue,
  hostileEnrichment,
  hostileReason,
  hostileRequest,
  hostileText,
  MANY_ANNOTATIONS,
  STORED_KEYS,
} from "./hostile.ts";
import { CHANNEL, isPending, Loop } from "./loop.ts";

const permissions = "none";

/** How the request goes on after it was announced. */
const followUp = fc.record({
  reviews: fc.array(
    fc.record({
      state: fc.constantFrom("APPROVED" as const, "DENIED" as const),
      reason: hostileReason,
    }),
    { maxLength: 4 },
  ),
  outcome: fc.constantFrom("APPROVED" as const, "DENIED" as const, undefined),
  resolveReason: hostileReason,
});

Deno.test("any request is stored, announced and followed to its end", {
  permissions,
}, async () => {
  await fc.assert(
    fc.asyncProperty(
      hostileRequest,
      hostileEnrichment,
      followUp,
      async (request, enrichment, { reviews, outcome, resolveReason }) => {
        const loop = new Loop(request);
        await loop.announce(enrichment);
        assert.match(loop.content, /\*Status\*: ⏳ PENDING/);
        for (const [i, { state, reason }] of reviews.entries()) {
          if (!isPending(loop)) break;
          loop.cluster.review(loop.id, `${i}${reason}`, state, reason);
          await loop.follow();
        }
        if (outcome !== undefined && isPending(loop)) {
          loop.cluster.setState(loop.id, outcome, resolveReason);
          await loop.follow();
        }
        const before = loop.content;
        const wasPending = isPending(loop);
        loop.cluster.delete(loop.id);
        await loop.follow(true);
        if (wasPending) assert.match(loop.content, /\*Status\*: ⌛ EXPIRED/);
        else assert.equal(loop.content, before);
      },
    ),
    { numRuns: 100 },
  );
});

Deno.test("20 000 annotations are no obstacle", { permissions }, async () => {
  const loop = new Loop({ annotations: MANY_ANNOTATIONS });
  await loop.announce({ loginsByRole: undefined, resourceNames: new Map() });
  loop.cluster.setState(loop.id, "APPROVED");
  await loop.follow();
  assert.match(loop.content, /APPROVED/);
});

Deno.test("what another hand wrote into plugin data stops nothing", {
  permissions,
}, async (t) => {
  for (const key of STORED_KEYS) {
    await t.step(key, async () => {
      await fc.assert(
        fc.asyncProperty(corruptValue, fc.boolean(), async (value, claimed) => {
          const loop = new Loop({ roles: ["dev"], reason: "work" });
          if (claimed) {
            await loop.announce({
              loginsByRole: new Map(),
              resourceNames: new Map(),
            });
          }
          loop.corrupt({ [key]: value || "?" });
          await loop.follow();
          loop.cluster.setState(loop.id, "DENIED", "no");
          await loop.follow();
        }),
        { numRuns: 40 },
      );
    });
  }
});

Deno.test("plugin data that is all wrong stops nothing", {
  permissions,
}, async () => {
  const entries = fc.dictionary(
    fc.oneof(fc.constantFrom(...STORED_KEYS), hostileText),
    corruptValue,
    { minKeys: 1, maxKeys: 12, noNullPrototype: true },
  );
  await fc.assert(
    fc.asyncProperty(entries, async (entries) => {
      const loop = new Loop({ roles: ["dev"], reason: "work" });
      // Teleport stores no empty value: something has to be left.
      loop.corrupt({ ...entries, user: entries["user"] || "mallory" });
      await loop.follow();
      loop.cluster.delete(loop.id);
      await loop.follow(true);
    }),
    { numRuns: 300, examples: [[{ user: "" }]] },
  );
});

Deno.test("an owed message survives what else is wrong in its plugin data", {
  permissions,
}, async () => {
  const keys = STORED_KEYS.filter((key) =>
    !/^(x-to:|messages|resolution|channel_id|timestamp|x-access-expires)/
      .test(key)
  );
  await fc.assert(
    fc.asyncProperty(
      fc.dictionary(fc.constantFrom(...keys), corruptValue, {
        noNullPrototype: true,
      }),
      async (entries) => {
        const loop = new Loop({ roles: ["dev"], reason: "work" });
        loop.corrupt({ ...entries, [`x-to:${CHANNEL}`]: "owed 1" });
        await loop.follow();
        assert.match(loop.content, /\*Status\*: ⏳ PENDING/);
      },
    ),
    { numRuns: 200 },
  );
});
