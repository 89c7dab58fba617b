#!/usr/bin/env bash
# On Deno, grpc-js reads the plain text of an HTTP error as a gRPC message: four characters of it become the size,
# and the call fails with RESOURCE_EXHAUSTED and hundreds of megabytes. On Node.js the same call fails as gRPC's
# mapping of HTTP statuses has it: 404 as UNIMPLEMENTED, 502 as UNAVAILABLE.
#
# Why it matters here: a load balancer's page looks as if the cluster had more data than one answer may hold. So
# a size that spells text is said to be a page, and the call is tried again (src/teleport/client/grpc_error.ts).
#
# Versions: @grpc/grpc-js 1.14.7, deno 2.9.6 from npm, and the Node.js that runs this.
# Seen 2026-11-30 (node 20.20.2):
#   deno 404: code 8 (RESOURCE_EXHAUSTED), Received message larger than max (808722544 vs 4194304)
#   deno 502: code 8 (RESOURCE_EXHAUSTED), Received message larger than max (808591426 vs 4194304)
#   node 404: code 12 (UNIMPLEMENTED), Received HTTP status code 404
#   node 502: code 14 (UNAVAILABLE), Received HTTP status code 502
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y >/dev/null
npm install --silent --no-fund --no-audit @grpc/grpc-js@1.14.7 deno@2.9.6 >/dev/null

cat >call.cjs <<'JS'
const grpc = require("@grpc/grpc-js");
const http2 = require("node:http2");

const runtime = process.versions.deno === undefined ? "node" : "deno";
const PAGES = { 404: "404 page not found\n", 502: "502 Bad Gateway\n" };
let status = 404;
const server = http2.createServer();
server.on("stream", (stream) => {
  stream.respond({ ":status": status, "content-type": "text/plain" });
  stream.end(PAGES[status]);
});
server.listen(0, "127.0.0.1", async () => {
  const { port } = server.address();
  const client = new grpc.Client(
    `127.0.0.1:${port}`,
    grpc.credentials.createInsecure(),
  );
  const raw = (value) => value;
  const codes = [];
  for (status of [404, 502]) {
    const error = await new Promise((resolve) =>
      client.makeUnaryRequest("/a.B/C", raw, raw, Buffer.alloc(0), resolve)
    );
    codes.push(error.code);
    console.log(
      `${runtime} ${status}: code ${error.code} (${grpc.status[error.code]}), ${error.details}`,
    );
  }
  const { RESOURCE_EXHAUSTED, UNIMPLEMENTED, UNAVAILABLE } = grpc.status;
  const seen = runtime === "deno"
    ? [RESOURCE_EXHAUSTED, RESOURCE_EXHAUSTED]
    : [UNIMPLEMENTED, UNAVAILABLE];
  process.exit(`${codes}` === `${seen}` ? 0 : 1);
});
JS
export DENO_NO_UPDATE_CHECK=1 NO_COLOR=1
npx deno --version | head -1
npx deno run --quiet --no-lock --allow-all call.cjs
node --version
node call.cjs
