/**
 * What surrounds the daemon: systemd, the journal, probes, monitoring, and who starts it to fail fast.
 *
 * @module
 */

import assert from "node:assert/strict";
import { parseMetrics, valueOf } from "../fakes/prometheus.ts";
import { resetBefore } from "../fakes/discord.ts";
import { FakeSystemd } from "../fakes/systemd.ts";
import { runBundle } from "./bundle.ts";
import { sideBySide } from "./plugin.ts";
import { World } from "./world.ts";

/** What is asked of one that has no Auth Service yet, and gets one in the end. */
interface Health {
  readonly status: number;
  readonly reasons: readonly string[];
}

Deno.test("the plugin and its host", (t) =>
  sideBySide(t, {
    "systemd is told of start, work, reload, life and end": async () => {
      await using world = await World.create();
      await using systemd = await FakeSystemd.start(world.path("notify"));
      const { notes } = systemd;
      const plugin = world.start({
        net: "any",
        env: { NOTIFY_SOCKET: systemd.path, WATCHDOG_USEC: "400000" },
      });
      await plugin.ready();
      const index = (match: (note: Record<string, string>) => boolean) =>
        notes.findIndex(match);
      await systemd.until(() =>
        notes.some(({ STATUS }) =>
          STATUS?.startsWith("watching access requests of example.com (")
        )
      );
      const ready = index(({ READY }) => READY === "1");
      assert(ready >= 0, "READY comes");
      const fed = () => notes.filter(({ WATCHDOG }) => WATCHDOG === "1").length;
      await systemd.until(() => fed() >= 4);
      plugin.signal("SIGHUP");
      await plugin.waitForLine("configuration reloaded");
      const reloading = () => index(({ RELOADING }) => RELOADING === "1");
      const readyAgain = () =>
        notes.findLastIndex(({ READY }) => READY === "1");
      await systemd.until(() => readyAgain() > ready);
      assert(ready < reloading() && reloading() < readyAgain());
      // Type=notify-reload compares it with the time of its signal.
      assert.match(notes[reloading()]?.MONOTONIC_USEC ?? "", /^\d+$/);
      assert.equal(await plugin.stop(), 0);
      await systemd.until(() => notes.at(-1)?.STOPPING === "1");
      assert.deepEqual(plugin.lines("level=error"), []);
    },

    "systemd need not wait for Discord, the Auth Service or an identity":
      async () => {
        await using world = await World.create();
        await using systemd = await FakeSystemd.start(world.path("notify"));
        world.discord.fail(() => true, resetBefore, Infinity);
        await world.writeIdentity("");
        const env = { NOTIFY_SOCKET: systemd.path };
        const plugin = world.start({ net: "any", env });
        await systemd.until(() => systemd.notes.some(({ READY }) => READY));
        await systemd.until(() =>
          systemd.notes.some(({ STATUS }) =>
            STATUS === "waiting for credentials"
          )
        );
        assert.equal(await plugin.stop(), 0);
      },

    "systemd is told through an abstract socket as well": async () => {
      await using world = await World.create();
      const name = `@teleport-discord-test-${crypto.randomUUID()}`;
      await using systemd = await FakeSystemd.start(name);
      const env = { NOTIFY_SOCKET: name };
      const plugin = world.start({ net: "any", env });
      await systemd.until(() => systemd.notes.some(({ READY }) => READY));
      assert.equal(await plugin.stop(), 0);
      await systemd.until(() => systemd.notes.at(-1)?.STOPPING === "1");
      assert.deepEqual(plugin.lines("cannot tell systemd"), []);
    },

    "a socket of systemd that takes nothing is told, once": async () => {
      await using world = await World.create();
      const path = world.path("nobody");
      const plugin = world.start({ net: "any", env: { NOTIFY_SOCKET: path } });
      await plugin.ready();
      assert.equal(await plugin.stop(), 0);
      const [line, ...more] = plugin.lines("cannot tell systemd");
      assert.match(
        line ?? "",
        /level=warning .*socket=\S+nobody err=.* hint=".*Type=exec/,
      );
      assert.deepEqual(more, []);
    },

    "lines on the journal have a priority and no time": async () => {
      await using world = await World.create();
      const args = [...runBundle(), "start", "-c", world.path("config.toml")];
      const script =
        'JOURNAL_STREAM=$(stat -L -c %d:%i /proc/self/fd/2) exec "$@"';
      const plugin = world.start({
        program: "/bin/sh",
        args: ["-c", script, "sh", Deno.execPath(), ...args],
      });
      await plugin.ready();
      assert.equal(await plugin.stop(), 0);
      const lines = plugin.output.trimEnd().split("\n");
      for (const line of lines) {
        assert.match(line, /^<[67]>level=(?:info|debug) msg="/);
      }
      await world.write("config.toml", "[nonsense");
      const failing = world.start({
        program: "/bin/sh",
        args: ["-c", script, "sh", Deno.execPath(), ...args],
      });
      assert.equal(await failing.exitCode, 78);
      assert.match(failing.output, /^<3>error: .*\n<3>hint: .*\n$/);
    },

    "/readyz goes through every state, and healthcheck says the same":
      async () => {
        await using world = await World.create();
        const { auth, discord } = world;
        const port = freePort();
        const url = `http://127.0.0.1:${port}`;
        await world.configure({ http: `listen = "127.0.0.1:${port}"` });
        await auth.stop();
        const plugin = world.start();
        await plugin.waitForLine("offering health and metrics");
        await plugin.waitForLine("cannot connect to the Auth Service");
        await untilReasons(url, "starting");
        assert.equal((await fetchText(`${url}/livez`)).status, 200);

        await auth.restart();
        await untilReasons(url);
        const args = ["healthcheck", "-c", world.path("config.toml")];
        const asked = world.start({ args });
        assert.equal(await asked.exitCode, 0);
        assert.equal(asked.output, '{"ready":true,"reasons":[]}\n');

        const id = auth.createRequest();
        await world.shows(id, "PENDING");
        const token = discord.token;
        const { bot } = discord;
        discord.api.bots.delete(token);
        auth.setState(id, "APPROVED");
        await untilReasons(url, "token_refused");
        discord.api.bots.set(token, bot);
        await untilReasons(url);
        await world.shows(id, "APPROVED");
        // What cannot be recorded while the Auth Service is away would still count as owed below.
        await untilNothingIsOwed(url);

        await auth.stop();
        await untilReasons(url, "stream_lost");
        const refused = world.start({ args });
        assert.equal(await refused.exitCode, 1);
        assert.match(refused.output, /^{"ready":false,.*"stream_lost"/);
        await auth.restart();
        await untilReasons(url);

        const page = await fetchText(`${url}/metrics`);
        assert.equal(page.type, "text/plain; version=0.0.4; charset=utf-8");
        const metrics = parseMetrics(page.text);
        const value = (name: string, labels = {}) =>
          valueOf(metrics, `teleport_discord_${name}`, labels);
        const route = "POST /channels/:id/messages";
        assert.equal(value("calls_total", { route, status: "200" }), 1);
        assert.equal(value("events_total", { kind: "put" }), 2);
        assert.equal(value("watching"), 1);
        assert.equal(value("ready"), 1);
        assert.equal(value("deliveries_owed_oldest_seconds"), 0);
        assert(!page.text.includes(id) && !page.text.includes("alice"));

        const notAfter = new Date(Date.now() + 3000);
        await world.writeIdentity(
          await auth.pki.issueIdentity("discord-plugin", { notAfter }),
        );
        await untilReasons(url, "credentials_expired");
        assert.equal(await plugin.stop(), 0);
        const gone = world.start({ args });
        assert.equal(await gone.exitCode, 1);
        assert.match(gone.output, /^error: Cannot ask the plugin at 127/);
      },

    "a Unix socket serves as well, and one that was left behind is no hindrance":
      async () => {
        await using world = await World.create();
        const listen = `listen = "unix:${world.path("http.sock")}"`;
        await world.configure({ http: listen });
        const first = world.start({ net: "any" });
        await first.waitForLine("offering health and metrics");
        await first.kill();
        const plugin = await world.start({ net: "any" }).ready();
        const args = ["healthcheck", "-c", world.path("config.toml")];
        const asked = world.start({ net: "any", args });
        assert.equal(await asked.exitCode, 0);
        plugin.signal("SIGUSR2");
        const line = await plugin.waitForLine('msg="state"');
        assert.match(line, /ready=true .*requests_in_work=0/);
        assert.equal(plugin.lines("debugger").length, 0);
        plugin.signal("SIGUSR1");
        await plugin.waitForLine("SIGUSR1 lets Deno open a debugger");
        assert.equal(plugin.lines('msg="state"').length, 2);
        assert.equal(await plugin.stop(), 0);
      },

    "a port alone, as the chart has it, listens on both families": async () => {
      await using world = await World.create();
      const port = freePort();
      await world.configure({ http: `listen = ":${port}"` });
      const plugin = await world.start({ net: "any" }).ready();
      await plugin.waitForLine("offering health and metrics");
      const has6 = await Deno.readTextFile("/proc/net/if_inet6")
        .then((text) => /^0{31}1 /m.test(text), () => false);
      for (const host of ["", "127.0.0.1", ...has6 ? ["[::1]"] : []]) {
        await world.write("probe.toml", `[http]\nlisten = "${host}:${port}"`);
        const args = ["healthcheck", "-c", world.path("probe.toml")];
        const asked = world.start({ net: "any", args });
        assert.equal(await asked.exitCode, 0, `${host}: ${asked.output}`);
      }
      assert.equal(await plugin.stop(), 0);
    },

    "a wish to fail fast that is no yes or no is told": async () => {
      await using world = await World.create();
      const env = { TELEPORT_PLUGIN_FAIL_FAST: "yes" };
      const plugin = await world.start({ env }).ready();
      const told = plugin.lines("neither true nor false");
      assert.equal(told.length, 1, plugin.output);
      assert.equal(await plugin.stop(), 0);
    },

    "a plugin that is to fail fast ends after three failed connects":
      async () => {
        await using world = await World.create();
        await world.auth.stop();
        const env = { TELEPORT_PLUGIN_FAIL_FAST: "true" };
        const plugin = world.start({ env });
        assert.equal(await plugin.exitCode, 1);
        assert.equal(
          plugin.lines("TELEPORT_PLUGIN_FAIL_FAST is set, which").length,
          1,
        );
        assert.match(plugin.output, /3 attempts in a row failed/);
      },
  }));

/** Returns a port that nobody listens at. */
function freePort(): number {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  return listener.addr.port;
}

async function fetchText(url: string) {
  const response = await fetch(url);
  const text = await response.text();
  const type = response.headers.get("content-type");
  return { status: response.status, type, text };
}

/** Waits until a plugin has recorded every post and edit. */
async function untilNothingIsOwed(url: string): Promise<void> {
  for (;;) {
    const metrics = parseMetrics((await fetchText(`${url}/metrics`)).text);
    if (valueOf(metrics, "teleport_discord_deliveries_owed") === 0) return;
  }
}

/** Waits until a plugin gives these reasons for not being ready. */
async function untilReasons(
  url: string,
  ...reasons: readonly string[]
): Promise<void> {
  const wanted: Health = {
    status: reasons.length === 0 ? 200 : 503,
    reasons,
  };
  for (;;) {
    const { status, text } = await fetchText(`${url}/readyz`);
    const page: { reasons: { reason: string }[] } = JSON.parse(text);
    const found = { status, reasons: page.reasons.map((r) => r.reason) };
    if (JSON.stringify(found) === JSON.stringify(wanted)) return;
  }
}
