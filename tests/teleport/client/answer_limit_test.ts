import assert from "node:assert/strict";
import { answerLimit } from "../../../src/teleport/client/auth_channel.ts";

const MIB = 2 ** 20;

Deno.test("an answer is as large as the memory allows", {
  permissions: "none",
}, () => {
  const rows: [number | undefined, usual: number, large: number][] = [
    // What nobody may tell is taken for enough.
    [undefined, 64, 512],
    [4096, 64, 512],
    [1024, 64, 298],
    [512, 64, 128],
    // The limit of the unit, of the chart.
    [256, 42, 42],
    [64, 16, 16],
  ];
  for (const [memory, usual, large] of rows) {
    const bytes = memory === undefined ? undefined : memory * MIB;
    assert.equal(Math.floor(answerLimit("usual", bytes) / MIB), usual);
    assert.equal(Math.floor(answerLimit("large", bytes) / MIB), large);
  }
});
