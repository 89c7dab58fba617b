#!/usr/bin/env bash
# Deno's node:http sends a POST a second time by itself when a kept-alive connection breaks before the answer;
# Node's own reports ECONNRESET and sends nothing.
#
# Why it matters here: a message that was posted, and whose answer was lost, would be posted again without
# anybody knowing. So posts go through fetch with a body that cannot be sent twice
# (src/discord/rest/http_caller.ts).
#
# Versions: deno 2.9.6 from npm, and the Node.js that runs this.
# Seen 2026-11-30 (deno 2.9.6, node 20.20.2):
#   deno: 3 requests for 2 calls, the second call succeeds
#   node: 2 requests for 2 calls, the second call fails with ECONNRESET
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y >/dev/null
npm install --silent --no-fund --no-audit deno@2.9.6 >/dev/null

# The server answers the first request of a connection and closes the connection at the second, unanswered.
cat >post.mjs <<'JS'
import http from "node:http";
import net from "node:net";
import process from "node:process";

let requests = 0;
const server = net.createServer((socket) => {
  let onThisOne = 0;
  socket.on("error", () => {});
  socket.on("data", () => {
    requests++;
    if (++onThisOne === 2) return socket.destroy();
    socket.write("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}");
  });
});
server.listen(0, "127.0.0.1", async () => {
  const agent = new http.Agent({ keepAlive: true });
  const { port } = server.address();
  const post = () =>
    new Promise((resolve) => {
      const request = http.request(
        { host: "127.0.0.1", port, method: "POST", agent },
        (response) => {
          response.resume();
          response.on("end", () => resolve("succeeds"));
        },
      );
      request.on("error", ({ code }) => resolve(`fails with ${code}`));
      request.end("a");
    });
  await post();
  const second = await post();
  console.log(`${requests} requests for 2 calls, the second call ${second}`);
  process.exit();
});
JS

export DENO_NO_UPDATE_CHECK=1
deno=$(./node_modules/.bin/deno run --quiet --allow-net --allow-env post.mjs)
node=$(node post.mjs)
echo "$(./node_modules/.bin/deno --version | head -n 1): $deno"
echo "node $(node --version): $node"
[[ $deno == "3 requests for 2 calls, the second call succeeds" ]] &&
  [[ $node == "2 requests for 2 calls, the second call fails with ECONNRESET" ]] ||
  { echo "the behaviour has changed" >&2; exit 1; }
