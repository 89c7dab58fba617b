#!/usr/bin/env bash
# deno@2.9.6 (npm), V8 15.0. With `--optimize-for-size` the young generation has 1 MiB, and a larger one that is asked for
# beside it (`--min-semi-space-size`, `--max-semi-space-size`) is ignored without a word: it is collected just as often.
# Expected: a flag that is given counts, as it does without `--optimize-for-size`, or V8 says that it does not.
# Ends with 1 if that changes.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm install --silent --no-audit --no-fund --prefix tool deno@2.9.6 >/dev/null
export NO_COLOR=1 DENO_NO_UPDATE_CHECK=1
deno=$folder/tool/node_modules/.bin/deno
"$deno" --version
cat >garbage.mjs <<'JS'
const ring = new Array(64).fill(null);
for (let i = 0; i < 1_500_000; i++) ring[i % 64] = { i, list: [i, i, i, i, i, i] };
JS
collections() { # FLAG…
  local flags
  flags=$(IFS=,; echo "--trace-gc,--single-threaded-gc,$*")
  "$deno" run --v8-flags="$flags" garbage.mjs | grep -c Scavenge
}
declare -A with without
for mib in 1 8; do
  size=(--min-semi-space-size=$mib --max-semi-space-size=$mib)
  without[$mib]=$(collections "${size[@]}")
  with[$mib]=$(collections --optimize-for-size "${size[@]}")
  echo "$mib MiB: ${without[$mib]} collections; ${with[$mib]} with --optimize-for-size"
done
((without[8] * 4 < without[1])) || { echo "changed: a larger young generation is collected as often"; exit 1; }
((with[8] * 2 > with[1])) || { echo "changed: the larger young generation counts"; exit 1; }
echo "as described: with --optimize-for-size 8 MiB are collected as often as 1 MiB"
