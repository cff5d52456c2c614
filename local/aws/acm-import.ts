import { createPrivateKey, type KeyObject } from 'node:crypto';
import type { ImportCertificateRequest } from '@aws-sdk/client-acm';
import { type CertificateFacts, readCertificate } from './acm-x509.ts';
import { AwsFault } from './fault.ts';

/** Material that passed ACM's rules for an import. */
export type Imported = {
  readonly leaf: CertificateFacts;
  readonly leafPem: string;
  readonly chainPem: string;
  readonly privateKeyPem: string;
};

/** When and how strictly an import is judged. */
export type ImportJudge = { readonly now: number; readonly anySigner: boolean };

// https://docs.aws.amazon.com/acm/latest/APIReference/API_ImportCertificate.html#API_ImportCertificate_RequestSyntax
const LONGEST = { Certificate: 32_768, PrivateKey: 5_120, CertificateChain: 2_097_152 } as const;
const LONGEST_OCSP_URL = 1000;
const PEM_BLOCKS = /^(?:\s*-----BEGIN ([A-Z0-9 ]+)-----[A-Za-z0-9+/=\s]+-----END \1-----)+\s*$/;
const ONE_BLOCK = /-----BEGIN ([A-Z0-9 ]+)-----[A-Za-z0-9+/=\s]+-----END \1-----/g;

/**
 * Judges an import by ACM's rules.
 * https://docs.aws.amazon.com/acm/latest/userguide/import-certificate-prerequisites.html
 * https://docs.aws.amazon.com/acm/latest/userguide/troubleshoot-import.html
 */
export function judgeImport(request: ImportCertificateRequest, judge: ImportJudge): Imported {
  const leafPem = textOf('Certificate', request.Certificate);
  const privateKeyPem = textOf('PrivateKey', request.PrivateKey);
  const chainPem = request.CertificateChain ? textOf('CertificateChain', request.CertificateChain) : '';
  const leaf = readOnly(leafPem);
  const chain = chainPem === '' ? [] : blocksOf('CertificateChain', chainPem).map(readChainPart);
  checkLeaf(leaf, judge.now);
  checkChain(leaf, chain, judge.anySigner);
  checkKey(leaf, privateKeyPem);
  return { leaf, leafPem, chainPem, privateKeyPem };
}

/**
 * Judges what a re-import may change.
 * https://docs.aws.amazon.com/acm/latest/userguide/import-reimport.html
 */
export function judgeReimport(installed: CertificateFacts, next: CertificateFacts): void {
  if (installed.keyAlgorithm !== next.keyAlgorithm) {
    refuse(
      `A re-import cannot change key type or size, here from ${installed.keyAlgorithm} to ${next.keyAlgorithm}; import to a new ARN.`,
    );
  }
  const isEcdsa = installed.certificate.publicKey.asymmetricKeyType === 'ec';
  checkSuperset('Key Usage', installed.keyUsages, next.keyUsages, isEcdsa ? 'KEY_ENCIPHERMENT' : undefined);
  checkSuperset(
    'Extended Key Usage',
    installed.extendedKeyUsages?.map((usage) => usage.OID ?? ''),
    next.extendedKeyUsages?.map((usage) => usage.OID ?? ''),
    CLIENT_AUTH,
  );
}

const CLIENT_AUTH = '1.3.6.1.5.5.7.3.2';

/** Values present stay present, but for the one that may go; an absent extension stays absent. */
function checkSuperset(
  extension: string,
  installed: readonly string[] | undefined,
  next: readonly string[] | undefined,
  mayGo: string | undefined,
): void {
  if (!installed) {
    if (next) refuse(`A re-import cannot add the ${extension} extension.`);
    return;
  }
  const removed = installed.filter((value) => value !== mayGo && !next?.includes(value));
  if (removed.length > 0) refuse(`A re-import cannot remove ${extension} ${removed.join(', ')}.`);
}

function checkLeaf(leaf: CertificateFacts, now: number): void {
  const { certificate, keyAlgorithm } = leaf;
  if (!keyAlgorithm)
    refuse(`Certificate has a ${certificate.publicKey.asymmetricKeyType} key that ACM does not support.`);
  // Names may go at a re-import, but not all of them.
  if (leaf.domains.length === 0) refuse('Certificate has no domain name.');
  if (!certificate.issuer) refuse('Certificate has an empty Issuer.');
  if (now < certificate.validFromDate.getTime()) refuse('Certificate is not valid yet.');
  if (now >= certificate.validToDate.getTime()) refuse('Certificate has expired.');
  const ocsp = /OCSP - URI:(\S+)/.exec(certificate.infoAccess ?? '')?.[1] ?? '';
  if (ocsp.length > LONGEST_OCSP_URL) refuse(`The OCSP URL is longer than ${LONGEST_OCSP_URL} characters.`);
}

/** Each certificate of the chain directly certifies the one before it; a root may end it but need not. */
function checkChain(leaf: CertificateFacts, chain: readonly CertificateFacts[], anySigner: boolean): void {
  const selfSigned = leaf.certificate.verify(leaf.certificate.publicKey);
  if (chain.length === 0 && !selfSigned)
    refuse('CertificateChain is needed for a certificate that is not self-signed.');
  let certified = leaf.certificate;
  for (const { certificate: issuer } of chain) {
    if (!certified.checkIssued(issuer) || !certified.verify(issuer.publicKey)) {
      refuse(`CertificateChain does not verify: "${issuer.subject}" does not certify "${certified.subject}".`);
    }
    certified = issuer;
  }
  const signer = chain[0]?.certificate.publicKey.asymmetricKeyType;
  const own = leaf.certificate.publicKey.asymmetricKeyType;
  if (signer && signer !== own && !anySigner) {
    refuse(`The algorithm of the certificate (${own}) is not that of its signing CA (${signer}).`);
  }
}

function checkKey(leaf: CertificateFacts, pem: string): void {
  if (blocksOf('PrivateKey', pem).length !== 1) refuse('PrivateKey must be one PEM block.');
  if (!leaf.certificate.checkPrivateKey(privateKeyOf(pem))) refuse('PrivateKey does not match the certificate.');
}

function privateKeyOf(pem: string): KeyObject {
  try {
    return createPrivateKey(pem);
  } catch {
    return refuse('PrivateKey is no unencrypted private key.');
  }
}

function readOnly(pem: string): CertificateFacts {
  const blocks = blocksOf('Certificate', pem);
  const [only] = blocks;
  if (blocks.length !== 1 || only === undefined) refuse('Certificate must hold exactly one certificate.');
  return readBlock('Certificate', only);
}

const readChainPart = (pem: string): CertificateFacts => readBlock('CertificateChain', pem);

function readBlock(field: string, pem: string): CertificateFacts {
  try {
    return readCertificate(pem);
  } catch {
    return refuse(`${field} is no X.509 certificate.`);
  }
}

function blocksOf(field: string, pem: string): string[] {
  if (!PEM_BLOCKS.test(pem)) refuse(`${field} is not PEM, or holds more than PEM.`);
  return pem.match(ONE_BLOCK) ?? [];
}

function textOf(field: keyof typeof LONGEST, bytes: Uint8Array | undefined): string {
  const length = bytes?.byteLength ?? 0;
  if (!bytes || length < 1) refuse(`${field} is missing or empty.`);
  if (length > LONGEST[field]) refuse(`${field} has ${length} bytes; at most ${LONGEST[field]} are allowed.`);
  return Buffer.from(bytes).toString('latin1');
}

function refuse(message: string): never {
  throw new AwsFault('ValidationException', message);
}
