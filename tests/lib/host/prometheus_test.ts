import fc from "fast-check";
import assert from "node:assert/strict";
import { Registry } from "../../../src/lib/host/prometheus.ts";
import { parseMetrics, valueOf } from "../../fakes/prometheus.ts";

const pure = { permissions: "none" } as const;

Deno.test(
  "counters, gauges and histograms are written as Prometheus reads them",
  pure,
  () => {
    const registry = new Registry();
    const calls = registry.counter({
      name: "calls_total",
      help: "Calls.",
      labels: ["route", "status"],
    }, [["/a", "200"]]);
    const now: { depth?: number } = {};
    registry.gauge(
      { name: "depth", help: "D." },
      () => now.depth,
    );
    registry.gauge(
      { name: "state", help: "S.", labels: ["name"] },
      () => [[["up"], 1], [["down"], 0]],
    );
    const seconds = registry.histogram({
      name: "call_seconds",
      help: "How long.",
      labels: ["route"],
    }, [0.1, 1]);
    registry.counter({ name: "plain_total", help: "P." });
    for (let i = 0; i < 2; i++) calls.add(["/b", "429"]);
    for (const value of [0.1, 0.2, 5]) seconds.observe(value, ["/a"]);
    assert.equal(
      registry.text(),
      `\
# HELP calls_total Calls.
# TYPE calls_total counter
calls_total{route="/a",status="200"} 0
calls_total{route="/b",status="429"} 2
# HELP depth D.
# TYPE depth gauge
# HELP state S.
# TYPE state gauge
state{name="up"} 1
state{name="down"} 0
# HELP call_seconds How long.
# TYPE call_seconds histogram
call_seconds_bucket{route="/a",le="0.1"} 1
call_seconds_bucket{route="/a",le="1"} 2
call_seconds_bucket{route="/a",le="+Inf"} 3
call_seconds_sum{route="/a"} 5.3
call_seconds_count{route="/a"} 3
# HELP plain_total P.
# TYPE plain_total counter
plain_total 0
`,
    );
    now.depth = 1e21;
    const metrics = parseMetrics(registry.text());
    assert.equal(valueOf(metrics, "depth"), 1e21);
    assert.equal(valueOf(metrics, "call_seconds_bucket", { le: "1" }), 2);
  },
);

Deno.test("whatever a label or a value is, it can be read back", pure, () => {
  fc.assert(fc.property(
    fc.string({ unit: "binary" }),
    fc.double({ min: 0, noNaN: true }),
    (text, value) => {
      const registry = new Registry();
      const definition = { name: "a", help: "\\ \n" } as const;
      registry.gauge(
        { ...definition, labels: ["l"] },
        () => [[[text], value]],
      );
      const [sample] = parseMetrics(registry.text()).get("a")?.samples ?? [];
      assert.deepEqual(sample, { name: "a", labels: { l: text }, value });
    },
  ));
});

Deno.test("a name cannot be used twice", pure, () => {
  const registry = new Registry();
  const definition = { name: "a", help: "A." } as const;
  registry.gauge(definition, () => 1);
  assert.throws(() => registry.gauge(definition, () => 2), /a is there twice/);
});

const GOOD = "# HELP a A.\n# TYPE a gauge\na 1\n";
const HISTOGRAM = "# HELP h H.\n# TYPE h histogram\n";

for (
  const [what, text] of Object.entries({
    "no end": GOOD.slice(0, -1),
    "no help": GOOD.replace("# HELP a A.\n", ""),
    "a family twice": GOOD + GOOD,
    "a sample twice": `${GOOD}a 1\n`,
    "a sample of another family": `${GOOD}b 1\n`,
    "a value that is no number": GOOD.replace("a 1", "a 0x1"),
    "a label that is not closed": GOOD.replace("a 1", 'a{l="} 1'),
    "a label twice": GOOD.replace("a 1", 'a{l="1",l="2"} 1'),
    "a counter without _total": GOOD.replace("gauge", "counter"),
    "no infinite bucket":
      `${HISTOGRAM}h_bucket{le="1"} 1\nh_sum 1\nh_count 1\n`,
    "buckets that fall":
      `${HISTOGRAM}h_bucket{le="1"} 2\nh_bucket{le="+Inf"} 1\nh_sum 1\nh_count 1\n`,
  })
) {
  Deno.test(`the reader of the tests refuses ${what}`, pure, () => {
    assert.throws(() => parseMetrics(text));
  });
}
