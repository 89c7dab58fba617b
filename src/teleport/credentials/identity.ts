/**
 * What the plugin proves itself with: a key, its certificate and the CAs of the cluster.
 *
 * Source: docs/design/teleport-credentials.md 1 to 4.
 *
 * @module
 */

import { Buffer } from "node:buffer";
import {
  createPrivateKey,
  createPublicKey,
  type KeyObject,
  X509Certificate,
} from "node:crypto";
import { OperatorError } from "../../lib/operator_error.ts";
import { Secret } from "../../lib/secret.ts";
import {
  type CredentialsSource,
  issuedAs,
  signCommand,
} from "../../ports/admin_hints.ts";
import {
  type NameAttribute,
  readCertificateNames,
} from "./distinguished_name.ts";
import { type PemBlock, readPemBlocks, writePemBlock } from "./pem.ts";

/** A key and a certificate that belong together, and whom to trust. */
export interface Credentials {
  /** Where they come from, for messages: `identity file "PATH"`. */
  readonly origin: string;
  readonly kind: "identity" | "tls";
  /** What `tctl auth sign --out` takes to write the same files again; `undefined` if it would name others. */
  readonly out: string | undefined;
  /** PEM, PKCS#8. */
  readonly privateKey: Secret;
  /** PEM, one certificate: the Auth Service refuses a chain. */
  readonly certificate: string;
  /** PEM, one certificate each: all CAs that may have signed the certificate of the Auth Service. */
  readonly caCertificates: readonly string[];
  /** Teleport user that the certificate speaks for. */
  readonly userName: string;
  /** Roles that it was issued with: one that the user got later does not count. */
  readonly roles: readonly string[];
  /** Cluster that issued the certificate. */
  readonly clusterName: string;
  readonly notBefore: Date;
  readonly notAfter: Date;
}

const CLOCK_HINT = "compare the clock of this machine with that of the cluster";

const OID_COMMON_NAME = "2.5.4.3";
const OID_ORGANIZATION = "2.5.4.10";
/** Teleport's own attribute: the cluster that issued the certificate. */
const OID_CLUSTER_NAME = "1.3.9999.1.7";

/**
 * Parses an identity file, as `tctl auth sign`, `tsh login --out` and tbot write it.
 *
 * The first PEM block is the private key, the second the certificate and all further ones are CAs,
 * whatever their labels say. SSH lines are of no use here.
 *
 * @param text The content of the file.
 * @param name The path of the file, for messages.
 * @throws {OperatorError} If something is missing or does not fit together.
 */
export function parseIdentity(text: string, name: string): Credentials {
  const hint = `issue a new identity file with ${signCommand({ out: name })}`;
  const file = { what: "identity file", name, hint };
  const [key, certificate, ...caCertificates] = readBlocks(text, file);
  if (key.label.includes("CERTIFICATE")) {
    throw fault(file, "begins with a certificate, not with the private key");
  }
  if (certificate === undefined) throw fault(file, "no certificate found");
  if (certificate.label.includes("PRIVATE KEY")) {
    throw fault(file, "the private key is not followed by its certificate");
  }
  if (caCertificates.length === 0) {
    throw fault(file, "no certificate authority of the cluster found");
  }
  return assemble(key, certificate, caCertificates, {
    origin: `identity file "${name}"`,
    kind: "identity",
    out: name,
  });
}

/**
 * Parses the three files that `tctl auth sign --format=tls` writes.
 *
 * @param source Where they are, for messages.
 * @param texts Their contents, in the same order.
 * @throws {OperatorError} If something is missing or does not fit together.
 */
export function parseTlsFiles(
  source: CredentialsSource & { readonly kind: "tls" },
  [keyText, certificateText, caText]: readonly [string, string, string],
): Credentials {
  const { keyPath, certificatePath, caPath } = source;
  const issued = issuedAs(source);
  const hint = `issue new files with ${signCommand(issued)}`;
  const read = (what: string, name: string, text: string) =>
    readBlocks(text, { what, name, hint });
  const [key] = read("client key file", keyPath, keyText);
  const what = "client certificate file";
  const [certificate] = read(what, certificatePath, certificateText);
  const cas = read("root CA file", caPath, caText);
  const origin = `${what} "${certificatePath}"`;
  return assemble(key, certificate, cas, { origin, ...issued });
}

/**
 * Checks that the certificate is valid at a moment.
 *
 * @throws {OperatorError} If it has expired or is not valid yet.
 */
export function checkValidity(credentials: Credentials, now: Date): void {
  const state = describeInvalidity(credentials, now);
  if (state === undefined) return;
  throw new OperatorError(
    `Cannot use the ${credentials.origin}: ${state}`,
    {
      hint: now > credentials.notAfter
        ? `renew the credentials with ${signCommand(credentials)}`
        : CLOCK_HINT,
    },
  );
}

/** When a certificate begins and ends to be valid. */
export type Validity = Pick<Credentials, "notBefore" | "notAfter">;

/** Says why a certificate cannot be used at a moment; `undefined` if it can. */
export function describeInvalidity(
  { notBefore, notAfter }: Validity,
  now: Date,
): string | undefined {
  if (now > notAfter) return `certificate expired on ${formatTime(notAfter)}`;
  if (now < notBefore) {
    return `certificate is not valid before ${formatTime(notBefore)}`;
  }
  return undefined;
}

interface FileFaults {
  readonly what: string;
  readonly name: string;
  readonly hint: string;
}

/** A block, and the file that it stands in. */
interface FileBlock extends PemBlock {
  readonly file: FileFaults;
}

function fault(file: FileFaults, state: string): OperatorError {
  // No cause: what a parser says may quote what it read.
  return new OperatorError(
    `Cannot read the ${file.what} "${file.name}": ${state}`,
    { hint: file.hint },
  );
}

/** Returns at least one. */
function readBlocks(
  text: string,
  file: FileFaults,
): [FileBlock, ...FileBlock[]] {
  if (text.trim() === "") throw fault(file, "file is empty");
  const blocks = readPemBlocks(text);
  if (blocks === undefined) {
    throw fault(file, "the last PEM block has no end, the file is incomplete");
  }
  const [first, ...others] = blocks.map((block) => ({ ...block, file }));
  if (first === undefined) throw fault(file, "no PEM block found");
  return [first, ...others];
}

function assemble(
  key: FileBlock,
  certificateBlock: FileBlock,
  caBlocks: readonly FileBlock[],
  source: Pick<Credentials, "origin" | "kind" | "out">,
): Credentials {
  const { file } = certificateBlock;
  const privateKey = readPrivateKey(key);
  const certificate = readCertificate(certificateBlock, "certificate");
  const caCertificates = caBlocks.map((block) =>
    readCertificate(block, "certificate authority").pem
  );
  const publicKey = readPublicKey(certificate.x509, file);
  if (!exportPublicKey(createPublicKey(privateKey)).equals(publicKey)) {
    throw fault(file, "private key and certificate do not belong together");
  }
  const { subject, issuer } = certificate.names;
  const userName = findAttribute(subject, OID_COMMON_NAME);
  if (userName === undefined) {
    throw fault(file, "certificate names no user");
  }
  const clusterName = findAttribute(subject, OID_CLUSTER_NAME) ??
    findAttribute(issuer, OID_ORGANIZATION);
  if (clusterName === undefined) {
    throw fault(file, "certificate names no cluster");
  }
  return {
    ...source,
    privateKey: new Secret(privateKey),
    certificate: certificate.pem,
    caCertificates,
    userName,
    roles: subject.filter(({ oid }) => oid === OID_ORGANIZATION)
      .map(({ value }) => value),
    clusterName,
    notBefore: new Date(certificate.x509.validFrom),
    notAfter: new Date(certificate.x509.validTo),
  };
}

/**
 * Reads a key in any of the three forms; the label of a PEM block does not always tell.
 *
 * @returns PEM, PKCS#8. Not every key that can be read can be written so, such as one of RSA-PSS.
 */
function readPrivateKey({ der, file }: FileBlock): string {
  for (const type of ["pkcs8", "pkcs1", "sec1"] as const) {
    try {
      const key = Buffer.from(der);
      return createPrivateKey({ key, format: "der", type })
        .export({ type: "pkcs8", format: "pem" }).toString();
    } catch {
      continue;
    }
  }
  throw fault(file, "private key cannot be decoded");
}

function readCertificate({ der, file }: FileBlock, what: string) {
  const pem = writePemBlock("CERTIFICATE", der);
  try {
    const x509 = new X509Certificate(pem);
    return { pem, x509, names: readCertificateNames(der) };
  } catch {
    throw fault(file, `${what} cannot be decoded`);
  }
}

/** A certificate can be decoded although the key in it is damaged, or of a kind that is not known. */
function readPublicKey(certificate: X509Certificate, file: FileFaults): Buffer {
  try {
    return exportPublicKey(certificate.publicKey);
  } catch {
    throw fault(file, "certificate cannot be decoded");
  }
}

function exportPublicKey(key: KeyObject): Buffer {
  return key.export({ type: "spki", format: "der" });
}

function findAttribute(
  name: readonly NameAttribute[],
  oid: string,
): string | undefined {
  const value = name.find((attribute) => attribute.oid === oid)?.value;
  return value === "" ? undefined : value;
}

function formatTime(time: Date): string {
  return time.toISOString().replace(".000Z", "Z");
}
