/**
 * A strict reader of Prometheus' text format: what it takes, Prometheus takes.
 *
 * Source: "Exposition formats", text format 0.0.4, https://prometheus.io/docs/instrumenting/exposition_formats/
 *
 * @module
 */

/** A metric with its samples. */
export interface MetricFamily {
  readonly name: string;
  readonly help: string;
  readonly type: string;
  readonly samples: readonly Sample[];
}

/** One line with a value. */
export interface Sample {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

/**
 * Reads a page of metrics.
 *
 * @throws {Error} If Prometheus could not read it, or if it breaks the conventions of metric names.
 */
export function parseMetrics(
  text: string,
): ReadonlyMap<string, MetricFamily> {
  if (!text.endsWith("\n")) throw new Error("the last line has no end");
  const families = new Map<string, MetricFamily & { samples: Sample[] }>();
  const seen = new Set<string>();
  let family: (MetricFamily & { samples: Sample[] }) | undefined;
  let head: RegExpExecArray | null = null;
  for (const line of text.slice(0, -1).split("\n")) {
    const help = /^# HELP ([a-zA-Z_:][\w:]*) ((?:[^\\]|\\\\|\\n)+)$/.exec(line);
    if (help !== null) {
      head = help;
      continue;
    }
    const type = /^# TYPE (\S+) (counter|gauge|histogram)$/.exec(line);
    if (type !== null) {
      const [, name = "", kind = ""] = type;
      if (head?.[1] !== name) throw new Error(`no HELP before ${line}`);
      if (families.has(name)) throw new Error(`${name} comes twice`);
      family = { name, help: head[2] ?? "", type: kind, samples: [] };
      families.set(name, family);
      head = null;
      continue;
    }
    if (family === undefined || head !== null) throw new Error(line);
    const sample = parseSample(line);
    if (!belongs(sample, family)) throw new Error(`not of ${family.name}`);
    const series = JSON.stringify([
      sample.name,
      Object.entries(sample.labels).toSorted(),
    ]);
    if (seen.has(series)) throw new Error(`twice: ${line}`);
    seen.add(series);
    family.samples.push(sample);
  }
  for (const each of families.values()) check(each);
  return families;
}

/** Returns the value of the one sample with these labels; `undefined` if there is none. */
export function valueOf(
  families: ReadonlyMap<string, MetricFamily>,
  name: string,
  labels: Readonly<Record<string, string>> = {},
): number | undefined {
  const samples = [...families.values()].flatMap(({ samples }) => samples);
  return samples.find((sample) =>
    sample.name === name &&
    Object.entries(labels).every(([key, value]) => sample.labels[key] === value)
  )?.value;
}

function parseSample(line: string): Sample {
  const match =
    /^([a-zA-Z_:][\w:]*)(?:\{((?:[a-zA-Z_]\w*="(?:[^"\\\n]|\\["\\n])*",?)+)\})? (\S+)$/
      .exec(line);
  if (match === null) throw new Error(`no sample: ${line}`);
  const [, name = "", pairs = "", number = ""] = match;
  if (!/^(?:[+-]?Inf|NaN|-?\d+(?:\.\d+)?(?:e[+-]?\d+)?)$/.test(number)) {
    throw new Error(`no number: ${line}`);
  }
  const labels: Record<string, string> = {};
  for (const [, key = "", value = ""] of pairs.matchAll(LABEL)) {
    if (Object.hasOwn(labels, key)) throw new Error(`label twice: ${line}`);
    labels[key] = value.replaceAll(
      /\\(.)/g,
      (_, c) => c === "n" ? "\n" : c,
    );
  }
  const value = Number(number.replace("Inf", "Infinity"));
  return { name, labels, value };
}

const LABEL = /([a-zA-Z_]\w*)="((?:[^"\\\n]|\\["\\n])*)"/g;

function belongs({ name }: Sample, family: MetricFamily): boolean {
  if (family.type !== "histogram") return name === family.name;
  return ["_bucket", "_sum", "_count"]
    .some((suffix) => name === family.name + suffix);
}

function check({ name, type, samples }: MetricFamily): void {
  if ((type === "counter") !== name.endsWith("_total")) {
    throw new Error(`a counter, and nothing else, ends with _total: ${name}`);
  }
  for (const { value } of samples) {
    if (type === "counter" && !(value >= 0)) throw new Error(`${name} < 0`);
  }
  if (type === "histogram") checkHistogram(name, samples);
}

function checkHistogram(name: string, samples: readonly Sample[]): void {
  const groups = Map.groupBy(samples, ({ labels }) => {
    const { le: _, ...rest } = labels;
    return JSON.stringify(Object.entries(rest).toSorted());
  });
  for (const group of groups.values()) {
    const buckets = group.filter((s) => s.name === `${name}_bucket`);
    const bounds = buckets.map(({ labels }) =>
      Number(labels.le?.replace("Inf", "Infinity"))
    );
    const values = buckets.map(({ value }) => value);
    const count = group.find((s) => s.name === `${name}_count`)?.value;
    const isRising = (list: readonly number[], strict: boolean) =>
      list.every((each, i) =>
        i === 0 || each > (list[i - 1] ?? 0) ||
        (!strict && each === list[i - 1])
      );
    if (
      !isRising(bounds, true) || bounds.at(-1) !== Infinity ||
      !isRising(values, false) || values.at(-1) !== count ||
      group.filter((s) => s.name === `${name}_sum`).length !== 1
    ) throw new Error(`the buckets of ${name} make no histogram`);
  }
}
