import assert from "node:assert/strict";
import { endNoticeFor } from "../../src/deliver/due/access_end.ts";
import type { NoticeTerms } from "../../src/deliver/due/notice_terms.ts";
import type { RequestState } from "../../src/ports/access_request.ts";
import {
  accessRequest,
  hoursLater,
  NO_NOTICES,
  pluginData,
  posted,
} from "../fakes/samples.ts";

const permissions = "none";
const END = hoursLater(2);

/** Ten minutes before the end of access of which the requester is told a quarter of an hour before. */
function terms(state: RequestState, created = hoursLater(0)): NoticeTerms {
  return {
    notices: { ...NO_NOTICES, beforeEndMs: 15 * 60_000 },
    request: accessRequest({ state, created, accessExpires: END }),
    isGone: false,
    now: new Date(END.getTime() - 10 * 60_000),
  };
}

const data = pluginData({
  resolution: "APPROVED",
  accessExpires: END,
  deliveries: new Map([["11", posted("11", "APPROVED-0-0-0.")]]),
});

Deno.test("the end of access that is still granted is told", {
  permissions,
}, () => {
  assert.deepEqual(endNoticeFor(data, terms("APPROVED")), {
    kind: "before-end",
    end: END,
  });
});

for (const state of ["DENIED", "PROMOTED", "PENDING"] as const) {
  Deno.test(`no end is told of a request that is ${state} by now`, {
    permissions,
  }, () => {
    assert.equal(endNoticeFor(data, terms(state)), undefined);
  });
}

Deno.test(
  "no end is told of access that as a whole is shorter than the notice",
  {
    permissions,
  },
  () => {
    const created = new Date(END.getTime() - 12 * 60_000);
    assert.equal(endNoticeFor(data, terms("APPROVED", created)), undefined);
  },
);
