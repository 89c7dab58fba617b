#!/usr/bin/env bash
# deno@2.9.6 (npm). `deno run main.ts` and `deno task NAME` fetch every package of the lock file before anything runs, also
# those that nothing reachable from main.ts imports (here: that only a test imports), and even where the task is an `echo`.
# Expected: what is not in the module graph is not fetched, as with imports by URL. Seen: all of it is.
# Ends with 1 if that changes.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm install --silent --no-audit --no-fund --prefix tool deno@2.9.6 >/dev/null
export NO_COLOR=1 DENO_NO_UPDATE_CHECK=1
deno=$folder/tool/node_modules/.bin/deno
"$deno" --version | head -n 1
mkdir project && cd project
cat >deno.json <<'JSON'
{
  "imports": { "smol-toml": "npm:smol-toml@1.9.1", "fast-check": "npm:fast-check@4.10.2" },
  "tasks": { "hello": "echo hello" },
  "nodeModulesDir": "none"
}
JSON
echo 'import { parse } from "smol-toml"; console.log(parse("a = 1").a);' >main.ts
echo 'import fc from "fast-check"; Deno.test("t", () => fc.assert(fc.property(fc.nat(), () => true)));' >main_test.ts
DENO_DIR=$folder/first "$deno" install --quiet
for command in "run --frozen main.ts" "task --frozen hello"; do
  rm -rf "$folder/cache"
  # shellcheck disable=SC2086 # split into words
  DENO_DIR=$folder/cache "$deno" $command >"$folder/out" 2>&1
  echo "deno $command:"
  sed 's/^/  /' "$folder/out"
  compgen -G "$folder/cache/npm/*/fast-check" >/dev/null || { echo "changed: fast-check is not fetched"; exit 1; }
done
echo "as described: fast-check is fetched, though neither imports it"
