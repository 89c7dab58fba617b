/**
 * How soon the plugin watches again after the Auth Service was restarted.
 *
 * `deno run -A bench/reconnect.ts` measures this plugin alone.
 *
 * @module
 */

import { bundle, type Candidate, StandIn, startPlugin } from "./processes.ts";

const CHANNEL = "110000000000001001";
const TOKEN = "stand-in.token.of-the-bot";

/** How long the Auth Service is down, in milliseconds: short and long, as restarts are. */
const DOWN_MS = [300, 800, 1500, 2500, 4000];

/**
 * Restarts the stand-in Auth Service again and again under a plugin.
 *
 * @param configPath A configuration that leads to the stand-ins.
 * @returns Milliseconds from the port being open to the watch being open, one for each restart.
 */
export async function measureReconnect(
  candidate: Candidate,
  auth: StandIn,
  configPath: string,
  rounds = 3,
): Promise<number[]> {
  const { plugin } = await startPlugin(candidate, configPath);
  await using _ = plugin;
  const times: number[] = [];
  for (let round = 0; round < rounds; round++) {
    for (const downMs of DOWN_MS) {
      const { reconnectMs } = await auth.ask({ kind: "restart", downMs });
      times.push(Number(reconnectMs));
    }
  }
  return times;
}

/** Writes a configuration that leads to two stand-ins; returns its path. */
async function configure(
  folder: string,
  address: unknown,
  url: unknown,
): Promise<string> {
  const path = `${folder}/reconnect.toml`;
  await Deno.writeTextFile(
    path,
    `[teleport]
addr = "${address}"
client_key = "${folder}/tls.key"
client_crt = "${folder}/tls.crt"
root_cas = "${folder}/tls.cas"
[discord]
token = "${TOKEN}"
apiurl = "${url}"
[role_to_recipients]
"*" = "${CHANNEL}"
`,
  );
  return path;
}

if (import.meta.main) {
  const folder = await Deno.makeTempDir();
  const options = JSON.stringify({ channels: [CHANNEL], token: TOKEN });
  const [auth, { address }] = await StandIn.start("auth", folder);
  const [discord, { url }] = await StandIn.start("discord", options);
  await using _auth = auth;
  await using _discord = discord;
  const configPath = await configure(folder, address, url);
  const candidate = await bundle(folder);
  const times = await measureReconnect(candidate, auth, configPath);
  times.sort((a, b) => a - b);
  const median = times[Math.floor(times.length / 2)] ?? 0;
  const text = `restart to watch, ms: median ${median.toFixed(0)}, ` +
    `all ${times.map((ms) => ms.toFixed(0)).join(" ")}\n`;
  await Deno.stdout.write(new TextEncoder().encode(text));
  await Deno.remove(folder, { recursive: true });
}
