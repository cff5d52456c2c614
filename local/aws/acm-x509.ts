import 'reflect-metadata';
import { createHash, X509Certificate } from 'node:crypto';
import type { ExtendedKeyUsage, KeyAlgorithm, KeyUsageName } from '@aws-sdk/client-acm';
import * as x509 from '@peculiar/x509';

/** What ACM reads from a certificate: https://docs.aws.amazon.com/acm/latest/APIReference/API_CertificateDetail.html */
export type CertificateFacts = {
  readonly certificate: X509Certificate;
  /** Lower-case hex of the DER's SHA-256. */
  readonly sha256: string;
  /** Undefined when ACM does not support the key. */
  readonly keyAlgorithm: KeyAlgorithm | undefined;
  /** Common name first where there is one, then the subject alternative names, without duplicates. */
  readonly domains: readonly string[];
  /** Undefined when the extension is absent. */
  readonly keyUsages: readonly KeyUsageName[] | undefined;
  /** Undefined when the extension is absent. */
  readonly extendedKeyUsages: readonly ExtendedKeyUsage[] | undefined;
};

const KEY_USAGES: readonly (readonly [number, KeyUsageName])[] = [
  [x509.KeyUsageFlags.digitalSignature, 'DIGITAL_SIGNATURE'],
  [x509.KeyUsageFlags.nonRepudiation, 'NON_REPUDIATION'],
  [x509.KeyUsageFlags.keyEncipherment, 'KEY_ENCIPHERMENT'],
  [x509.KeyUsageFlags.dataEncipherment, 'DATA_ENCIPHERMENT'],
  [x509.KeyUsageFlags.keyAgreement, 'KEY_AGREEMENT'],
  [x509.KeyUsageFlags.keyCertSign, 'CERTIFICATE_SIGNING'],
  [x509.KeyUsageFlags.cRLSign, 'CRL_SIGNING'],
  [x509.KeyUsageFlags.encipherOnly, 'ENCIPHER_ONLY'],
  [x509.KeyUsageFlags.decipherOnly, 'DECIPHER_ONLY'],
];

/** RFC 5280 section 4.2.1.12. */
const EXTENDED_KEY_USAGES: Readonly<Record<string, ExtendedKeyUsage['Name']>> = {
  '1.3.6.1.5.5.7.3.1': 'TLS_WEB_SERVER_AUTHENTICATION',
  '1.3.6.1.5.5.7.3.2': 'TLS_WEB_CLIENT_AUTHENTICATION',
  '1.3.6.1.5.5.7.3.3': 'CODE_SIGNING',
  '1.3.6.1.5.5.7.3.4': 'EMAIL_PROTECTION',
  '1.3.6.1.5.5.7.3.8': 'TIME_STAMPING',
  '1.3.6.1.5.5.7.3.9': 'OCSP_SIGNING',
  '2.5.29.37.0': 'ANY',
};

const CURVES: Readonly<Record<string, KeyAlgorithm>> = {
  prime256v1: 'EC_prime256v1',
  secp384r1: 'EC_secp384r1',
  secp521r1: 'EC_secp521r1',
};

const MODULI: Readonly<Record<number, KeyAlgorithm>> = {
  1024: 'RSA_1024',
  2048: 'RSA_2048',
  3072: 'RSA_3072',
  4096: 'RSA_4096',
};

/** Reads one PEM block. Throws when it is no certificate. */
export function readCertificate(pem: string): CertificateFacts {
  const certificate = new X509Certificate(pem);
  const parsed = new x509.X509Certificate(certificate.raw);
  return {
    certificate,
    sha256: createHash('sha256').update(certificate.raw).digest('hex'),
    keyAlgorithm: keyAlgorithmOf(certificate),
    domains: domainsOf(parsed),
    keyUsages: keyUsagesOf(parsed),
    extendedKeyUsages: extendedKeyUsagesOf(parsed),
  };
}

/** ACM's name of a certificate's key, or undefined when ACM takes no such key. */
function keyAlgorithmOf(certificate: X509Certificate): KeyAlgorithm | undefined {
  const { asymmetricKeyType: type, asymmetricKeyDetails: details } = certificate.publicKey;
  if (type === 'ec') return CURVES[details?.namedCurve ?? ''];
  return type === 'rsa' ? MODULI[details?.modulusLength ?? 0] : undefined;
}

function domainsOf(parsed: x509.X509Certificate): string[] {
  const names = parsed.getExtension(x509.SubjectAlternativeNameExtension)?.names.items ?? [];
  const alternatives = names.filter((name) => name.type === 'dns' || name.type === 'ip').map((name) => name.value);
  return [...new Set([...parsed.subjectName.getField('CN'), ...alternatives])];
}

function keyUsagesOf(parsed: x509.X509Certificate): KeyUsageName[] | undefined {
  const extension = parsed.getExtension(x509.KeyUsagesExtension);
  if (!extension) return undefined;
  return KEY_USAGES.filter(([flag]) => (extension.usages & flag) !== 0).map(([, name]) => name);
}

function extendedKeyUsagesOf(parsed: x509.X509Certificate): ExtendedKeyUsage[] | undefined {
  const extension = parsed.getExtension(x509.ExtendedKeyUsageExtension);
  return extension?.usages.map(String).map((oid) => ({ Name: EXTENDED_KEY_USAGES[oid] ?? 'CUSTOM', OID: oid }));
}
