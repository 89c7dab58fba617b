/**
 * Metrics in the text format of Prometheus.
 *
 * Source: "Exposition formats", text format 0.0.4, https://prometheus.io/docs/instrumenting/exposition_formats/
 *
 * @module
 */

/** Media type of {@linkcode Registry.text}. */
export const METRICS_TYPE = "text/plain; version=0.0.4; charset=utf-8";

/** What a metric is. Each name is defined once. */
export interface MetricDefinition {
  /** In snake_case; it ends with the unit, and with `_total` for a counter. */
  readonly name: string;
  /** One sentence for people. */
  readonly help: string;
  readonly labels?: readonly string[];
}

/** A metric that a {@linkcode Registry} has. */
export interface DefinedMetric extends MetricDefinition {
  readonly type: "counter" | "gauge" | "histogram";
}

/** Values of labels, in the order of the definition. */
export type LabelValues = readonly string[];

/** Counts up. */
export interface Counter {
  add(labels?: LabelValues): void;
}

/** Counts values by size. */
export interface Histogram {
  observe(value: number, labels?: LabelValues): void;
}

/** One sample of a gauge that is read when it is asked for. */
export type Sample = readonly [labels: LabelValues, value: number];

/** Returns what is to be written now; a value that is not known now is left out. */
type Read<State> = (
  state: State,
) => number | boolean | undefined | readonly Sample[];

/** Returns the lines of one metric, without its head. */
type Lines<State> = (state: State) => readonly string[];

/** Holds metrics and writes them out; `State` is what is read for some of them. */
export class Registry<State = void> {
  readonly #metrics = new Map<string, [DefinedMetric, Lines<State>]>();

  /** Every metric, in the order in which they are written. */
  get definitions(): readonly DefinedMetric[] {
    return [...this.#metrics.values()].map(([definition]) => definition);
  }

  /** Adds a counter; `known` label values are written as 0 before they first count. */
  counter(
    definition: MetricDefinition,
    known: readonly LabelValues[] = [],
  ): Counter {
    const series = new Series(() => ({ value: 0 }));
    if (definition.labels === undefined) series.of([]);
    for (const labels of known) series.of(labels);
    this.readCounter(
      definition,
      () => series.all.map(([labels, { value }]) => [labels, value]),
    );
    return {
      add(labels = []) {
        series.of(labels).value++;
      },
    };
  }

  /** Adds a counter that somebody else counts, and that is read when it is asked for. */
  readCounter(definition: MetricDefinition, read: Read<State>): void {
    this.#addRead({ ...definition, type: "counter" }, read);
  }

  /** Adds a metric that is read when it is asked for. */
  gauge(definition: MetricDefinition, read: Read<State>): void {
    this.#addRead({ ...definition, type: "gauge" }, read);
  }

  /**
   * Adds a histogram.
   *
   * @param buckets Upper bounds of its buckets, rising; without the infinite one.
   */
  histogram(
    definition: MetricDefinition,
    buckets: readonly number[],
  ): Histogram {
    const { name } = definition;
    const bounds = [...buckets, Infinity];
    const series = new Series(() => ({ counts: bounds.map(() => 0), sum: 0 }));
    if (definition.labels === undefined) series.of([]);
    this.#add(
      { ...definition, type: "histogram" },
      () =>
        series.all.flatMap(([labels, { counts, sum }]) => {
          let total = 0;
          const plain = formatLabels(definition, labels);
          const lines = bounds.map((bound, i) => {
            total += counts[i] ?? 0;
            const le = [["le", formatNumber(bound)]] as const;
            const all = formatLabels(definition, labels, le);
            return `${name}_bucket${all} ${total}`;
          });
          return [
            ...lines,
            `${name}_sum${plain} ${formatNumber(sum)}`,
            `${name}_count${plain} ${total}`,
          ];
        }),
    );
    return {
      observe(value, labels = []) {
        const one = series.of(labels);
        const index = bounds.findIndex((bound) => value <= bound);
        one.counts[index] = (one.counts[index] ?? 0) + 1;
        one.sum += value;
      },
    };
  }

  /** Writes all metrics out, as the state is. */
  text(state: State): string {
    return [...this.#metrics.values()].map(([{ name, type, help }, lines]) => {
      const text = help.replaceAll("\\", "\\\\").replaceAll("\n", "\\n");
      const head = [`# HELP ${name} ${text}`, `# TYPE ${name} ${type}`];
      return [...head, ...lines(state)].map((line) => `${line}\n`).join("");
    }).join("");
  }

  #addRead(definition: DefinedMetric, read: Read<State>): void {
    this.#add(definition, (state) => {
      const value = read(state) ?? [];
      const samples = typeof value === "object"
        ? value
        : [[[], Number(value)] as const];
      return samples.map(([labels, value]) => {
        const pairs = formatLabels(definition, labels);
        return `${definition.name}${pairs} ${formatNumber(value)}`;
      });
    });
  }

  #add(definition: DefinedMetric, lines: Lines<State>): void {
    const { name } = definition;
    if (this.#metrics.has(name)) throw new TypeError(`${name} is there twice`);
    this.#metrics.set(name, [definition, lines]);
  }
}

/** What is counted, by the values of the labels. They are only formatted when somebody asks for them. */
class Series<T> {
  readonly #byValues = new Map<string, readonly [LabelValues, T]>();
  readonly #create: () => T;

  constructor(create: () => T) {
    this.#create = create;
  }

  /** Returns what is counted under these values. */
  of(labels: LabelValues): T {
    // No value has a NUL in it.
    const key = labels.length === 1 ? labels[0] ?? "" : labels.join("\0");
    const make = () => [labels, this.#create()] as const;
    return this.#byValues.getOrInsertComputed(key, make)[1];
  }

  get all(): readonly (readonly [LabelValues, T])[] {
    return [...this.#byValues.values()];
  }
}

function formatLabels(
  { labels = [] }: MetricDefinition,
  values: LabelValues,
  more: readonly (readonly [string, string])[] = [],
): string {
  const pairs = [
    ...labels.map((label, i) => [label, values[i] ?? ""] as const),
    ...more,
  ];
  if (pairs.length === 0) return "";
  const texts = pairs.map(([label, value]) => `${label}="${escape(value)}"`);
  return `{${texts.join(",")}}`;
}

function escape(value: string): string {
  return value.replaceAll("\\", "\\\\").replaceAll("\n", "\\n")
    .replaceAll('"', '\\"');
}

function formatNumber(value: number): string {
  if (value === Infinity) return "+Inf";
  if (value === -Infinity) return "-Inf";
  return String(value);
}
