#!/usr/bin/env bash
# toml-eslint-parser 1.0.3: getStaticTOMLValue() gives another integer than the one that was written, without a word,
# where it has more digits than a number of JavaScript holds. TOML 1.0.0 ("Integer") has it otherwise: 64 bits are to be
# read without loss, and an error is due for what cannot be. The node of the same tree has it right, as `bigint`.
#
# Why it matters here: IDs of Discord have 18 digits and more, and one without quotes would become that of another
# channel; src/config/reading/toml.ts walks the nodes instead.
#
# Versions: toml-eslint-parser 1.0.3 from npm. Seen 2026-11-30 (Node 20.20.2):
#   110000000000001001 read as 110000000000001010, by the node as 110000000000001001
# Ends with 1 if that changes.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"

npm init -y >/dev/null
npm install --silent --no-audit --no-fund toml-eslint-parser@1.0.3
cat >try.mjs <<'EOF'
import { getStaticTOMLValue, parseTOML } from "toml-eslint-parser";

const written = "110000000000001001";
const tree = parseTOML(`channel = ${written}\n`);
const read = getStaticTOMLValue(tree).channel;
const [{ value: node }] = tree.body[0].body;
console.log(`${written} read as ${read}, by the node as ${node.bigint}`);
EOF
node --version
echo "toml-eslint-parser 1.0.3"
node try.mjs | tee seen
grep -qx '110000000000001001 read as 110000000000001010, by the node as 110000000000001001' seen
