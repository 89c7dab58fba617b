/**
 * Subject and issuer of an X.509 certificate.
 *
 * `node:crypto` gives both as one text, in which a crafted value (a user's traits, say) cannot be
 * told from a further attribute. Hence this small reader of the encoded form.
 *
 * Source: RFC 5280, section 4.1 (`TBSCertificate`, `Name`).
 *
 * @module
 */

/** One attribute of a name. */
export interface NameAttribute {
  /** Dotted object identifier, such as `2.5.4.3` for the common name. */
  readonly oid: string;
  readonly value: string;
}

/** Who a certificate is for and who signed it, each in the order of the certificate. */
export interface CertificateNames {
  readonly subject: readonly NameAttribute[];
  readonly issuer: readonly NameAttribute[];
}

const TAG_OID = 0x06;
const TAG_BMP_STRING = 0x1e;
const TAG_SEQUENCE = 0x30;
const TAG_SET = 0x31;
const TAG_VERSION = 0xa0;

/**
 * Reads the names of a certificate.
 *
 * @param der The certificate in DER.
 * @throws {RangeError} If the bytes are not a certificate.
 */
export function readCertificateNames(der: Uint8Array): CertificateNames {
  const tbs = children(only(children(only([readElement(der, 0)]))));
  // An optional version, the serial number and the algorithm come before the issuer.
  const first = tbs[0]?.tag === TAG_VERSION ? 1 : 0;
  const issuer = tbs[first + 2];
  const subject = tbs[first + 4];
  if (issuer === undefined || subject === undefined) {
    throw new RangeError("Certificate is cut short");
  }
  return { issuer: readName(issuer), subject: readName(subject) };
}

function readName(name: Element): NameAttribute[] {
  return children(name, TAG_SEQUENCE)
    .flatMap((set) => children(set, TAG_SET))
    .map((attribute) => {
      const [oid, value] = children(attribute, TAG_SEQUENCE);
      if (oid?.tag !== TAG_OID || value === undefined) {
        throw new RangeError("Name attribute has no type");
      }
      const encoding = value.tag === TAG_BMP_STRING ? "utf-16be" : "utf-8";
      return {
        oid: formatOid(oid.content),
        value: new TextDecoder(encoding).decode(value.content),
      };
    });
}

interface Element {
  readonly tag: number;
  readonly content: Uint8Array;
  /** Offset of what follows. */
  readonly end: number;
}

function readElement(bytes: Uint8Array, offset: number): Element {
  const tag = bytes[offset];
  let length = bytes[offset + 1];
  let start = offset + 2;
  if (tag === undefined || length === undefined) {
    throw new RangeError("Element is cut short");
  }
  if (length > 0x80) {
    const lengthBytes = bytes.subarray(start, start += length - 0x80);
    length = lengthBytes.reduce((sum, byte) => sum * 256 + byte, 0);
  }
  const end = start + length;
  if (end > bytes.length) throw new RangeError("Element is cut short");
  return { tag, content: bytes.subarray(start, end), end };
}

function children(parent: Element, tag = TAG_SEQUENCE): Element[] {
  if (parent.tag !== tag) throw new RangeError("Element has another type");
  const elements: Element[] = [];
  for (let offset = 0; offset < parent.content.length;) {
    const element = readElement(parent.content, offset);
    elements.push(element);
    offset = element.end;
  }
  return elements;
}

function only(elements: readonly Element[]): Element {
  const [first] = elements;
  if (first === undefined) throw new RangeError("Element is empty");
  return first;
}

function formatOid(content: Uint8Array): string {
  const arcs: number[] = [];
  let arc = 0;
  for (const byte of content) {
    arc = arc * 128 + (byte & 0x7f);
    if (byte < 0x80) {
      arcs.push(arc);
      arc = 0;
    }
  }
  const [head = 0, ...rest] = arcs;
  const first = Math.min(Math.floor(head / 40), 2);
  return [first, head - first * 40, ...rest].join(".");
}
