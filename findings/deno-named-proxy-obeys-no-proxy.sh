#!/usr/bin/env bash
# A proxy that a Deno program names itself, `Deno.createHttpClient({ proxy: { url } })`, is passed by where the variable
# NO_PROXY names the target: expected was that a proxy named in the program is used. And NO_PROXY is compared with regard
# to case, and as a whole: `LOCALHOST` and `localhost:PORT` match nothing, where host names have no case and Go, whose rules
# most programs beside it have, takes a port as well.
#
# Why it matters here: whoever sets NO_PROXY for the official plugin, in Go's spelling, would get other connections. So
# the program reads the variables by Go's rules, takes them out of its own environment before the first connection, and
# names the proxy or none for each (docs/design/go-differences.md 1).
#
# Version: deno 2.9.6 from npm.
# Seen 2026-11-30:
#   no NO_PROXY: proxy
#   NO_PROXY=other: proxy
#   NO_PROXY=localhost: target
#   NO_PROXY=LOCALHOST: proxy
#   NO_PROXY=localhost:PORT: proxy
# Ends with 1 if that changes.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y >/dev/null
npm install --silent --no-fund --no-audit deno@2.9.6 >/dev/null

cat >call.mts <<'TS'
const listen = (name: string) =>
  Deno.serve({ port: 0, hostname: "127.0.0.1", onListen() {} }, () => new Response(name));
const proxy = listen("proxy");
const target = listen("target");
const { port } = target.addr;

for (const value of [undefined, "other", "localhost", "LOCALHOST", "localhost:PORT"]) {
  if (value !== undefined) Deno.env.set("NO_PROXY", value.replace("PORT", String(port)));
  const client = Deno.createHttpClient({ proxy: { url: `http://127.0.0.1:${proxy.addr.port}` } });
  const answer = await fetch(`http://localhost:${port}/`, { client });
  console.log(`${value === undefined ? "no NO_PROXY" : `NO_PROXY=${value}`}: ${await answer.text()}`);
  client.close();
}
Deno.exit(0);
TS

export NO_COLOR=1 DENO_NO_UPDATE_CHECK=1
env -u NO_PROXY -u no_proxy -u HTTP_PROXY -u http_proxy node_modules/.bin/deno run -A call.mts | tee seen
diff seen - <<'TEXT' || { echo "changed"; exit 1; }
no NO_PROXY: proxy
NO_PROXY=other: proxy
NO_PROXY=localhost: target
NO_PROXY=LOCALHOST: proxy
NO_PROXY=localhost:PORT: proxy
TEXT
echo "as described: the variable decides over a proxy that the program names"
