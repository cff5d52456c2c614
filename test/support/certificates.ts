import 'reflect-metadata';
import { createHash, KeyObject, webcrypto } from 'node:crypto';
import * as x509 from '@peculiar/x509';
import type { PushBundle } from '../../lambdas/core/ports.ts';

export { ExtendedKeyUsage, KeyUsageFlags } from '@peculiar/x509';

/** Key types of test certificates: those of a declaration, and others that a consumer must refuse or accept. */
export type TestKeyType =
  | 'ecdsa-p256'
  | 'ecdsa-p384'
  | 'ecdsa-p521'
  | 'rsa-1024'
  | 'rsa-2048'
  | 'rsa-3072'
  | 'rsa-4096'
  | 'ed25519';

/** What a test certificate is made of. */
export type CertificateRecipe = {
  readonly domains: readonly string[];
  /** Default `ecdsa-p256`. */
  readonly keyType?: TestKeyType;
  /** Default an hour ago. */
  readonly notBefore?: Date;
  /** Default 90 days after notBefore. */
  readonly notAfter?: Date;
  /** Key usage flags, 0 for no extension. Default digitalSignature, with keyEncipherment for RSA. */
  readonly keyUsages?: number;
  /** OIDs, empty for no extension. Default serverAuth. */
  readonly extendedKeyUsages?: readonly string[];
  /** Default none: the subject is empty, as under the profiles that carry no common name. */
  readonly commonName?: string;
  /** Key type of both CAs. Default: ECDSA P-256 or RSA 2048, by the leaf's kind. */
  readonly caKeyType?: TestKeyType;
  /** Signed by its own key, without a CA. Default false. */
  readonly selfSigned?: boolean;
  readonly serialNumber?: string;
  /** Issuer's name in the leaf. Default the name of who signs it. */
  readonly issuerName?: string;
  /** OCSP responder in the leaf. Default none. */
  readonly ocspUrl?: string;
};

/** A certificate with its key and its chain: root, intermediate, leaf. */
export type TestCertificate = PushBundle & {
  /** Leaf and intermediate, as a CA delivers them. */
  readonly chainPem: string;
  readonly rootPem: string;
  readonly domains: readonly string[];
  readonly notBefore: number;
  readonly notAfter: number;
};

type KeyAlgorithm = webcrypto.EcKeyGenParams | webcrypto.RsaHashedKeyGenParams | { name: 'Ed25519' };
type Pair = webcrypto.CryptoKeyPair;
type Issuer = { readonly name: string; readonly keys: Pair; readonly pem: string };

const HOUR_MS = 3_600_000;
const DAY_MS = 86_400_000;
const CA_FROM = new Date('2000-01-01T00:00:00Z');
const CA_TO = new Date('2090-01-01T00:00:00Z');

/** Makes a certificate signed by an intermediate under a root; certificates of one CA key type share both. */
export async function makeCertificate(recipe: CertificateRecipe): Promise<TestCertificate> {
  const keyType = recipe.keyType ?? 'ecdsa-p256';
  const keys = await makeKeys(keyType);
  const ca = await authorityOf(recipe.caKeyType ?? (keyType.startsWith('rsa') ? 'rsa-2048' : 'ecdsa-p256'));
  const issuer = recipe.selfSigned ? { name: subjectOf(recipe), keys, pem: '' } : ca.intermediate;
  const notBefore = recipe.notBefore ?? new Date(Math.floor(Date.now() / 1000) * 1000 - HOUR_MS);
  const notAfter = recipe.notAfter ?? new Date(notBefore.getTime() + 90 * DAY_MS);
  const leaf = await x509.X509CertificateGenerator.create({
    ...(recipe.serialNumber === undefined ? {} : { serialNumber: recipe.serialNumber }),
    subject: subjectOf(recipe),
    issuer: recipe.issuerName ?? issuer.name,
    notBefore,
    notAfter,
    publicKey: keys.publicKey,
    signingKey: issuer.keys.privateKey,
    signingAlgorithm: signatureBy(issuer.keys),
    extensions: await leafExtensions(recipe, keys, issuer.keys),
  });
  return {
    sha256: createHash('sha256').update(Buffer.from(leaf.rawData)).digest('hex'),
    leafPem: pemOf(leaf),
    intermediatesPem: issuer.pem,
    chainPem: pemOf(leaf) + issuer.pem,
    privateKeyPem: KeyObject.from(keys.privateKey).export({ type: 'pkcs8', format: 'pem' }).toString(),
    rootPem: recipe.selfSigned ? pemOf(leaf) : ca.root.pem,
    domains: recipe.domains,
    notBefore: notBefore.getTime(),
    notAfter: notAfter.getTime(),
  };
}

type Authority = { readonly root: Issuer; readonly intermediate: Issuer };

const authorities = new Map<TestKeyType, Promise<Authority>>();

function authorityOf(keyType: TestKeyType): Promise<Authority> {
  const known = authorities.get(keyType);
  if (known) return known;
  const made = makeAuthority(keyType);
  authorities.set(keyType, made);
  return made;
}

async function makeAuthority(keyType: TestKeyType): Promise<Authority> {
  const root = await makeCa(`CN=Test Root ${keyType}`, keyType, undefined);
  return { root, intermediate: await makeCa(`CN=Test Intermediate ${keyType}`, keyType, root) };
}

async function makeCa(name: string, keyType: TestKeyType, parent: Issuer | undefined): Promise<Issuer> {
  const keys = await makeKeys(keyType);
  const issuer = parent ?? { name, keys, pem: '' };
  const certificate = await x509.X509CertificateGenerator.create({
    subject: name,
    issuer: issuer.name,
    notBefore: CA_FROM,
    notAfter: CA_TO,
    publicKey: keys.publicKey,
    signingKey: issuer.keys.privateKey,
    signingAlgorithm: signatureBy(issuer.keys),
    extensions: [
      new x509.BasicConstraintsExtension(true, undefined, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign, true),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
      await x509.AuthorityKeyIdentifierExtension.create(issuer.keys.publicKey),
    ],
  });
  return { name, keys, pem: pemOf(certificate) };
}

async function leafExtensions(recipe: CertificateRecipe, keys: Pair, issuerKeys: Pair): Promise<x509.Extension[]> {
  const { digitalSignature, keyEncipherment } = x509.KeyUsageFlags;
  const isRsa = recipe.keyType?.startsWith('rsa') ?? false;
  const usages = recipe.keyUsages ?? (isRsa ? digitalSignature | keyEncipherment : digitalSignature);
  const extended = recipe.extendedKeyUsages ?? [x509.ExtendedKeyUsage.serverAuth];
  return [
    ...(usages === 0 ? [] : [new x509.KeyUsagesExtension(usages, true)]),
    ...(extended.length === 0 ? [] : [new x509.ExtendedKeyUsageExtension([...extended])]),
    ...(recipe.domains.length === 0 ? [] : [alternativeNames(recipe.domains)]),
    ...(recipe.ocspUrl === undefined ? [] : [new x509.AuthorityInfoAccessExtension({ ocsp: [recipe.ocspUrl] })]),
    await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
    await x509.AuthorityKeyIdentifierExtension.create(issuerKeys.publicKey),
  ];
}

function alternativeNames(domains: readonly string[]): x509.SubjectAlternativeNameExtension {
  return new x509.SubjectAlternativeNameExtension(domains.map((value) => ({ type: 'dns', value })));
}

function subjectOf(recipe: CertificateRecipe): string {
  return recipe.commonName === undefined ? '' : `CN=${recipe.commonName}`;
}

const CURVES = { 'ecdsa-p256': 'P-256', 'ecdsa-p384': 'P-384', 'ecdsa-p521': 'P-521' } as const;

function algorithmOf(keyType: TestKeyType): KeyAlgorithm {
  if (keyType === 'ed25519') return { name: 'Ed25519' };
  if (keyType === 'ecdsa-p256' || keyType === 'ecdsa-p384' || keyType === 'ecdsa-p521') {
    return { name: 'ECDSA', namedCurve: CURVES[keyType] };
  }
  const modulusLength = Number(keyType.slice('rsa-'.length));
  return { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256', modulusLength, publicExponent: new Uint8Array([1, 0, 1]) };
}

async function makeKeys(keyType: TestKeyType): Promise<Pair> {
  const pair = await webcrypto.subtle.generateKey(algorithmOf(keyType), true, ['sign', 'verify']);
  if (!('privateKey' in pair)) throw new Error(`${keyType} is no asymmetric key.`);
  return pair;
}

function signatureBy(keys: Pair) {
  return { name: keys.privateKey.algorithm.name, hash: 'SHA-256' };
}

function pemOf(certificate: x509.X509Certificate): string {
  return `${certificate.toString('pem')}\n`;
}
