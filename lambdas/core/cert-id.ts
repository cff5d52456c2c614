import { X509Certificate } from 'node:crypto';

/** One DER element (X.690): its tag, and where its content begins and ends in the buffer. */
type Element = { readonly tag: number; readonly from: number; readonly to: number };

const INTEGER = 0x02;
const OCTET_STRING = 0x04;
const OBJECT_IDENTIFIER = 0x06;
/** `extensions [3]` of a TBSCertificate, and `keyIdentifier [0]` of an AuthorityKeyIdentifier. */
const EXTENSIONS = 0xa3;
const KEY_IDENTIFIER = 0x80;

/** 2.5.29.35, authorityKeyIdentifier (RFC 5280 section 4.2.1.1), as DER content. */
const AUTHORITY_KEY_IDENTIFIER = Buffer.from('551d23', 'hex');

/**
 * The unique identifier by which a CA is asked about a certificate (RFC 9773 section 4.1): the key identifier of its
 * Authority Key Identifier and the DER content of its serial number, a leading zero byte included, each as base64url
 * without padding. Undefined where the leaf has no such key identifier or cannot be parsed: then ARI is not to be had.
 */
export function certIdOf(leafPem: string): string | undefined {
  try {
    const der = new X509Certificate(leafPem).raw;
    const parts = partsOf(der, inner(der, root(der)));
    const serial = parts.find(({ tag }) => tag === INTEGER);
    const keyIdentifier = keyIdentifierOf(der, parts);
    if (serial === undefined || keyIdentifier === undefined) return undefined;
    return `${text(der, keyIdentifier)}.${text(der, serial)}`;
  } catch {
    return undefined;
  }
}

function keyIdentifierOf(der: Buffer, tbs: readonly Element[]): Element | undefined {
  const wrapped = tbs.find(({ tag }) => tag === EXTENSIONS);
  if (wrapped === undefined) return undefined;
  const extensions = partsOf(der, inner(der, wrapped)).map((extension) => partsOf(der, extension));
  const ours = extensions.find((parts) =>
    parts.some((part) => part.tag === OBJECT_IDENTIFIER && bytes(der, part).equals(AUTHORITY_KEY_IDENTIFIER)),
  );
  const value = ours?.find(({ tag }) => tag === OCTET_STRING);
  if (value === undefined) return undefined;
  return partsOf(der, inner(der, value)).find(({ tag }) => tag === KEY_IDENTIFIER);
}

function root(der: Buffer): Element {
  return readElement(der, 0);
}

/** The first element inside another. */
function inner(der: Buffer, { from }: Element): Element {
  return readElement(der, from);
}

function partsOf(der: Buffer, { from, to }: Element): readonly Element[] {
  const parts: Element[] = [];
  for (let at = from; at < to; ) {
    const part = readElement(der, at);
    parts.push(part);
    at = part.to;
  }
  return parts;
}

/** Certificates have no tag above 30, so a tag is one byte; a length is one byte, or its size and that many bytes. */
function readElement(der: Buffer, at: number): Element {
  const tag = der.readUInt8(at);
  const first = der.readUInt8(at + 1);
  const more = first < 0x80 ? 0 : first - 0x80;
  const length = more === 0 ? first : der.readUIntBE(at + 2, more);
  const from = at + 2 + more;
  if (from + length > der.length) throw new RangeError('a DER element is longer than its certificate');
  return { tag, from, to: from + length };
}

function bytes(der: Buffer, { from, to }: Element): Buffer {
  return der.subarray(from, to);
}

function text(der: Buffer, element: Element): string {
  return bytes(der, element).toString('base64url');
}
