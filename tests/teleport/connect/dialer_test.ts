import assert from "node:assert/strict";
import { type Clock, systemClock } from "../../../src/lib/async/clock.ts";
import { TeleportClient } from "../../../src/teleport/client/teleport_client.ts";
import { connect as connectTcp } from "node:net";
import { ConnectError } from "../../../src/teleport/connect/connect_error.ts";
import {
  type Credentials,
  parseIdentity,
} from "../../../src/teleport/credentials/identity.ts";
import { FakeAuthService } from "../../fakes/auth_service.ts";
import {
  ConnectProxy,
  join,
  startTcpServer,
  startTlsServer,
} from "../../fakes/middle_boxes.ts";
import { ClusterPki, formatIdentity } from "../../fakes/pki.ts";
import { startWebPort } from "../../fakes/web_port.ts";
import { createDialer, type LinkedOptions } from "./linked.ts";

// Making keys takes longer than most tests here, so all share one cluster. Addresses need no look-up,
// which nothing can end, so that it would count as a leak of a test that is faster.
const pki = await ClusterPki.create();
const credentials = parseIdentity(await pki.issueIdentity(), "id");
const webPair = await pki.hostCa.issueWeb(["127.0.0.1"]);
const webCaPath = await Deno.makeTempFile({ suffix: ".pem" });
await Deno.writeTextFile(webCaPath, pki.hostCa.certificate);
addEventListener("unload", () => Deno.removeSync(webCaPath));
const never = new AbortController().signal;

/** A clock by which no route is slow: the next one is tried when one has failed. */
const patientClock: Clock = {
  ...systemClock,
  sleep: (_, signal) =>
    new Promise((_, reject) => {
      signal.addEventListener("abort", () => reject(signal.reason));
    }),
};

/** Returns the route that won. */
async function route(
  address: string,
  options: LinkedOptions = {},
): Promise<string> {
  const { channel, via } = await createDialer(address, {
    clock: patientClock,
    ...options,
  }).connect(credentials, never);
  await channel.close();
  return via.route.name;
}

/** Returns message and hint of a connection that fails. */
async function failure(
  address: string,
  options: LinkedOptions = {},
  as: Credentials = credentials,
): Promise<string> {
  const error = await createDialer(address, options).connect(as, never)
    .then(() => assert.fail("connected"), (error) => error);
  assert.ok(error instanceof ConnectError, `${error}`);
  return `${error.message} hint: ${error.hint}`;
}

Deno.test("the Auth Service itself is reached directly", async () => {
  await using auth = await FakeAuthService.start({ pki });
  assert.equal(await route(auth.address), "direct");
  // The call that decides is no Ping, which may be anonymous.
  assert.deepEqual(auth.calls.map(({ method }) => method), [
    "ListAccessRequests",
  ]);
});

Deno.test("a server without ListAccessRequests, as 14, is asked in the older way", async () => {
  await using auth = await FakeAuthService.start({ pki });
  auth.misbehaviour.noListAccessRequests = true;
  assert.equal(await route(auth.address), "direct");
});

for (
  const [version, webSocket] of [
    ["14.3.13", false],
    ["15.1.9", true],
    ["16.0.0", true],
    ["17.0.0", true],
    ["18.0.0", true],
    ["19.0.0", true],
    ["20.0.0", true],
  ] as const
) {
  Deno.test(`a balancer before Teleport ${version} is passed by upgrade`, async () => {
    await using auth = await FakeAuthService.start({
      pki,
      serverVersion: version,
    });
    auth.misbehaviour.noListAccessRequests = version < "15";
    const legacy = version < "19";
    await using web = await startWebPort(auth.address, webPair, {
      webSocket,
      legacy,
    });
    const { channel, via } = await createDialer(`127.0.0.1:${web.port}`, {
      webCaPath,
      clock: patientClock,
    }).connect(credentials, never);
    const { serverVersion } = await new TeleportClient(channel, never).ping();
    await channel.close();
    assert.equal(serverVersion, version);
    assert.equal(
      via.route.name,
      webSocket ? "upgrade_websocket" : "upgrade_legacy",
    );
  });
}

Deno.test("a WebSocket that sends each byte in a frame of its own works", async () => {
  await using auth = await FakeAuthService.start({ pki });
  await using web = await startWebPort(auth.address, webPair, {
    framing: "bytes",
  });
  const address = `127.0.0.1:${web.port}`;
  assert.equal(await route(address, { webCaPath }), "upgrade_websocket");
});

Deno.test("a WebSocket that sends a frame without end is left", async () => {
  await using web = await startWebPort("", webPair, { framing: "huge" });
  const before = Deno.memoryUsage().rss;
  const text = await failure(`127.0.0.1:${web.port}`, { webCaPath });
  assert.match(
    text,
    /upgrade_websocket.*: what is behind the upgrade speaks no TLS/,
  );
  const grownMib = (Deno.memoryUsage().rss - before) / 2 ** 20;
  assert.ok(grownMib < 100, `${grownMib} MiB`);
});

for (
  const [name, notAfterMs, expected] of [
    [
      "an expired web certificate is said to be expired, and when",
      Date.now() - 60_000,
      /upgrade_websocket.*: the web certificate expired on 2.*Z.* hint: renew the certificate of the Proxy/,
    ],
    [
      "of a web certificate that is valid now, the authority is in doubt",
      Date.now() + 60_000,
      /the web certificate is of an unknown authority.* hint: .*web_ca/,
    ],
  ] as const
) {
  Deno.test(name, async () => {
    const pair = await pki.hostCa.issueWeb(["127.0.0.1"], new Date(notAfterMs));
    await using web = await startWebPort("", pair);
    // The authority is not at fault where the time is.
    const trust = notAfterMs < Date.now() ? { webCaPath } : {};
    assert.match(await failure(`127.0.0.1:${web.port}`, trust), expected);
  });
}

Deno.test("a connection that brings one byte at a time works", async () => {
  await using auth = await FakeAuthService.start({ pki });
  const [host = "", port = ""] = auth.address.split(":");
  await using slow = await startTcpServer((client, own) => {
    const server = connectTcp({ host, port: Number(port), noDelay: true });
    own(server);
    client.setNoDelay().pipe(server);
    server.on("data", (bytes: Uint8Array) => {
      for (const byte of bytes) client.write(Uint8Array.of(byte));
    });
    client.once("close", () => server.destroy());
  });
  assert.equal(await route(`127.0.0.1:${slow.port}`), "direct");
});

Deno.test("the route that worked last is tried first", async () => {
  await using auth = await FakeAuthService.start({ pki });
  await using web = await startWebPort(auth.address, webPair);
  const dialer = createDialer(`127.0.0.1:${web.port}`, {
    webCaPath,
    clock: patientClock,
  });
  for (let i = 0; i < 2; i++) {
    const { channel } = await dialer.connect(credentials, never);
    await channel.close();
  }
  await auth.until(({ connections }) => connections === 0);
  assert.equal(auth.countCalls("ListAccessRequests"), 2);
});

const TLS_1_1_HELLO = Uint8Array.of(
  ...[0x16, 3, 2, 0, 42, 2, 0, 0, 38, 3, 2],
  ...new Uint8Array(32),
  ...[0, 0, 0x2f, 0],
);

/** Servers that are none of ours: what they send, after the client has spoken if that is told. */
const OTHER_SERVICES: Readonly<
  Record<string, { send: Uint8Array | string; after?: true; expected: RegExp }>
> = {
  "an SSH server": {
    send: "SSH-2.0-Teleport\r\n",
    expected: /SSH server.* hint: .*443 or 3080.*3025/,
  },
  "HTTP without TLS": {
    send: "HTTP/1.1 400 Bad Request\r\n\r\nClient sent an HTTP request",
    after: true,
    expected: /HTTP without TLS hint: .*443 or 3080/,
  },
  "garbage": {
    send: new Uint8Array(3000).fill(0x55),
    expected: /speaks no TLS hint: check the port/,
  },
  "TLS 1.1 alone": {
    send: TLS_1_1_HELLO,
    after: true,
    expected: /neither TLS 1\.2 nor 1\.3 hint: let what stands before/,
  },
};
for (
  const [name, { send, after, expected }] of Object.entries(OTHER_SERVICES)
) {
  Deno.test(`${name} is recognised`, async () => {
    await using server = await startTcpServer((client) => {
      if (after === undefined) client.write(send);
      else client.once("data", () => client.end(send));
    });
    assert.match(await failure(`127.0.0.1:${server.port}`), expected);
  });
}

Deno.test("a banner without end is not read to its end", async () => {
  await using server = await startTcpServer((client) => {
    const more = () => {
      while (!client.destroyed && client.write(new Uint8Array(65_536)));
    };
    client.on("drain", more);
    more();
  });
  assert.match(await failure(`127.0.0.1:${server.port}`), /speaks no TLS/);
});

Deno.test("silence ends after a time", async () => {
  await using server = await startTcpServer((client) => client.resume());
  const text = await failure(`127.0.0.1:${server.port}`, { attemptMs: 50 });
  assert.match(text, /(no answer|did not answer).* hint: .*firewall/);
});

Deno.test("a closed port is told once, not for each route", async () => {
  const text = await failure("127.0.0.1:1");
  assert.match(
    text,
    /"127\.0\.0\.1:1": 127\.0\.0\.1:1: connection refused hint/,
  );
});

Deno.test("that addr is not set is said where nobody answers", async () => {
  const text = await failure("127.0.0.1:1", { isDefault: true });
  assert.match(
    text,
    /at "127\.0\.0\.1:1", as addr is not set: .*refused hint: set addr below/,
  );
});

Deno.test("without a port the usual ones are tried", async () => {
  const text = await failure("127.0.0.1");
  assert.match(text, /:443: .*; .*:3080: .*; .*:3025: /);
});

Deno.test("a server of another cluster is told", async () => {
  await using auth = await FakeAuthService.start();
  assert.match(
    await failure(auth.address),
    /certificate there is not from the cluster "example\.com".* hint: .*"example\.com".* since its CAs were rotated: .*`tctl auth sign/,
  );
});

Deno.test("a server with another name or an expired certificate is told", async () => {
  const expired = await pki.hostCa.issueWeb(
    ["teleport.cluster.local"],
    new Date(Date.now() - 60_000),
  );
  for (
    const [pair, expected] of [
      [
        webPair,
        /\(direct, tls_routing\): the certificate there is not of an Auth/,
      ],
      [
        expired,
        /\(direct, tls_routing\): the certificate there is .* not valid now/,
      ],
    ] as const
  ) {
    await using server = await startTlsServer(pair, () => {}, ["h2"]);
    assert.match(await failure(`127.0.0.1:${server.port}`), expected);
  }
});

Deno.test("an Auth Service that refuses the certificate is told", async () => {
  await using auth = await FakeAuthService.start({ pki });
  const foreign = await (await ClusterPki.create()).userCa.issueUser("eve");
  const refused = parseIdentity(formatIdentity(foreign, [pki.hostCa]), "id");
  const text = await failure(auth.address, {}, refused);
  assert.match(text, /refused it|closed/);
});

Deno.test("expired credentials are told before all else", async () => {
  await using auth = await FakeAuthService.start({ pki });
  const notBefore = new Date(Date.now() - 60_000);
  const notAfter = new Date(Date.now() - 1000);
  const text = await pki.issueIdentity("bot", { notBefore, notAfter });
  const expired = parseIdentity(text, "id");
  assert.match(
    await failure(auth.address, {}, expired),
    /: certificate expired on .* hint: renew .*`tctl auth sign --user=bot/,
  );
});

Deno.test("a user that the Auth Service refuses ends the search at once", async () => {
  await using auth = await FakeAuthService.start({ pki });
  auth.fail("ListAccessRequests", { code: 5, message: '"user" "Nop" no' });
  const text = await failure(auth.address);
  assert.match(text, /refuses the user "discord-plugin".*`tctl get locks`/);
  assert.equal(auth.calls.length, 1);
});

Deno.test("a role of the certificate that is gone is told", async () => {
  await using auth = await FakeAuthService.start({ pki });
  const message = "access denied\n\trole extra is not found";
  auth.fail("ListAccessRequests", { code: 7, message });
  assert.match(
    await failure(auth.address),
    /access denied; role extra is not found hint: .* role "extra", which is gone: .*`tctl auth sign/,
  );
});

Deno.test("an attempt ends with the reason of the signal, and closes what it opened", async () => {
  const connected = Promise.withResolvers<void>();
  const closed = Promise.withResolvers<void>();
  await using server = await startTcpServer((client) => {
    client.resume().once("close", () => closed.resolve());
    connected.resolve();
  });
  const stop = new AbortController();
  const attempt = createDialer(`127.0.0.1:${server.port}`)
    .connect(credentials, stop.signal).catch((error) => error);
  await connected.promise;
  const reason = new Error("stopping");
  stop.abort(reason);
  assert.equal(await attempt, reason);
  await closed.promise;
});

Deno.test("a Proxy that cannot reach the Auth Service is told from nothing that is wrong here", async () => {
  // It answers for the web, and closes what is meant for an Auth Service.
  await using proxy = await startTlsServer(webPair, () => {}, ["h2"]);
  await using front = await startTcpServer((client, own) => {
    client.once("data", (hello: Uint8Array) => {
      if (new TextDecoder("latin1").decode(hello).includes("teleport-auth@")) {
        client.destroy();
        return;
      }
      const server = connectTcp({ host: "127.0.0.1", port: proxy.port });
      own(server);
      server.write(hello);
      join(client, server);
    });
  });
  const variables = { TELEPORT_TLS_ROUTING_CONN_UPGRADE: "false" };
  assert.match(
    await failure(`127.0.0.1:${front.port}`, { variables }),
    / hint: the Proxy there .*see whether the Auth Service runs.*does not know the cluster "example\.com".*tctl auth sign/,
  );
});

Deno.test("a load balancer of layer 4 changes nothing", async () => {
  await using auth = await FakeAuthService.start({ pki });
  const [host = "", port = ""] = auth.address.split(":");
  await using balancer = await startTcpServer((client, own) => {
    const server = connectTcp({ host, port: Number(port) });
    own(server);
    join(client, server);
  });
  assert.equal(await route(`127.0.0.1:${balancer.port}`), "direct");
});

Deno.test("a proxy setting that cannot be used is told as it is", async () => {
  const variables = { HTTPS_PROXY: "socks5://user:secret@proxy:1080" };
  const error = await createDialer("teleport.example.test:443", { variables })
    .connect(credentials, never)
    .then(() => assert.fail("connected"), (error) => error);
  assert.match(error.message, /^Cannot use the proxy that HTTPS_PROXY names/);
  assert.doesNotMatch(error.message, /secret/);
});

Deno.test("an HTTP proxy that ends its own TLS handshake is told, and throws nothing elsewhere", async () => {
  await using proxy = await startTcpServer((client) => {
    client.once("data", () => client.end());
  });
  const variables = { HTTPS_PROXY: `https://127.0.0.1:${proxy.port}` };
  assert.match(
    await failure("teleport.example.test:443", { variables, webCaPath }),
    /the HTTP proxy: the connection was closed without an answer hint: check HTTPS_PROXY/,
  );
});

Deno.test("what the Auth Service answers is not laid at the HTTP proxy's door", async () => {
  await using auth = await FakeAuthService.start({ pki });
  auth.fail("ListAccessRequests", { code: 8, message: "too many requests" });
  await using proxy = await ConnectProxy.start("u:p", () => auth.address);
  const variables = { HTTPS_PROXY: `http://u:p@127.0.0.1:${proxy.port}` };
  assert.match(
    await failure("teleport.example.test:443", { variables }),
    /443 \(direct\): the Auth Service answered: too many requests hint: wait a moment/,
  );
});

Deno.test("NODE_TLS_REJECT_UNAUTHORIZED turns no check off", async () => {
  const variable = "NODE_TLS_REJECT_UNAUTHORIZED";
  await using foreign = await FakeAuthService.start();
  await using auth = await FakeAuthService.start({ pki });
  await using web = await startWebPort(auth.address, webPair, {
    webSocket: true,
  });
  await using proxy = await startTlsServer(webPair, () => {}, []);
  const variables = { HTTPS_PROXY: `https://127.0.0.1:${proxy.port}` };
  for (
    const [address, options] of [
      [foreign.address, {}],
      [`127.0.0.1:${web.port}`, {}],
      ["teleport.example.test:443", { variables }],
    ] as const
  ) {
    const told = await failure(address, options);
    Deno.env.set(variable, "0");
    try {
      assert.equal(await failure(address, options), told);
    } finally {
      Deno.env.delete(variable);
    }
    assert.match(told, /certificate/);
  }
});
