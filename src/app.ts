/**
 * The daemon: builds the clients, runs the service until the signal to stop, drains.
 *
 * @module
 */

import type { LoadedConfig } from "./config/load.ts";
import { DiscordClient } from "./discord/client.ts";
import { recipientsFor } from "./domain/routing.ts";
import { webLink, webLinkBase } from "./domain/web_link.ts";
import { systemClock } from "./lib/clock.ts";
import type { LogFields, Logger } from "./lib/log.ts";
import { OperatorError } from "./lib/operator_error.ts";
import { BotIdentity } from "./service/bot_identity.ts";
import type { Patience, ServerInfo } from "./service/ports.ts";
import { Service } from "./service/service.ts";
import { Dialer } from "./teleport/connect/dialer.ts";
import { createWebTrust } from "./teleport/connect/web_trust.ts";
import { CredentialKeeper } from "./teleport/credential_keeper.ts";
import { Link } from "./teleport/link.ts";
import { isSupportedTeleport, SUPPORTED_TELEPORT, VERSION } from "./version.ts";

/** How long work that is under way may take after the signal to stop. */
const DRAIN_MS = 15_000;

/** How long the start waits for Discord's answer; after that it comes when it comes. */
const TOKEN_CHECK_MS = 5000;

/**
 * Runs the daemon until the signal to stop.
 *
 * @throws {OperatorError} If Discord refuses the token at start.
 */
export async function runDaemon(
  loaded: LoadedConfig,
  logger: Logger,
  stop: AbortSignal,
): Promise<void> {
  const refused = new AbortController();
  const ending = AbortSignal.any([stop, refused.signal]);
  using patience = patienceUntil(ending, logger);
  try {
    await serve(loaded, logger, patience, refused);
  } catch (error) {
    if (!ending.aborted) throw error;
  }
  refused.signal.throwIfAborted();
}

async function serve(
  { config, tokenSource }: LoadedConfig,
  logger: Logger,
  patience: Patience,
  refused: AbortController,
): Promise<void> {
  const common = { clock: systemClock, random: Math.random, logger, patience };
  const { teleport, discord, routing } = config;
  let token = await tokenSource.read();
  const messenger = new DiscordClient({
    ...common,
    apiUrl: discord.apiUrl,
    token: () => token,
    version: VERSION,
  });
  const bot = new BotIdentity({ ...common, messenger, token });
  let isReady = false;
  const unreachable = Promise.withResolvers<void>();
  const checked = bot.confirm(unreachable.resolve).then((accepted) => {
    if (!accepted && !isReady) refused.abort(tokenRefused());
  }, () => {});

  const keeper = await CredentialKeeper.open({
    ...common,
    source: teleport.credentials,
    refreshMs: teleport.refreshIntervalMs,
  }, patience.wait);
  // From here on: credentials that the server refuses may be replaced before the first connection.
  const keeping = keeper.run(patience.wait);
  const env = (name: string) => Deno.env.get(name);
  await using auth = new Link({
    ...common,
    keeper,
    dialer: new Dialer({
      ...teleport.addr,
      ...common,
      env,
      trust: createWebTrust(teleport.webCaPath, env),
    }),
    onConnected: (server, fields) => logServer(server, fields, logger),
  });
  const [server] = await Promise.all([
    auth.connected(patience.wait),
    withinTime(
      Promise.race([checked, unreachable.promise]),
      TOKEN_CHECK_MS,
      patience.wait,
    ),
  ]);

  const base = webLinkBase(server.webAddress);
  const service = new Service({
    ...common,
    auth,
    messenger,
    self: crypto.randomUUID(),
    facts: {
      cluster: server.clusterName,
      webLink: (id) => base === undefined ? undefined : webLink(base, id),
    },
    botId: () => bot.id,
    route: (request) => recipientsFor(request.roles, routing),
    resyncMs: teleport.resyncIntervalMs,
    reloadToken: async () => {
      token = await tokenSource.read();
      bot.useToken(token);
    },
    onReady: () => {
      if (!isReady) logger.info("Plugin is ready");
      isReady = true;
    },
  });
  await Promise.all([service.run(), keeping, checked]);
}

function logServer(
  server: ServerInfo,
  way: LogFields,
  logger: Logger,
): void {
  const fields = {
    cluster: server.clusterName,
    server_version: server.serverVersion,
  };
  logger.info("connected to the Auth Service", { ...fields, ...way });
  if (isSupportedTeleport(server.serverVersion)) return;
  const { oldest, newest } = SUPPORTED_TELEPORT;
  logger.warn("this version of Teleport was not tried with this plugin", {
    ...fields,
    hint: `Teleport ${oldest} to ${newest} are known to work`,
  });
}

/** Waits for a promise, but only for a time. */
async function withinTime(
  promise: Promise<void>,
  ms: number,
  signal: AbortSignal,
): Promise<void> {
  const done = new AbortController();
  const timeout = systemClock.sleep(
    ms,
    AbortSignal.any([signal, done.signal]),
  );
  try {
    await Promise.race([promise, timeout.catch(() => {})]);
  } finally {
    done.abort();
  }
}

function tokenRefused(): OperatorError {
  return new OperatorError("Cannot use the bot token: Discord refuses it", {
    hint:
      "copy the token again from the Bot page of the application in Discord's developer portal, " +
      'or press "Reset Token" there',
  });
}

/** Ends waiting with the signal, and calls that are under way some time later. */
function patienceUntil(
  ending: AbortSignal,
  logger: Logger,
): Patience & Disposable {
  const overdue = new AbortController();
  let timer: ReturnType<typeof setTimeout> | undefined;
  const start = () => {
    if (!(ending.reason instanceof OperatorError)) {
      logger.info("Attempting graceful shutdown");
    }
    timer = setTimeout(() => {
      logger.warn("Graceful shutdown failed, attempting fast shutdown");
      overdue.abort(new DOMException("Stopping took too long", "AbortError"));
    }, DRAIN_MS);
  };
  if (ending.aborted) start();
  ending.addEventListener("abort", start, { once: true });
  return {
    wait: ending,
    call: overdue.signal,
    [Symbol.dispose]() {
      ending.removeEventListener("abort", start);
      clearTimeout(timer);
    },
  };
}
