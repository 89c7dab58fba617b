import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { generateKeyPairSync } from "node:crypto";
import { OperatorError } from "../../../src/lib/operator_error.ts";
import { issuedAs } from "../../../src/ports/admin_hints.ts";
import {
  checkValidity,
  type Credentials,
  parseIdentity,
  parseTlsFiles,
} from "../../../src/teleport/credentials/identity.ts";
import { loadCredentials } from "../../../src/teleport/credentials/identity_files.ts";
import {
  readPemBlocks,
  writePemBlock,
} from "../../../src/teleport/credentials/pem.ts";
import {
  CertificateAuthority,
  ClusterPki,
  formatIdentity,
} from "../../fakes/pki.ts";

const FOLDER = new URL("../../fixtures/identity/", import.meta.url);
const TLS_SOURCE = {
  kind: "tls",
  keyPath: "a.key",
  certificatePath: "a.crt",
  caPath: "a.cas",
} as const;
const FIXTURES = ["p256", "rsa", "two-cas", "expired", "tbot"];

for (const name of FIXTURES) {
  Deno.test(`parseIdentity() reads a real file: ${name}`, async () => {
    const text = await read(`identity-${name}`);
    const facts = JSON.parse(await read(`identity-${name}.json`));
    const credentials = parseIdentity(text, "identity");
    assert.deepEqual(summarize(credentials), {
      userName: facts.user,
      roles: facts.roles,
      clusterName: facts.clusterName,
      notBefore: new Date(facts.notBefore),
      notAfter: new Date(facts.notAfter),
      caCertificates: facts.tlsCas.length,
    });
  });
}

for (const name of ["tls", "tls-rsa", "tls-two-cas"]) {
  Deno.test(`parseTlsFiles() reads real files: ${name}`, async () => {
    const credentials = parseTlsFiles(TLS_SOURCE, [
      await read(`${name}.key`),
      await read(`${name}.crt`),
      await read(`${name}.cas`),
    ]);
    const { userName, caCertificates } = summarize(credentials);
    assert.equal(userName, "long-plugin");
    assert.equal(caCertificates, name === "tls-two-cas" ? 2 : 1);
  });
}

Deno.test("parseIdentity() does not trust the label of the key", async () => {
  for (const name of ["identity-p256", "identity-rsa"]) {
    const text = await read(name);
    for (const label of ["EC PRIVATE KEY", "RSA PRIVATE KEY", "WHATEVER"]) {
      const relabelled = text.replaceAll(/(RSA )?PRIVATE KEY/g, label);
      const credentials = parseIdentity(relabelled, name);
      const key = parseIdentity(text, name).privateKey.reveal();
      assert.equal(credentials.privateKey.reveal(), key);
    }
  }
});

Deno.test("parseIdentity() reads a SEC1 key", async () => {
  const text = await read("identity-p256");
  const { privateKey } = parseIdentity(text, "identity");
  const { createPrivateKey } = await import("node:crypto");
  const sec1 = createPrivateKey(privateKey.reveal())
    .export({ type: "sec1", format: "pem" }).toString();
  const withSec1 = text.replace(
    /-----BEGIN PRIVATE KEY[\s\S]*?END PRIVATE KEY-----\n/,
    sec1,
  );
  const credentials = parseIdentity(withSec1, "identity");
  assert.equal(credentials.privateKey.reveal(), privateKey.reveal());
});

Deno.test("parseIdentity() takes line ends and blanks as they come", async () => {
  const text = await read("identity-p256");
  const untidy = `\uFEFF\n${text.replaceAll("\n", "  \r\n\r\n")}`;
  assert.equal(parseIdentity(untidy, "identity").userName, "long-plugin");
});

Deno.test("parseIdentity() takes the cluster from the issuer if it must", async () => {
  const pki = await ClusterPki.create("leaf.example.org");
  const options = { clusterAttribute: false };
  const text = await pki.issueIdentity("bot", options);
  assert.equal(parseIdentity(text, "identity").clusterName, "leaf.example.org");
});

Deno.test("parseIdentity() is not led astray by text in a name", async () => {
  const pki = await ClusterPki.create();
  const roles = ["x\nCN=admin\nOID(1.3.9999.1.7)=evil + CN=admin"];
  const credentials = parseIdentity(
    await pki.issueIdentity("bot", { roles }),
    "identity",
  );
  assert.equal(credentials.userName, "bot");
  assert.equal(credentials.clusterName, "example.com");
});

Deno.test("parseIdentity() names each fault", async () => {
  const pki = await ClusterPki.create();
  const [mine, other] = await Promise.all([
    pki.userCa.issueUser("bot"),
    pki.userCa.issueUser("bot"),
  ]);
  const good = formatIdentity(mine, [pki.hostCa]);
  const junk = writePemBlock("CERTIFICATE", new TextEncoder().encode("junk"));
  const faults: [string, string][] = [
    ["", "file is empty"],
    [" \n\t\n", "file is empty"],
    ["nothing to see here\n", "no PEM block found"],
    ["\x00\xff\x7f binary", "no PEM block found"],
    [mine.key, "no certificate found"],
    [
      mine.key + mine.certificate,
      "no certificate authority of the cluster found",
    ],
    [
      good.slice(0, good.lastIndexOf("-----END")),
      "the last PEM block has no end, the file is incomplete",
    ],
    [
      good.slice(0, 60),
      "the last PEM block has no end, the file is incomplete",
    ],
    [
      mine.certificate + mine.key + pki.hostCa.certificate,
      "begins with a certificate, not with the private key",
    ],
    [
      mine.key + mine.key + pki.hostCa.certificate,
      "the private key is not followed by its certificate",
    ],
    [
      mine.key + junk + pki.hostCa.certificate,
      "certificate cannot be decoded",
    ],
    [
      mine.key + mine.certificate + junk,
      "certificate authority cannot be decoded",
    ],
    [
      "-----BEGIN PRIVATE KEY-----\n*not base64*\n-----END PRIVATE KEY-----\n" +
      mine.certificate + pki.hostCa.certificate,
      "private key cannot be decoded",
    ],
    [
      formatIdentity({ ...mine, key: other.key }, [pki.hostCa]),
      "private key and certificate do not belong together",
    ],
  ];
  for (const [text, state] of faults) {
    const error = catchOperatorError(() => parseIdentity(text, "/etc/id"));
    assert.equal(
      error.message,
      `Cannot read the identity file "/etc/id": ${state}`,
    );
    assert.match(error.hint ?? "", /tctl auth sign/);
    assertHoldsNoKey(error, mine.key, other.key);
  }
});

Deno.test("parseIdentity() refuses a key of a kind that it cannot use", async () => {
  const pki = await ClusterPki.create();
  const { certificate } = await pki.userCa.issueUser("bot");
  const { privateKey } = generateKeyPairSync("rsa", {
    modulusLength: 2048,
    publicKeyEncoding: { type: "spki", format: "der" },
    privateKeyEncoding: { type: "pkcs8", format: "der" },
  });
  // The same bytes as a key for RSA-PSS: another last part of the identifier, and no parameters.
  const der = Uint8Array.of(
    ...[0x30, 0x82, 0, 0, 2, 1, 0, 0x30, 11],
    ...privateKey.subarray(9, 19),
    10,
    ...privateKey.subarray(22),
  );
  new DataView(der.buffer).setUint16(2, der.length - 4);
  const key = writePemBlock("PRIVATE KEY", der);
  const text = formatIdentity({ key, certificate }, [pki.hostCa]);
  const error = catchOperatorError(() => parseIdentity(text, "/etc/id"));
  assert.match(error.message, /private key cannot be decoded$/);
});

Deno.test("parseIdentity() refuses a certificate whose key is damaged", async () => {
  const pki = await ClusterPki.create();
  const { key, certificate } = await pki.userCa.issueUser("bot");
  const [block] = readPemBlocks(certificate) ?? [];
  const der = Buffer.from(block?.der ?? []);
  // The identifier of P-256, then the point, which is on the curve no more.
  const at = der.indexOf("2a8648ce3d030107", 0, "hex") + 40;
  der[at] = 255 - (der[at] ?? 0);
  const text = formatIdentity(
    { key, certificate: writePemBlock("CERTIFICATE", der) },
    [pki.hostCa],
  );
  const error = catchOperatorError(() => parseIdentity(text, "/etc/id"));
  assert.match(error.message, /certificate cannot be decoded$/);
});

Deno.test("parseTlsFiles() names the file that is at fault", async () => {
  const pki = await ClusterPki.create();
  const { key, certificate } = await pki.userCa.issueUser("bot");
  const parse = (texts: readonly [string, string, string]) =>
    parseTlsFiles(TLS_SOURCE, texts);
  const cas = pki.hostCa.certificate;
  const { origin } = parse([key, certificate, cas]);
  assert.equal(origin, 'client certificate file "a.crt"');
  const faults: [[string, string, string], string][] = [
    [
      ["", certificate, cas],
      'Cannot read the client key file "a.key": file is empty',
    ],
    [
      [key, "x", cas],
      'Cannot read the client certificate file "a.crt": no PEM block found',
    ],
    [
      [key, certificate, "-----BEGIN CERTIFICATE-----"],
      'Cannot read the root CA file "a.cas": the last PEM block has no end, the file is incomplete',
    ],
  ];
  for (const [texts, message] of faults) {
    const error = catchOperatorError(() => parse(texts));
    assert.equal(error.message, message);
    assertHoldsNoKey(error, key);
  }
});

Deno.test("checkValidity() tells early from late", async () => {
  const credentials = parseIdentity(await read("identity-expired"), "/id");
  checkValidity(credentials, new Date("2026-11-22T20:08:30Z"));
  const late = catchOperatorError(() =>
    checkValidity(credentials, new Date("2026-11-22T20:08:31Z"))
  );
  assert.equal(
    late.message,
    'Cannot use the identity file "/id": certificate expired on 2026-11-22T20:08:30Z',
  );
  assert.equal(
    late.hint,
    "renew the credentials with `tctl auth sign --user=long-plugin --ttl=720h --overwrite --out=/id`",
  );
  const early = catchOperatorError(() =>
    checkValidity(credentials, new Date("2026-11-22T20:06:29Z"))
  );
  assert.equal(
    early.message,
    'Cannot use the identity file "/id": certificate is not valid before 2026-11-22T20:06:30Z',
  );
  assert.match(early.hint ?? "", /clock/);
});

Deno.test("loadCredentials() reads an identity file, and checks it", async () => {
  const path = new URL("identity-expired", FOLDER).pathname;
  const source = { kind: "identity", path } as const;
  const then = new Date("2026-11-22T20:07:00Z");
  const credentials = await loadCredentials(source, then);
  assert.equal(credentials.userName, "long-plugin");
  await assert.rejects(
    loadCredentials(source, new Date("2027-01-01")),
    /certificate expired on 2026-11-22T20:08:30Z$/,
  );
});

Deno.test("loadCredentials() reads a TLS triple", async () => {
  const credentials = await loadCredentials({
    kind: "tls",
    keyPath: new URL("tls.key", FOLDER).pathname,
    certificatePath: new URL("tls.crt", FOLDER).pathname,
    caPath: new URL("tls.cas", FOLDER).pathname,
  }, new Date("2027-01-01"));
  assert.equal(credentials.userName, "long-plugin");
});

async function temporaryFolder(): Promise<
  AsyncDisposable & { readonly path: string }
> {
  const path = await Deno.makeTempDir();
  return {
    path,
    [Symbol.asyncDispose]: () => Deno.remove(path, { recursive: true }),
  };
}

Deno.test("loadCredentials() says why a file cannot be opened", async () => {
  const folder = FOLDER.pathname;
  const missing = `${folder}nothing-here`;
  const now = new Date();
  await assert.rejects(
    loadCredentials({ kind: "identity", path: missing }, now),
    {
      name: "OperatorError",
      message: `Cannot read the identity file "${missing}": no such file`,
      hint: "correct the path, or issue what is missing with " +
        `\`tctl auth sign --user=teleport-discord --ttl=720h --overwrite --out=${missing}\``,
    },
  );
  await assert.rejects(
    loadCredentials({ kind: "identity", path: folder }, now),
    {
      name: "OperatorError",
      message: `Cannot read the identity file "${folder}": it is a directory`,
      hint: "name the file with the credentials in it, not the folder",
    },
  );
  await using made = await temporaryFolder();
  await Deno.writeTextFile(`${made.path}/identity`, "");
  await assert.rejects(
    loadCredentials({ kind: "identity", path: `${made.path}/` }, now),
    { hint: `did you mean "${made.path}/identity"?` },
  );
});

Deno.test("credentials do not show their key", async () => {
  const credentials = parseIdentity(await read("identity-p256"), "identity");
  const key = credentials.privateKey.reveal();
  const shown = `${Deno.inspect(credentials)} ${JSON.stringify(credentials)}`;
  assert.ok(!shown.includes(keyBody(key).slice(0, 20)));
});

Deno.test("readPemBlocks() gives back what writePemBlock() wrote", () => {
  for (const length of [0, 1, 47, 48, 49, 1000]) {
    const der = crypto.getRandomValues(new Uint8Array(length));
    const text = `# comment\n${writePemBlock("A KEY", der)}`;
    const [block] = readPemBlocks(text) ?? [];
    assert.deepEqual(block, { label: "A KEY", der });
  }
});

Deno.test("the authorities of two clusters differ", async () => {
  const [one, two] = await Promise.all([
    CertificateAuthority.create("example.com"),
    CertificateAuthority.create("example.com"),
  ]);
  assert.notEqual(one.certificate, two.certificate);
});

function summarize(credentials: Credentials) {
  const { userName, roles, clusterName, notBefore, notAfter } = credentials;
  const caCertificates = credentials.caCertificates.length;
  return { userName, roles, clusterName, notBefore, notAfter, caCertificates };
}

function catchOperatorError(act: () => unknown): OperatorError {
  try {
    act();
  } catch (error) {
    if (error instanceof OperatorError) return error;
    throw error;
  }
  throw new Error("nothing was thrown");
}

function assertHoldsNoKey(error: Error, ...keys: string[]): void {
  const shown = Deno.inspect(error);
  for (const key of keys) {
    for (const line of keyBody(key).match(/.{16}/g) ?? []) {
      assert.ok(!shown.includes(line));
    }
  }
}

function keyBody(pem: string): string {
  return pem.split("\n").filter((line) => !line.startsWith("-----")).join("");
}

async function read(name: string): Promise<string> {
  return await Deno.readTextFile(new URL(name, FOLDER));
}

Deno.test("issuedAs() gives what tctl was told, if it was", () => {
  assert.deepEqual(issuedAs({ kind: "identity", path: "/a/id" }), {
    kind: "identity",
    out: "/a/id",
  });
  assert.equal(issuedAs(TLS_SOURCE).out, "a");
  assert.equal(issuedAs({ ...TLS_SOURCE, caPath: "ca.pem" }).out, undefined);
});
