import assert from "node:assert/strict";
import { Bucket } from "../../../src/discord/rate_limit/bucket.ts";
import { readLimits } from "../../../src/discord/rate_limit/limit_headers.ts";

function remaining(count: number, resetAfterMs: number) {
  return readLimits(
    200,
    new Headers({
      "x-ratelimit-limit": "5",
      "x-ratelimit-remaining": `${count}`,
      "x-ratelimit-reset-after": `${resetAfterMs / 1_000}`,
    }),
    undefined,
  );
}

function pure(name: string, fn: () => void): void {
  Deno.test({ name, permissions: "none", fn });
}

pure("a bucket opens again a moment after its reset", () => {
  const bucket = new Bucket();
  bucket.settle(remaining(0, 5_000), 0, 100);
  assert.equal(bucket.readyAtMs(100), 5_150);
  assert.equal(bucket.readyAtMs(5_149), 5_150);
  assert.equal(bucket.readyAtMs(5_150), 5_150);
});

pure("several answers of a window tell its reset more exactly", () => {
  const bucket = new Bucket();
  bucket.settle(remaining(1, 5_000), 0, 900);
  bucket.settle(remaining(0, 4_100), 900, 910);
  assert.equal(bucket.readyAtMs(910), 5_060);
});

pure(
  "the answer that names least remaining counts, whatever comes last",
  () => {
    const bucket = new Bucket();
    bucket.settle(remaining(0, 4_990), 0, 20);
    bucket.settle(remaining(3, 4_995), 0, 30);
    assert.equal(bucket.readyAtMs(30), 5_060);
  },
);

pure("an answer of an earlier window says nothing about this one", () => {
  const bucket = new Bucket();
  bucket.settle(remaining(4, 5_000), 0, 10);
  bucket.settle(remaining(4, 5_000), 20_000, 20_010);
  bucket.settle(remaining(0, 1), 0, 20_020);
  assert.equal(bucket.readyAtMs(20_020), 20_020);
});

pure("calls under way are subtracted", () => {
  const bucket = new Bucket();
  bucket.users.add({ inFlight: 1 });
  bucket.users.add({ inFlight: 2 });
  bucket.settle(remaining(3, 5_000), 0, 10);
  assert.equal(bucket.readyAtMs(10), 5_060);
  bucket.settle(remaining(4, 5_000), 10_000, 10_010);
  assert.equal(bucket.readyAtMs(10_010), 10_010);
});

pure("a lost answer counts until a later one includes it", () => {
  const bucket = new Bucket();
  bucket.settle(remaining(2, 5_000), 0, 10);
  bucket.settle(undefined, 10, 20);
  assert.equal(bucket.readyAtMs(20), 20, "one of two is left");
  bucket.settle(undefined, 10, 20);
  assert.equal(bucket.readyAtMs(20), 5_060, "none is left");
  const other = new Bucket();
  other.settle(remaining(3, 5_000), 0, 10);
  other.settle(undefined, 10, 20);
  other.settle(remaining(1, 4_970), 30, 40);
  assert.equal(other.readyAtMs(40), 40, "it is among those that are used");
});

pure(
  "an answer leaves out what was lost in the millisecond it was sent in",
  () => {
    const bucket = new Bucket();
    bucket.settle(remaining(2, 5_000), 0, 10);
    bucket.settle(undefined, 20, 20);
    bucket.settle(remaining(1, 4_980), 20, 30);
    assert.equal(bucket.readyAtMs(30), 5_060, "the lost one may be the last");
  },
);

pure("a call lost in a window that is a guess may open the next", () => {
  const bucket = new Bucket();
  bucket.settle(remaining(4, 5_000), 0, 3_000);
  bucket.settle(undefined, 0, 5_000);
  // Whether that one fell into the window or opened the next is not known.
  assert.equal(bucket.readyAtMs(8_050), 8_050);
  for (let count = 0; count < 4; count++) {
    bucket.settle(undefined, 8_050, 8_060);
  }
  assert.equal(bucket.readyAtMs(10_050), 13_110);
});

pure("answers that are all lost do not stop a bucket for ever", () => {
  const bucket = new Bucket();
  bucket.settle(remaining(4, 5_000), 0, 10);
  for (let count = 0; count < 5; count++) {
    bucket.settle(undefined, 6_000, 6_010);
  }
  assert.equal(bucket.readyAtMs(6_010), 11_060);
  assert.equal(bucket.readyAtMs(11_060), 11_060);
});

pure("what a lost answer may have opened is no statement about a reset", () => {
  const bucket = new Bucket();
  bucket.settle(remaining(4, 5_000), 0, 10);
  bucket.settle(undefined, 4_000, 5_020);
  assert.equal(bucket.readyAtMs(5_100), 5_100);
  // Sent before the last window was over, it may have opened the next one as late as 5 600.
  bucket.settle(remaining(0, 5_000), 5_000, 5_600);
  assert.equal(bucket.readyAtMs(5_600), 10_650);
});

pure("without headers there is no limit, but for errors of others", () => {
  const bucket = new Bucket();
  bucket.users.add({ inFlight: 1 });
  bucket.settle(readLimits(502, new Headers(), undefined), 0, 10);
  assert.equal(bucket.readyAtMs(10), Infinity);
  bucket.settle(readLimits(200, new Headers(), undefined), 20, 30);
  assert.equal(bucket.readyAtMs(30), 30);
});

pure("after a refusal one call goes alone", () => {
  const bucket = new Bucket();
  const user = { inFlight: 0 };
  bucket.users.add(user);
  bucket.settle(remaining(5, 5_000), 0, 10);
  bucket.cooldown.close(0, 1_000, "window");
  assert.equal(bucket.readyAtMs(10), 1_000);
  assert.equal(bucket.readyAtMs(1_000), 1_000);
  user.inFlight = 1;
  bucket.cooldown.passed(900);
  assert.equal(bucket.readyAtMs(1_000), Infinity, "that was an earlier call");
  bucket.cooldown.passed(1_100);
  assert.equal(bucket.readyAtMs(1_100), 1_100);
});
