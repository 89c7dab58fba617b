#!/usr/bin/env bash
# Code by ts-proto does not merge: of a nested message that comes in two parts it keeps the last part alone, of a oneof
# both members, and an entry of a map of messages that has a key and no value it leaves out. The encoding guide of
# protobuf asks for all three (a decoder merges; the last member of a oneof wins; a missing value is the default), and
# protobuf-es does it.
#
# Why it matters here: what Teleport sends is read by such code. docs/design/protobuf.md 2 says why no server sends what
# would be lost, and tests/teleport/client/wire_test.ts holds that captured messages come out whole.
#
# Versions: ts-proto 2.18.0, @bufbuild/buf 1.75.0, @bufbuild/protobuf and @bufbuild/protoc-gen-es 2.17.0 from npm, and the
# Node.js that runs this.
# Seen 2026-11-30 (node 20.20.2):
#   nested: ts-proto {"b":2}, protobuf-es {"a":1,"b":2}
#   oneof: ts-proto {"text":"x","count":7}, protobuf-es {"case":"count","value":7}
#   map: ts-proto [], protobuf-es ["k"]
# Ends with 1 if that changes.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y >/dev/null
npm install --silent --no-fund --no-audit ts-proto@2.18.0 ts-poet@6.12.0 dprint-node@1.0.8 @bufbuild/buf@1.75.0 \
  @bufbuild/protobuf@2.17.0 @bufbuild/protoc-gen-es@2.17.0 typescript@5.9.3 >/dev/null

mkdir proto
cat >proto/message.proto <<'PROTO'
syntax = "proto3";
message Part { int32 a = 1; int32 b = 2; }
message Message {
  Part nested = 1;
  oneof choice { string text = 2; int32 count = 3; }
  map<string, Part> map = 4;
}
PROTO
cat >buf.gen.yaml <<'YAML'
version: v2
inputs: [{ directory: proto }]
plugins:
  - { local: node_modules/.bin/protoc-gen-ts_proto, out: ts_proto, opt: [esModuleInterop=true, importSuffix=.js] }
  - { local: node_modules/.bin/protoc-gen-es, out: es, opt: [target=ts] }
YAML
node_modules/.bin/buf generate --template buf.gen.yaml
node_modules/.bin/tsc --target es2022 --module nodenext --skipLibCheck --outDir js ts_proto/message.ts es/message_pb.ts

cat >read.cjs <<'JS'
const { Message } = require("./js/ts_proto/message.js");
const { MessageSchema } = require("./js/es/message_pb.js");
const { fromBinary } = require("@bufbuild/protobuf");

const json = ({ $typeName, ...rest }) => JSON.stringify(rest);
/** Parts as bytes, joined end to end; each is a valid message. */
const read = (...bytes) => {
  const joined = Uint8Array.from(bytes.flat());
  return [Message.decode(joined), fromBinary(MessageSchema, joined)];
};
{
  // nested { a: 1 }, then nested { b: 2 }
  const [own, es] = read([0x0a, 2, 0x08, 1], [0x0a, 2, 0x10, 2]);
  const { a, b } = own.nested;
  console.log(`nested: ts-proto ${JSON.stringify({ a: a || undefined, b })}, protobuf-es ${json(es.nested)}`);
}
{
  // text "x", then count 7
  const [{ text, count }, es] = read([0x12, 1, 0x78], [0x18, 7]);
  console.log(`oneof: ts-proto ${JSON.stringify({ text, count })}, protobuf-es ${JSON.stringify(es.choice)}`);
}
{
  // an entry with the key "k" alone
  const [own, es] = read([0x22, 3, 0x0a, 1, 0x6b]);
  const keys = (map) => JSON.stringify(Object.keys(map));
  console.log(`map: ts-proto ${keys(own.map)}, protobuf-es ${keys(es.map)}`);
}
JS
node read.cjs | tee seen
diff seen - <<'TEXT' || { echo "changed"; exit 1; }
nested: ts-proto {"b":2}, protobuf-es {"a":1,"b":2}
oneof: ts-proto {"text":"x","count":7}, protobuf-es {"case":"count","value":7}
map: ts-proto [], protobuf-es ["k"]
TEXT
echo "as described: parts are replaced, both members stay, an entry is missing"
