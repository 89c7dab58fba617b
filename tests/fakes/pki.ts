/**
 * Certificates made at run time, laid out as Teleport lays out its own.
 *
 * Source: docs/design/teleport-credentials.md 1 to 5.
 *
 * @module
 */

// The decorators of @peculiar/x509 need this first.
import "reflect-metadata";
import {
  BasicConstraintsExtension,
  ExtendedKeyUsageExtension,
  type JsonName,
  PemConverter,
  SubjectAlternativeNameExtension,
  X509Certificate,
  X509CertificateGenerator,
} from "@peculiar/x509";

const ALGORITHM = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" };
const SERVER_AND_CLIENT_AUTH = ["1.3.6.1.5.5.7.3.1", "1.3.6.1.5.5.7.3.2"];
const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;

/** A private key (PKCS#8) and its certificate, both PEM. */
export interface KeyPair {
  readonly key: string;
  readonly certificate: string;
}

/** How a user's certificate differs from an ordinary one. */
export interface UserCertificateOptions {
  readonly roles?: readonly string[];
  readonly notBefore?: Date;
  readonly notAfter?: Date;
  /** Whether the certificate names its cluster in Teleport's own attribute; true if not given. */
  readonly clusterAttribute?: boolean;
}

/** Signs certificates. */
export class CertificateAuthority {
  readonly clusterName: string;
  /** PEM. */
  readonly certificate: string;
  readonly #keys: CryptoKeyPair;
  readonly #subject: string;

  private constructor(
    clusterName: string,
    keys: CryptoKeyPair,
    certificate: X509Certificate,
  ) {
    this.clusterName = clusterName;
    this.certificate = `${certificate.toString("pem")}\n`;
    this.#keys = keys;
    this.#subject = certificate.subject;
  }

  /** Makes a new key and signs its own certificate. */
  static async create(clusterName: string): Promise<CertificateAuthority> {
    const keys = await generateKeys();
    const serial = serialNumber();
    const certificate = await X509CertificateGenerator.createSelfSigned({
      name: [
        { O: [clusterName] },
        { CN: [clusterName] },
        { "2.5.4.5": [BigInt(`0x${serial}`).toString()] },
      ],
      serialNumber: serial,
      keys,
      signingAlgorithm: ALGORITHM,
      notBefore: new Date(Date.now() - MINUTE_MS),
      notAfter: new Date(Date.now() + 1000 * HOUR_MS),
      extensions: [new BasicConstraintsExtension(true, undefined, true)],
    });
    return new CertificateAuthority(clusterName, keys, certificate);
  }

  /** Issues the certificate of an Auth Service. */
  async issueServer(): Promise<KeyPair> {
    return await this.#issue(
      [{ O: ["Auth"] }, { CN: [`auth.${this.clusterName}`] }],
      new Date(Date.now() - MINUTE_MS),
      new Date(Date.now() + 1000 * HOUR_MS),
      ["*.teleport.cluster.local", "teleport.cluster.local"],
    );
  }

  /** Issues the certificate of a web server; it ends in the past if it is to be expired. */
  async issueWeb(
    names: readonly string[],
    notAfter = new Date(Date.now() + 1000 * HOUR_MS),
  ): Promise<KeyPair> {
    const notBefore = new Date(
      Math.min(Date.now(), notAfter.getTime()) - MINUTE_MS,
    );
    return await this.#issue(
      [{ CN: [names[0] ?? ""] }],
      notBefore,
      notAfter,
      names,
    );
  }

  /** Issues a user's certificate, valid for 12 hours if nothing else is asked for. */
  async issueUser(
    user: string,
    options: UserCertificateOptions = {},
  ): Promise<KeyPair> {
    const {
      roles = ["access-plugin"],
      notBefore = new Date(Date.now() - MINUTE_MS),
      notAfter = new Date(Date.now() + 12 * HOUR_MS),
      clusterAttribute = true,
    } = options;
    const name: JsonName = [
      { L: ["-teleport-internal-join"] },
      { "2.5.4.17": ["null"] },
      ...roles.map((role) => ({ O: [role] })),
      { CN: [user] },
    ];
    if (clusterAttribute) name.push({ "1.3.9999.1.7": [this.clusterName] });
    return await this.#issue(name, notBefore, notAfter, []);
  }

  async #issue(
    subject: JsonName,
    notBefore: Date,
    notAfter: Date,
    names: readonly string[],
  ): Promise<KeyPair> {
    const keys = await generateKeys();
    const alternatives = names.map((value) => ({
      type: /^[\d.]+$/.test(value) ? "ip" as const : "dns" as const,
      value,
    }));
    const certificate = await X509CertificateGenerator.create({
      subject,
      issuer: this.#subject,
      serialNumber: serialNumber(),
      publicKey: keys.publicKey,
      signingKey: this.#keys.privateKey,
      signingAlgorithm: ALGORITHM,
      notBefore,
      notAfter,
      extensions: [
        new ExtendedKeyUsageExtension(SERVER_AND_CLIENT_AUTH),
        ...alternatives.length > 0
          ? [new SubjectAlternativeNameExtension(alternatives)]
          : [],
      ],
    });
    const pkcs8 = await crypto.subtle.exportKey("pkcs8", keys.privateKey);
    return {
      key: `${PemConverter.encode(pkcs8, "PRIVATE KEY")}\n`,
      certificate: `${certificate.toString("pem")}\n`,
    };
  }
}

/** The authorities of one cluster. */
export class ClusterPki {
  readonly clusterName: string;
  /** Signs the certificate of the Auth Service. */
  readonly hostCa: CertificateAuthority;
  /** Signs certificates of users. */
  readonly userCa: CertificateAuthority;

  private constructor(
    hostCa: CertificateAuthority,
    userCa: CertificateAuthority,
  ) {
    this.clusterName = hostCa.clusterName;
    this.hostCa = hostCa;
    this.userCa = userCa;
  }

  /** Makes the authorities of a new cluster. */
  static async create(clusterName = "example.com"): Promise<ClusterPki> {
    const [hostCa, userCa] = await Promise.all([
      CertificateAuthority.create(clusterName),
      CertificateAuthority.create(clusterName),
    ]);
    return new ClusterPki(hostCa, userCa);
  }

  /** Issues a certificate for a user and returns the text of an identity file with it. */
  async issueIdentity(
    user = "discord-plugin",
    options: UserCertificateOptions = {},
  ): Promise<string> {
    const pair = await this.userCa.issueUser(user, options);
    return formatIdentity(pair, [this.hostCa]);
  }
}

/** Returns the text of an identity file, as tctl lays it out. */
export function formatIdentity(
  { key, certificate }: KeyPair,
  hostCas: readonly CertificateAuthority[],
): string {
  return [
    key,
    "ecdsa-sha2-nistp256-cert-v01@openssh.com AAAAKGVjZHNhLXNoYTI=\n",
    certificate,
    ...hostCas.map(({ clusterName }) =>
      `@cert-authority ${clusterName},*.${clusterName} ssh-ed25519 AAAAC3NzaC1lZDI1NTE5 type=host\n`
    ),
    ...hostCas.map((ca) => ca.certificate),
  ].join("");
}

async function generateKeys(): Promise<CryptoKeyPair> {
  return await crypto.subtle.generateKey(ALGORITHM, true, ["sign", "verify"]);
}

function serialNumber(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  // A serial number is positive and has no leading zero byte.
  bytes[0] = 0x40 | (bytes[0] ?? 0) & 0x3f;
  return bytes.toHex();
}
