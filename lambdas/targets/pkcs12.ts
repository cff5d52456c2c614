import { createCipheriv, createHash, createHmac, pbkdf2Sync, randomBytes, X509Certificate } from 'node:crypto';
import {
  type AsnType,
  BmpString,
  Constructed,
  Integer,
  Null,
  ObjectIdentifier,
  OctetString,
  Primitive,
  Sequence,
  Set as SetOf,
} from 'asn1js';
import type { PushBundle } from '../core/ports.ts';

const ITERATIONS = 10_000;

/** Object identifiers of RFC 7292, RFC 8018, RFC 5652, RFC 2985 and NIST. */
const OID = {
  data: '1.2.840.113549.1.7.1',
  encryptedData: '1.2.840.113549.1.7.6',
  shroudedKeyBag: '1.2.840.113549.1.12.10.1.2',
  certBag: '1.2.840.113549.1.12.10.1.3',
  x509Certificate: '1.2.840.113549.1.9.22.1',
  friendlyName: '1.2.840.113549.1.9.20',
  localKeyId: '1.2.840.113549.1.9.21',
  pbes2: '1.2.840.113549.1.5.13',
  pbkdf2: '1.2.840.113549.1.5.12',
  hmacSha256: '1.2.840.113549.2.9',
  aes256Cbc: '2.16.840.1.101.3.4.1.42',
  sha256: '2.16.840.1.101.3.4.2.1',
} as const;

/**
 * Certificate, chain and key as one PKCS#12 file (RFC 7292): PBES2 with AES-256-CBC, HMAC with SHA-256, as Java 17, OpenSSL 3
 * and current Windows read it.
 *
 * @param name What keystores show it as.
 */
export function pkcs12(bundle: PushBundle, password: string, name: string): Buffer {
  const safe = der(
    sequence(
      contentInfo(OID.data, octets(der(sequence(keyBag(bundle, password, name))))),
      contentInfo(OID.encryptedData, encryptedData(der(sequence(...certificateBags(bundle, name))), password)),
    ),
  );
  return der(sequence(integer(3), contentInfo(OID.data, octets(safe)), macData(safe, password)));
}

function keyBag({ privateKeyPem, sha256 }: PushBundle, password: string, name: string): AsnType {
  const key = Buffer.from(privateKeyPem.replaceAll(/-----[^-]+-----|\s/g, ''), 'base64');
  const { algorithm, ciphertext } = encrypt(key, password);
  return safeBag(OID.shroudedKeyBag, sequence(algorithm, octets(ciphertext)), attributes(name, sha256));
}

/** The leaf first, tied to the key by its id. */
function certificateBags({ leafPem, intermediatesPem, sha256 }: PushBundle, name: string): readonly AsnType[] {
  const pems = `${leafPem}${intermediatesPem}`.match(/-----BEGIN CERTIFICATE-----[\s\S]+?-----END CERTIFICATE-----/g);
  return (pems ?? []).map((pem, index) => {
    const certificate = octets(new X509Certificate(pem).raw);
    const bag = sequence(oid(OID.x509Certificate), explicit(certificate));
    return safeBag(OID.certBag, bag, index === 0 ? attributes(name, sha256) : undefined);
  });
}

function safeBag(kind: string, value: AsnType, bagAttributes: AsnType | undefined): AsnType {
  return sequence(oid(kind), explicit(value), ...(bagAttributes === undefined ? [] : [bagAttributes]));
}

function attributes(name: string, sha256: string): AsnType {
  return setOf(
    sequence(oid(OID.friendlyName), setOf(new BmpString({ value: name }))),
    sequence(oid(OID.localKeyId), setOf(octets(Buffer.from(sha256, 'hex')))),
  );
}

/** RFC 5652 section 8, as RFC 7292 section 4.1 uses it. */
function encryptedData(content: Buffer, password: string): AsnType {
  const { algorithm, ciphertext } = encrypt(content, password);
  const implicit = new Primitive({ idBlock: { tagClass: 3, tagNumber: 0 }, valueHex: bytesOf(ciphertext) });
  return sequence(integer(0), sequence(oid(OID.data), algorithm, implicit));
}

/** PBES2 (RFC 8018 section 6.2) with PBKDF2, HMAC-SHA256 and AES-256-CBC. */
function encrypt(content: Buffer, password: string): { readonly algorithm: AsnType; readonly ciphertext: Buffer } {
  const [salt, iv] = [randomBytes(16), randomBytes(16)];
  const key = pbkdf2Sync(password, salt, ITERATIONS, 32, 'sha256');
  const cipher = createCipheriv('aes-256-cbc', key, iv);
  const hmac = sequence(oid(OID.hmacSha256), new Null());
  const derivation = sequence(oid(OID.pbkdf2), sequence(octets(salt), integer(ITERATIONS), hmac));
  const encryption = sequence(oid(OID.aes256Cbc), octets(iv));
  const algorithm = sequence(oid(OID.pbes2), sequence(derivation, encryption));
  return { algorithm, ciphertext: Buffer.concat([cipher.update(content), cipher.final()]) };
}

function macData(safe: Buffer, password: string): AsnType {
  const salt = randomBytes(16);
  const digest = createHmac('sha256', macKey(password, salt)).update(safe).digest();
  const digestInfo = sequence(sequence(oid(OID.sha256), new Null()), octets(digest));
  return sequence(digestInfo, octets(salt), integer(ITERATIONS));
}

/** RFC 7292 appendix B.2 with SHA-256, whose one block of output is the whole key; purpose 3 is a MAC key. */
function macKey(password: string, salt: Buffer): Buffer {
  const block = 64;
  const text = Buffer.from(`${password}\0`, 'utf16le').swap16();
  const filled = (bytes: Buffer) => Buffer.alloc(Math.ceil(bytes.length / block) * block, bytes);
  let hash = Buffer.concat([Buffer.alloc(block, 3), filled(salt), filled(text)]);
  for (let round = 0; round < ITERATIONS; round += 1) hash = createHash('sha256').update(hash).digest();
  return hash;
}

function contentInfo(kind: string, content: AsnType): AsnType {
  return sequence(oid(kind), explicit(content));
}

const sequence = (...value: AsnType[]): AsnType => new Sequence({ value });
const setOf = (...value: AsnType[]): AsnType => new SetOf({ value });
const oid = (value: string): AsnType => new ObjectIdentifier({ value });
const integer = (value: number): AsnType => new Integer({ value });
const octets = (bytes: Buffer): AsnType => new OctetString({ valueHex: bytesOf(bytes) });
/** Every tagged field here has the number 0. */
const explicit = (value: AsnType): AsnType =>
  new Constructed({ idBlock: { tagClass: 3, tagNumber: 0 }, value: [value] });

function der(value: AsnType): Buffer {
  return Buffer.from(value.toBER(false));
}

function bytesOf(bytes: Buffer): ArrayBuffer {
  return Uint8Array.from(bytes).buffer;
}
