/**
 * `deno task pictures:record [--minutes 15]`: records what the dashboard shows of a soak run.
 *
 * The plugin runs under load and trouble (soak/), Prometheus reads it, and is then asked for each panel of
 * `packaging/monitoring/dashboard.json`. The answers are kept in `pictures/dashboard.json`, from which
 * `deno task pictures` draws. It needs `prometheus`.
 *
 * @module
 */

import { parseArgs } from "node:util";
import { bundle } from "../bench/processes.ts";
import dashboard from "../packaging/monitoring/dashboard.json" with {
  type: "json",
};
import { ROOT } from "../packaging/source.ts";
import { requirePrograms, start } from "../programs/command.ts";
import { StandInCluster } from "../soak/cluster.ts";
import { soak } from "../soak/run.ts";
import type { RecordedPanel, RecordedSeries } from "./dashboard.ts";

const SCRAPE_S = 2;
const STEP_S = 10;
/** What Grafana would choose for this step. */
const RATE_INTERVAL = "30s";

const { values } = parseArgs({
  options: { minutes: { type: "string", default: "15" } },
});
await requirePrograms("prometheus");
await using owned = new AsyncDisposableStack();
const folder = await Deno.makeTempDir({ prefix: "teleport-discord-record-" });
owned.defer(() => Deno.remove(folder, { recursive: true }));
const [listen, web] = [freeAddress(), freeAddress()];
await Deno.writeTextFile(
  `${folder}/prometheus.yml`,
  `scrape_configs:
  - job_name: teleport-discord
    scrape_interval: ${SCRAPE_S}s
    scrape_timeout: 1s
    static_configs: [{ targets: ["${listen}"] }]
`,
);
const prometheus = start("prometheus", {
  args: [
    `--config.file=${folder}/prometheus.yml`,
    `--storage.tsdb.path=${folder}/data`,
    `--web.listen-address=${web}`,
    "--log.level=error",
  ],
  stdout: "null",
  stderr: "inherit",
});
owned.defer(async () => {
  prometheus.kill("SIGKILL");
  await prometheus.status;
});
const program = (await bundle(folder)).args.at(-1) ?? "";
const startedS = Date.now() / 1000;
let endedS = startedS;
await soak({
  cluster: owned.use(await StandInCluster.start()),
  program,
  minutes: Number(values.minutes),
  everyMs: 3000,
  listen,
  onSample: () => endedS = Date.now() / 1000,
});
const panels: RecordedPanel[] = [];
for (const { type, title, targets } of dashboard.panels) {
  if (type === "table" || targets === undefined) continue;
  const series: RecordedSeries[] = [];
  for (const target of targets) series.push(...await ask(target, type));
  panels.push({ type: type === "stat" ? "stat" : "chart", title, series });
}
await Deno.writeTextFile(
  `${ROOT}pictures/dashboard.json`,
  JSON.stringify({ minutes: Number(values.minutes), panels }) + "\n",
);

async function ask(
  { expr, legendFormat = "" }: { expr: string; legendFormat?: string },
  type: string,
): Promise<RecordedSeries[]> {
  const query = expr.replaceAll("$instance", ".*")
    .replaceAll("$__rate_interval", RATE_INTERVAL);
  const from = type === "stat" ? endedS - 5 : startedS + 10;
  const url = `http://${web}/api/v1/query_range?${new URLSearchParams({
    query,
    start: `${from}`,
    end: `${type === "stat" ? from : endedS}`,
    step: `${STEP_S}`,
  })}`;
  const { data } = await (await fetch(url)).json() as {
    data: {
      result: {
        metric: Record<string, string>;
        values: [number, string][];
      }[];
    };
  };
  return data.result.map(({ metric, values }) => ({
    name: legendFormat.replace(
      /\{\{\s*(\w+)\s*\}\}/g,
      (_, label) => label === "instance" ? "plugin" : metric[label] ?? "",
    ),
    points: values.filter(([, value]) => value !== "NaN").map((
      [timeS, value],
    ) =>
      [
        Math.round(timeS - startedS),
        Number(Number(value).toPrecision(4)),
      ] as const
    ),
  }));
}

function freeAddress(): string {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = listener.addr;
  listener.close();
  return `127.0.0.1:${port}`;
}
