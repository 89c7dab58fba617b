#!/usr/bin/env bash
# On Deno, `node:tls` reports a server whose certificate has expired with the code and the text of one whose authority is
# unknown: UNABLE_TO_VERIFY_LEAF_SIGNATURE. On Node.js the code is CERT_HAS_EXPIRED, and programs rely on it to tell
# "renew the certificate" from "trust another authority".
#
# Why it matters here: an admin would be sent to look for a wrong CA file. So, where a web certificate is not trusted, its
# dates are read on a second connection (src/teleport/connect/web_validity.ts).
#
# Versions: deno 2.9.6 and node-forge 1.3.1 from npm (which makes the certificates), and the Node.js that runs this.
# Seen 2026-11-30 (node 20.20.2):
#   node valid: connected
#   node expired: CERT_HAS_EXPIRED, certificate has expired
#   node of another authority: UNABLE_TO_VERIFY_LEAF_SIGNATURE, unable to verify the first certificate
#   deno valid: connected
#   deno expired: UNABLE_TO_VERIFY_LEAF_SIGNATURE, unable to verify the first certificate
#   deno of another authority: UNABLE_TO_VERIFY_LEAF_SIGNATURE, unable to verify the first certificate
# Ends with 1 if that changes.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y >/dev/null
npm install --silent --no-fund --no-audit node-forge@1.3.1 deno@2.9.6 >/dev/null

cat >expired.cjs <<'JS'
const { md, pki } = require("node-forge");
const tls = require("node:tls");

const runtime = process.versions.deno === undefined ? "node" : "deno";
const DAY_MS = 86_400_000;
let serial = 16;

/** Makes a certificate that ends in so many days; one that signs others without an issuer. */
function issue(name, days, issuer) {
  const keys = pki.rsa.generateKeyPair(2048);
  const cert = pki.createCertificate();
  const subject = [{ name: "commonName", value: name }];
  cert.publicKey = keys.publicKey;
  cert.serialNumber = (serial++).toString(16);
  cert.validity.notBefore = new Date(Date.now() - 30 * DAY_MS);
  cert.validity.notAfter = new Date(Date.now() + days * DAY_MS);
  cert.setSubject(subject);
  cert.setIssuer(issuer?.cert.subject.attributes ?? subject);
  cert.setExtensions(
    issuer === undefined
      ? [{ name: "basicConstraints", cA: true }, { name: "keyUsage", keyCertSign: true }]
      : [
        { name: "extKeyUsage", serverAuth: true },
        { name: "subjectAltName", altNames: [{ type: 2, value: "localhost" }] },
      ],
  );
  cert.sign((issuer?.keys ?? keys).privateKey, md.sha256.create());
  return { cert, keys };
}

const trusted = issue("trusted", 30);
const servers = {
  "valid": issue("server", 10, trusted),
  "expired": issue("server", -1, trusted),
  "of another authority": issue("server", 10, issue("other", 30)),
};

/** Resolves with what comes of a connection to a server with this certificate. */
async function connect({ cert, keys }) {
  const server = tls.createServer({
    cert: pki.certificateToPem(cert),
    key: pki.privateKeyToPem(keys.privateKey),
  });
  server.on("tlsClientError", () => {});
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  try {
    return await new Promise((resolve) => {
      const socket = tls.connect({
        host: "127.0.0.1",
        port: server.address().port,
        servername: "localhost",
        ca: pki.certificateToPem(trusted.cert),
      }, () => {
        socket.destroy();
        resolve("connected");
      });
      socket.on("error", ({ code, message }) => resolve(`${code}, ${message}`));
    });
  } finally {
    server.close();
  }
}

(async () => {
  for (const [name, pair] of Object.entries(servers)) {
    console.log(`${runtime} ${name}: ${await connect(pair)}`);
  }
})();
JS

export NO_COLOR=1 DENO_NO_UPDATE_CHECK=1
{
  node expired.cjs
  node_modules/.bin/deno run -A expired.cjs
} | tee seen
is() {
  grep -q "^$1: $2" seen || { echo "changed: $1"; exit 1; }
}
for runtime in node deno; do
  is "$runtime valid" connected
  is "$runtime of another authority" UNABLE_TO_VERIFY_LEAF_SIGNATURE
done
is "node expired" CERT_HAS_EXPIRED
is "deno expired" UNABLE_TO_VERIFY_LEAF_SIGNATURE
echo "as described: Deno takes an expired certificate for one of an unknown authority"
