import 'reflect-metadata';
import { webcrypto } from 'node:crypto';
import * as x509 from '@peculiar/x509';
import type { CaClock } from './clock.ts';
import type { Identifier } from './problems.ts';

/** What a leaf is made of. */
export interface LeafRequest {
  readonly identifiers: readonly Identifier[];
  /** SubjectPublicKeyInfo, DER. */
  readonly publicKeyInfo: Buffer;
  readonly isRsa: boolean;
  readonly notBefore: number;
  readonly notAfter: number;
  readonly commonName: boolean;
  readonly keyEncipherment: boolean;
  readonly subjectKeyIdentifier: boolean;
}

export interface Leaf {
  readonly der: Buffer;
  /** DER content bytes of the serial. */
  readonly serial: Buffer;
  /** Key identifier of the intermediate that signed it. */
  readonly issuerKeyIdentifier: Buffer;
  /** PEM chains, leaf first, root left out: the default one, then one for each alternate root. */
  readonly chains: readonly string[];
}

/** The part of the CA that signs. */
export interface Issuer {
  sign(request: LeafRequest): Promise<Leaf>;
  /** The default root, then the alternates, PEM. */
  readonly rootPems: readonly string[];
  /** The revocation list at a URL that a leaf has named (RFC 5280 section 5), DER; undefined where there is none. */
  revocationList(url: string, revoked: readonly RevokedSerial[]): Promise<Uint8Array | undefined>;
}

/** One entry of a revocation list. */
export interface RevokedSerial {
  /** Hex. */
  readonly serial: string;
  readonly at: number;
  readonly reason: number;
}

/** How long a revocation list stands. */
const LIST_MS = 7 * 24 * 3_600_000;

const P256 = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const;
const DAY_MS = 86_400_000;
const ROOT_MS = 20 * 365 * DAY_MS;
const INTERMEDIATE_MS = 10 * 365 * DAY_MS;
const INTERMEDIATES = 2;
const DOMAIN_VALIDATED = '2.23.140.1.2.1';

interface Signer {
  readonly keys: webcrypto.CryptoKeyPair;
  readonly certificate: x509.X509Certificate;
}

interface Intermediate extends Signer {
  /** One certificate for the same key and name by each root. */
  readonly pems: readonly string[];
  readonly keyIdentifier: Buffer;
  /** Where its revocation list is. */
  readonly listUrl: string;
}

async function newKeys(): Promise<webcrypto.CryptoKeyPair> {
  return webcrypto.subtle.generateKey(P256, true, ['sign', 'verify']);
}

function pem(certificate: x509.X509Certificate): string {
  return `${certificate.toString('pem')}\n`;
}

async function makeRoot(name: string, now: number): Promise<Signer> {
  const keys = await newKeys();
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    name: `O=Perennial, CN=${name}`,
    notBefore: new Date(now - DAY_MS),
    notAfter: new Date(now + ROOT_MS),
    keys,
    signingAlgorithm: P256,
    extensions: [
      new x509.BasicConstraintsExtension(true, undefined, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign, true),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  });
  return { keys, certificate };
}

async function certify(
  name: string,
  keys: webcrypto.CryptoKeyPair,
  root: Signer,
  now: number,
): Promise<x509.X509Certificate> {
  return x509.X509CertificateGenerator.create({
    subject: `O=Perennial, CN=${name}`,
    issuer: root.certificate.subject,
    notBefore: new Date(now - DAY_MS),
    notAfter: new Date(now + INTERMEDIATE_MS),
    publicKey: keys.publicKey,
    signingKey: root.keys.privateKey,
    signingAlgorithm: P256,
    extensions: [
      new x509.BasicConstraintsExtension(true, 0, true),
      new x509.KeyUsagesExtension(
        x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign | x509.KeyUsageFlags.digitalSignature,
        true,
      ),
      new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.serverAuth]),
      new x509.CertificatePolicyExtension([DOMAIN_VALIDATED]),
      await x509.AuthorityKeyIdentifierExtension.create(root.keys.publicKey),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  });
}

async function makeIntermediate(
  name: string,
  listUrl: string,
  roots: readonly Signer[],
  now: number,
): Promise<Intermediate> {
  const keys = await newKeys();
  const certificates = await Promise.all(roots.map((root) => certify(name, keys, root, now)));
  const [certificate] = certificates;
  if (!certificate) throw new Error('An intermediate needs at least one root');
  const identifier = await x509.SubjectKeyIdentifierExtension.create(keys.publicKey);
  const keyIdentifier = Buffer.from(identifier.keyId, 'hex');
  return { keys, certificate, pems: certificates.map(pem), keyIdentifier, listUrl };
}

/** 128 random bits, positive, not starting with a zero byte, so that hex, DER and integers agree on its form. */
function newSerial(clock: CaClock, count: number): Buffer {
  const serial = Buffer.alloc(18);
  for (let index = 1; index < 16; index += 1) serial[index] = Math.floor(clock.random() * 256);
  serial[0] = 0x20 + Math.floor(clock.random() * 0x5f);
  serial.writeUInt16BE(count % 65_536, 16);
  return serial;
}

function keyUsages(request: LeafRequest): x509.KeyUsagesExtension {
  const encipher = request.isRsa && request.keyEncipherment ? x509.KeyUsageFlags.keyEncipherment : 0;
  return new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature | encipher, true);
}

/** RFC 5280 section 4.2.1.6: without a subject the alternative names are critical. */
async function leafExtensions(request: LeafRequest, subject: string, issuer: Intermediate): Promise<x509.Extension[]> {
  const names = request.identifiers.map(({ type, value }) => ({ type: type === 'ip' ? 'ip' : 'dns', value }) as const);
  const publicKey = new x509.PublicKey(request.publicKeyInfo);
  return [
    keyUsages(request),
    new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.serverAuth]),
    new x509.BasicConstraintsExtension(false, undefined, true),
    ...(request.subjectKeyIdentifier ? [await x509.SubjectKeyIdentifierExtension.create(publicKey)] : []),
    await x509.AuthorityKeyIdentifierExtension.create(issuer.keys.publicKey),
    new x509.SubjectAlternativeNameExtension(names, subject === ''),
    new x509.CertificatePolicyExtension([DOMAIN_VALIDATED]),
    new x509.CRLDistributionPointsExtension([issuer.listUrl]),
  ];
}

/** RFC 5280 has at most 64 characters of CN; CAs leave it out where no name is short enough. */
function subjectOf(request: LeafRequest): string {
  const name = request.identifiers.find(({ type, value }) => type === 'dns' && value.length <= 64);
  return request.commonName && name ? `CN=${name.value}` : '';
}

async function signLeaf(request: LeafRequest, issuer: Intermediate, serial: Buffer): Promise<Leaf> {
  const subject = subjectOf(request);
  const certificate = await x509.X509CertificateGenerator.create({
    serialNumber: serial.toString('hex'),
    subject,
    issuer: issuer.certificate.subject,
    notBefore: new Date(request.notBefore),
    notAfter: new Date(request.notAfter),
    publicKey: new x509.PublicKey(request.publicKeyInfo),
    signingKey: issuer.keys.privateKey,
    signingAlgorithm: P256,
    extensions: await leafExtensions(request, subject, issuer),
  });
  return {
    der: Buffer.from(certificate.rawData),
    serial,
    issuerKeyIdentifier: issuer.keyIdentifier,
    chains: issuer.pems.map((intermediate) => pem(certificate) + intermediate),
  };
}

async function signList(issuer: Intermediate, revoked: readonly RevokedSerial[], now: number): Promise<Uint8Array> {
  const list = await x509.X509CrlGenerator.create({
    issuer: issuer.certificate.subject,
    thisUpdate: new Date(now),
    nextUpdate: new Date(now + LIST_MS),
    signingKey: issuer.keys.privateKey,
    signingAlgorithm: P256,
    entries: revoked.map(({ serial, at, reason }) => ({
      serialNumber: serial,
      revocationDate: new Date(at),
      reason,
    })),
  });
  return new Uint8Array(list.rawData);
}

/**
 * Makes a root and its alternates, two intermediates that each root certifies, and signs leaves with one of them, drawn
 * at random as Let's Encrypt does, so that nobody can pin one. All are ECDSA P-256 and dated by the injected clock. Leaves
 * name the revocation lists of their intermediates, below `origin`.
 */
export async function createIssuer(clock: CaClock, name: string, alternates: number, origin: string): Promise<Issuer> {
  const now = clock.now();
  const names = Array.from({ length: alternates + 1 }, (_, index) => `${name} Root ${index + 1}`);
  const roots = await Promise.all(names.map((each) => makeRoot(each, now)));
  const intermediates: Intermediate[] = [];
  for (let index = 1; index <= INTERMEDIATES; index += 1) {
    intermediates.push(await makeIntermediate(`${name} E${index}`, `${origin}/crl/${index}.crl`, roots, now));
  }
  let count = 0;
  return {
    rootPems: roots.map((root) => pem(root.certificate)),
    sign(request) {
      count += 1;
      const issuer = intermediates[Math.floor(clock.random() * intermediates.length)];
      if (!issuer) throw new Error('random() must be in [0, 1)');
      return signLeaf(request, issuer, newSerial(clock, count));
    },
    async revocationList(url, revoked) {
      const issuer = intermediates.find(({ listUrl }) => listUrl === url);
      return issuer === undefined ? undefined : signList(issuer, revoked, clock.now());
    },
  };
}
