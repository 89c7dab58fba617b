#!/usr/bin/env bash
# A client of grpc-js that is closed while it waits to connect again does not stop waiting: when the wait is over it opens
# one more connection, on Node.js and on Deno. A good engineer expects that `close()` ends all that a client does; the
# state of its channel says SHUTDOWN at once.
#
# Why it matters here: a process that wants to end was held for up to two seconds, and a server saw a connection of a
# client that was long closed. So closing stops these timers too (src/teleport/client/auth_channel.ts).
#
# Versions: @grpc/grpc-js 1.14.7, deno 2.9.6 from npm, and the Node.js that runs this.
# Seen 2026-11-30 (node 20.20.2):
#   node: closed, state SHUTDOWN, then 1 connection
#   deno: closed, state SHUTDOWN, then 1 connection
# Ends with 1 if that changes.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y >/dev/null
npm install --silent --no-fund --no-audit @grpc/grpc-js@1.14.7 deno@2.9.6 >/dev/null

cat >close.cjs <<'JS'
const grpc = require("@grpc/grpc-js");
const net = require("node:net");

const runtime = process.versions.deno === undefined ? "node" : "deno";
const bytes = (value) => value;

/** Resolves with a server that counts its connections. */
function listen(port, onConnection) {
  return new Promise((resolve) => {
    const server = net.createServer(onConnection);
    server.listen(port, "127.0.0.1", () => resolve(server));
  });
}

(async () => {
  // A port at which nobody listens for now.
  const before = await listen(0, () => {});
  const { port } = before.address();
  await new Promise((resolve) => before.close(resolve));

  const client = new grpc.Client(`127.0.0.1:${port}`, grpc.credentials.createInsecure());
  // It ends when the first attempt has failed; the next one is then a second away.
  await new Promise((resolve) =>
    client.makeUnaryRequest("/any/call", bytes, bytes, Buffer.alloc(0), resolve)
  );
  client.close();
  const state = grpc.connectivityState[client.getChannel().getConnectivityState(false)];

  let connections = 0;
  const server = await listen(port, (socket) => {
    connections++;
    socket.destroy();
  });
  await new Promise((resolve) => setTimeout(resolve, 4000));
  server.close();
  console.log(`${runtime}: closed, state ${state}, then ${connections} connection${connections === 1 ? "" : "s"}`);
  process.exit(0);
})();
JS

export NO_COLOR=1 DENO_NO_UPDATE_CHECK=1
{
  node close.cjs
  node_modules/.bin/deno run -A close.cjs
} | tee seen
for runtime in node deno; do
  grep -qx "$runtime: closed, state SHUTDOWN, then 1 connection" seen || { echo "changed on $runtime"; exit 1; }
done
echo "as described: a closed client connects once more"
