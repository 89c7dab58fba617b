/**
 * A stand-in cluster or a stand-in Discord in a process of its own, steered by lines of JSON.
 *
 * Usage: `stand_in.ts auth DIR | cluster DIR | discord OPTIONS`, where `cluster` is a real Teleport
 * (programs/teleport.ts), steered in the same way as the stand-in. It prints one JSON line when it is ready, then one
 * for each thing that happened.
 *
 * @module
 */

import { AdminClient } from "../tests/cluster/admin_client.ts";
import { RealCluster } from "../tests/cluster/real_cluster.ts";
import { FakeAuthService } from "../tests/fakes/auth_service.ts";
import { FakeDiscord } from "../tests/fakes/discord.ts";

/** Wall clock in milliseconds, fine enough to compare between processes of one machine. */
function now(): number {
  return performance.timeOrigin + performance.now();
}

function print(line: unknown): void {
  const bytes = new TextEncoder().encode(`${JSON.stringify(line)}\n`);
  for (let sent = 0; sent < bytes.length;) {
    sent += Deno.stdout.writeSync(bytes.subarray(sent));
  }
}

async function* commands(): AsyncGenerator<Record<string, unknown>> {
  let rest = "";
  for await (
    const text of Deno.stdin.readable.pipeThrough(new TextDecoderStream())
  ) {
    const lines = (rest + text).split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines) yield JSON.parse(line);
  }
}

/** Who clicks, one after the other: nobody may too often in a minute. */
const REVIEWER_IDS = Array.from(
  { length: 10 },
  (_, i) => `${120_000_000_000_000_001n + BigInt(i)}`,
);

/** How long a message stands before somebody clicks. */
const LOOKING_MS = 50;

async function runAuth(folder: string): Promise<void> {
  await using auth = await FakeAuthService.start({
    roles: {
      dev: ["dev", "ubuntu"],
      ...Object.fromEntries(
        Array.from({ length: 50 }, (_, i) => [`role-${i}`, ["dev"]]),
      ),
    },
    users: Object.fromEntries(
      REVIEWER_IDS.map((id, i) => [`reviewer-${i}`, { discord_id: [id] }]),
    ),
  });
  auth.misbehaviour.submitForUsers = true;
  // Without rules to watch, the official plugin asks for none.
  auth.misbehaviour.initKinds = ["access_request"];
  // The official plugin cannot use an identity file without a real SSH certificate; both take a triple.
  const { key, certificate } = await auth.pki.userCa.issueUser(
    "discord-plugin",
    {},
  );
  await Promise.all([
    Deno.writeTextFile(`${folder}/tls.key`, key),
    Deno.writeTextFile(`${folder}/tls.crt`, certificate),
    Deno.writeTextFile(`${folder}/tls.cas`, auth.pki.hostCa.certificate),
  ]);
  print({ address: auth.address });
  for await (const command of commands()) {
    if (command["kind"] === "announced") {
      const reason = "r".repeat(Number(command["reasonLength"]));
      for (let i = 0; i < Number(command["count"]); i++) {
        createAnnounced(auth, i, reason);
      }
      print({ done: true });
      continue;
    }
    if (command["kind"] === "calls") {
      const calls = Map.groupBy(auth.calls, ({ method }) => method);
      print({
        calls: Object.fromEntries(
          [...calls].map(([method, each]) => [method, each.length]),
        ),
      });
      continue;
    }
    if (command["kind"] === "restart") {
      print({ reconnectMs: await restart(auth, Number(command["downMs"])) });
      continue;
    }
    const atMs = now();
    const id = command["kind"] === "create"
      ? auth.createRequest({
        user: "alice",
        roles: [roleIn(command)],
        reason: "bench",
      })
      : String(command["id"]);
    if (command["kind"] === "approve") auth.setState(id, "APPROVED", "fine");
    print({ id, atMs });
  }
}

/** Returns how long it takes from the port being open to the watch being open. */
async function restart(auth: FakeAuthService, downMs: number): Promise<number> {
  await auth.stop();
  await new Promise((resolve) => setTimeout(resolve, downMs));
  await auth.restart();
  const openMs = now();
  await auth.until(({ openWatches }) => openWatches > 0);
  return now() - openMs;
}

function roleIn(command: Record<string, unknown>): string {
  return String(command["role"] ?? "dev");
}

async function runCluster(folder: string): Promise<void> {
  await using cluster = await RealCluster.start();
  const files = await cluster.sign("discord-plugin", { format: "tls" });
  await Promise.all(
    ["key", "crt", "cas"].map((name) =>
      Deno.copyFile(`${files}.${name}`, `${folder}/tls.${name}`)
    ),
  );
  await using admin = new AdminClient(
    cluster.authAddress,
    await cluster.credentials("request-admin"),
  );
  print({ address: cluster.authAddress });
  for await (const command of commands()) {
    const atMs = now();
    if (command["kind"] === "create") {
      const request = {
        user: "alice",
        roles: [roleIn(command)],
        reason: "bench",
      };
      print({ id: await admin.createRequest(request), atMs });
    } else {
      const id = String(command["id"]);
      await admin.setState(id, "APPROVED", "fine");
      print({ id, atMs });
    }
  }
}

/** A request whose message is in step already, with about 1 KB of plugin data. */
function createAnnounced(
  auth: FakeAuthService,
  i: number,
  reason: string,
): void {
  const id = auth.createRequest({
    user: "alice",
    roles: ["dev"],
    reason,
  });
  const message = `110000000000001001/${
    1_300_000_000_000_000_000n + BigInt(i)
  }`;
  auth.state.updatePluginData({
    kind: "access_request",
    resource: id,
    plugin: "discord",
    set: new Map(Object.entries({
      user: "alice",
      roles: "dev",
      request_reason: reason,
      logins_by_role: '{"dev":["dev","ubuntu"]}',
      messages: message,
      "x-version": "1",
      "x-owner": "00000000-0000-4000-8000-000000000000",
      "x-created": "2026-11-22T21:00:00Z",
      "x-request-expires": "2026-11-23T21:00:00Z",
      "x-access-expires": "2026-11-23T21:00:00Z",
      "x-reviews": "0/0/0",
      "x-to:110000000000001001": `${message} 1 PENDING-0-0-0.`,
    })),
    expect: new Map(),
  });
}

async function liftWhenAsked(discord: FakeDiscord): Promise<void> {
  for await (const command of commands()) {
    if (command["kind"] !== "lift") continue;
    discord.liftLimits();
    print({ lifted: true });
  }
}

async function runDiscord(options: string): Promise<void> {
  const settings = JSON.parse(options);
  await using discord = await FakeDiscord.start({ lenient: true, ...settings });
  print({ url: discord.url });
  liftWhenAsked(discord);
  let seen = 0;
  let clicks = 0;
  /** Calls that are not answered yet; some never are. */
  let open: typeof discord.calls = [];
  const isAnswered = ({ status }: { status: number | undefined }) =>
    status !== undefined;
  for (;;) {
    await discord.waitFor(({ calls }) =>
      open.some(isAnswered) || calls.slice(seen).some(isAnswered)
    );
    const calls = [...open, ...discord.calls.slice(seen)];
    seen = discord.calls.length;
    open = calls.filter((call) => !isAnswered(call));
    for (const { route, body, atMs, status } of calls.filter(isAnswered)) {
      const { content = "" } = (body ?? {}) as { content?: string };
      const [, requestId] = /\*ID\*: (\S+)/.exec(content) ?? [];
      print({ route, requestId, atMs, status });
      if (settings.gateway !== true || !route.startsWith("POST /channels/")) {
        continue;
      }
      setTimeout(() => {
        const message = settings.channels
          .flatMap((id: string) => discord.messages(id))
          .find(({ content }: { content: string }) =>
            content.includes(requestId ?? "–")
          );
        const userId = REVIEWER_IDS[clicks++ % REVIEWER_IDS.length] ?? "";
        print({ route: "click", requestId, atMs: now() });
        discord.click({ message, label: "Approve", userId });
      }, LOOKING_MS);
    }
  }
}

const [kind, argument = ""] = Deno.args;
if (kind === "auth") await runAuth(argument);
else if (kind === "cluster") await runCluster(argument);
else await runDiscord(argument);
