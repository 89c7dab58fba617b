/**
 * What the benchmark prints: the machine, and a table of figures.
 *
 * @module
 */

/** What runs of one measurement brought. */
export interface Figure {
  /** One for each run: the parts of the figure, such as p50 and p99. */
  readonly runs: readonly (readonly number[])[];
  /** The parts taken over all runs; else the median of each. */
  readonly overall?: readonly number[];
  /** Decimals of each part; those of the last count for the rest. */
  readonly decimals?: readonly number[];
  /** Stands between the parts. */
  readonly between?: string;
  /** What ran, if it is not the form of the candidate. */
  readonly form?: string;
  /** Said behind the figure. */
  readonly note?: string;
}

/** A table with a row a figure and a column a candidate. */
export class Report {
  readonly #candidates: readonly string[];
  readonly #rows = new Map<
    string,
    { form: string; readonly cells: Map<string, string> }
  >();

  constructor(candidates: readonly string[]) {
    this.#candidates = candidates;
  }

  /** Takes in a figure; returns how it is written. */
  add(
    name: string,
    candidate: string,
    figure: Figure | string,
  ): string {
    const cell = typeof figure === "string" ? figure : format(figure);
    const form = typeof figure === "string" ? undefined : figure.form;
    const row = this.#rows.get(name) ??
      { form: form ?? "bundle", cells: new Map() };
    row.cells.set(candidate, cell);
    if (form !== undefined) row.form = form;
    this.#rows.set(name, row);
    return cell;
  }

  /** The table as Markdown. */
  table(): string {
    const head = ["figure", ...this.#candidates, "our form"];
    const lines = [
      `| ${head.join(" | ")} |`,
      `|${" --- |".repeat(head.length)}`,
    ];
    for (const [name, { form, cells }] of this.#rows) {
      const values = this.#candidates.map((each) => cells.get(each) ?? "–");
      lines.push(`| ${[name, ...values, form].join(" | ")} |`);
    }
    return lines.join("\n");
  }
}

function format(
  { runs, overall, decimals = [1], between = " / ", note = "" }: Figure,
): string {
  const width = runs[0]?.length ?? 0;
  const parts = Array.from({ length: width }, (_, i) => i);
  const text = (value: number, i: number) =>
    value.toFixed(decimals[i] ?? decimals.at(-1));
  const column = (i: number) => runs.map((run) => run[i] ?? NaN);
  const values = parts.map((i) =>
    text(overall?.[i] ?? quantile(column(i), 0.5), i)
  );
  const spread = parts.map((i) =>
    `${text(quantile(column(i), 0), i)}–${text(quantile(column(i), 1), i)}`
  );
  const runsText = runs.length === 1
    ? "one run"
    : `${spread.join(between)} in ${runs.length} runs`;
  return `${values.join(between)} (${runsText})${note}`;
}

/** What the figures hold for. */
export async function describeMachine(): Promise<string> {
  return [
    await describeComputer(),
    `Deno ${Deno.version.deno}, V8 ${Deno.version.v8}`,
    `load ${Deno.loadavg().map((load) => load.toFixed(1)).join(" ")}`,
    new Date().toISOString().slice(0, 16),
  ].join("; ");
}

/** The processor, the memory and the kernel. */
export async function describeComputer(): Promise<string> {
  const [processor, kernel] = await Promise.all([
    describeProcessor(),
    readIfThere("/proc/sys/kernel/osrelease"),
  ]);
  const memoryGib = Deno.systemMemoryInfo().total / 2 ** 30;
  return `${processor}; ${memoryGib.toFixed(0)} GiB; Linux ${kernel.trim()}`;
}

/** The processor, with the number of its cores. */
export async function describeProcessor(): Promise<string> {
  const cpu = await readIfThere("/proc/cpuinfo");
  const model = /^model name\s*:\s*(.*)$/m.exec(cpu)?.[1] ?? Deno.build.arch;
  return `${model}, ${navigator.hardwareConcurrency} cores`;
}

function readIfThere(path: string): Promise<string> {
  return Deno.readTextFile(path).catch(() => "");
}

/** Returns the value below which this share of the values is. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[
    Math.min(sorted.length - 1, Math.floor(share * sorted.length))
  ] ??
    NaN;
}
