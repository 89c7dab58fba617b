/**
 * `teleport-discord healthcheck`
 *
 * @module
 */

import { openDraft } from "../config/load.ts";
import { EXIT } from "../lib/exit_codes.ts";
import {
  formatAddress,
  type ListenAddress,
} from "../lib/host/http_endpoint.ts";
import { ask, type Reply } from "../lib/host/http_probe.ts";
import { OperatorError } from "../lib/operator_error.ts";

/** How long the plugin may take to answer. */
const WAIT_MS = 5000;

/**
 * Asks the plugin that runs with this configuration whether it is ready.
 *
 * Nothing but where it listens is read from the configuration: while it is being changed, the rest of
 * it may be wrong.
 *
 * @param print Takes one line.
 * @returns The exit code: 0 if it is ready, else 1.
 * @throws {Error} If it cannot be asked.
 */
export async function healthcheck(
  configPath: string,
  print: (line: string) => void,
): Promise<number> {
  const { status, body } = await askReady(await findListener(configPath));
  print(body.trim());
  return status === 200 ? EXIT.stopped : EXIT.failure;
}

async function findListener(configPath: string): Promise<ListenAddress> {
  const { http } = (await openDraft(configPath)).values;
  if (http.listen !== undefined) return http.listen;
  throw new OperatorError("Cannot ask the plugin: http.listen is not set", {
    hint: 'write below [http]: listen = "127.0.0.1:8080"',
  });
}

async function askReady(address: ListenAddress): Promise<Reply> {
  try {
    return await ask(address, "/readyz", AbortSignal.timeout(WAIT_MS));
  } catch (cause) {
    const where = formatAddress(address);
    throw new Error(`Cannot ask the plugin at ${where}`, { cause });
  }
}
