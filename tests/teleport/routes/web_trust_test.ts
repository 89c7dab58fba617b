import assert from "node:assert/strict";
import { createWebTrust } from "../../../src/teleport/routes/web_trust.ts";
import { CertificateAuthority } from "../../fakes/pki.ts";

const [file, folderCa, own] = await Promise.all(
  ["file", "folder", "own"].map((name) => CertificateAuthority.create(name)),
);
const pem = (ca: CertificateAuthority | undefined) =>
  ca?.certificate.trim() ?? "";

async function inFolder(
  test: (folder: string) => Promise<void>,
): Promise<void> {
  const folder = await Deno.makeTempDir();
  try {
    await Deno.writeTextFile(`${folder}/file.pem`, pem(file));
    await Deno.writeTextFile(`${folder}/own.pem`, `# ours\n${pem(own)}\n`);
    await Deno.mkdir(`${folder}/certs`);
    await Deno.writeTextFile(`${folder}/certs/1.0`, pem(folderCa));
    await Deno.writeTextFile(`${folder}/certs/README`, "no certificate");
    await test(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

function trust(
  variables: Readonly<Record<string, string>>,
  webCaPath?: string,
): Promise<readonly string[] | undefined> {
  return createWebTrust(webCaPath, (name) => variables[name])();
}

Deno.test("SSL_CERT_FILE, SSL_CERT_DIR and web_ca add up", () =>
  inFolder(async (folder) => {
    const variables = {
      SSL_CERT_FILE: `${folder}/file.pem`,
      SSL_CERT_DIR: `${folder}/none:${folder}/certs`,
    };
    const all = await trust(variables, `${folder}/own.pem`);
    assert.deepEqual(all, [pem(file), pem(folderCa), pem(own)]);
  }));

Deno.test("where nothing of the system can be read, the runtime decides", async () => {
  assert.equal(await trust({ SSL_CERT_FILE: "/none" }), undefined);
});

Deno.test("a web_ca that cannot be used is told", () =>
  inFolder(async (folder) => {
    await assert.rejects(
      trust({}, `${folder}/none`),
      /Cannot read the file ".*none" of web_ca: no such file/,
    );
    await assert.rejects(
      trust({}, `${folder}/certs/README`),
      /Cannot use the file .* of web_ca: it holds no PEM certificate/,
    );
  }));
