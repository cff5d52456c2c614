import 'reflect-metadata';
import { createPublicKey, type KeyObject } from 'node:crypto';
import { Pkcs10CertificateRequest, SubjectAlternativeNameExtension } from '@peculiar/x509';
import { decodeBase64url } from './base64url.ts';
import { thumbprintOf } from './jwk.ts';
import { AcmeProblem, type Identifier, malformed } from './problems.ts';

/** What a CSR asks for. */
export interface CertificateRequest {
  readonly identifiers: readonly Identifier[];
  readonly publicKey: KeyObject;
  /** SubjectPublicKeyInfo, DER. */
  readonly publicKeyInfo: Buffer;
  readonly thumbprint: string | undefined;
}

const TLS_FEATURE = '1.3.6.1.5.5.7.1.24';

function badCsr(detail: string): AcmeProblem {
  return new AcmeProblem('badCSR', detail);
}

function parse(der: Buffer): Pkcs10CertificateRequest {
  try {
    return new Pkcs10CertificateRequest(der);
  } catch {
    throw malformed('The CSR is not a PKCS #10 request');
  }
}

function namesOf(csr: Pkcs10CertificateRequest): readonly Identifier[] {
  const extension = csr.extensions.find((each) => each instanceof SubjectAlternativeNameExtension);
  const names = extension?.names.items ?? [];
  const other = names.find((name) => name.type !== 'dns' && name.type !== 'ip');
  if (other) throw badCsr(`The CSR asks for a name of type "${other.type}"`);
  const common = csr.subjectName.getField('CN').map((value) => ({ type: 'dns', value }));
  const all = [
    ...names.map(({ type, value }) => ({ type, value })),
    ...common.filter((name) => name.value.includes('.')),
  ];
  return all.map(({ type, value }) => ({ type, value: value.toLowerCase() }));
}

// What Let's Encrypt takes: RSA of 2048, 3072 and 4096 bits, P-256 and P-384.
function checkKey(key: KeyObject): void {
  const { modulusLength, namedCurve, publicExponent } = key.asymmetricKeyDetails ?? {};
  if (key.asymmetricKeyType === 'rsa') {
    if (![2048, 3072, 4096].includes(modulusLength ?? 0))
      throw badCsr(`RSA key of ${modulusLength} bits is not supported`);
    if (publicExponent !== 65_537n) throw badCsr('RSA exponent is not 65537');
  } else if (key.asymmetricKeyType !== 'ec' || !['prime256v1', 'secp384r1'].includes(namedCurve ?? '')) {
    throw badCsr(`Key of type ${key.asymmetricKeyType} ${namedCurve ?? ''} is not supported; use RSA, P-256 or P-384`);
  }
}

function importKey(der: Buffer): KeyObject {
  try {
    return createPublicKey({ key: der, format: 'der', type: 'spki' });
  } catch {
    throw badCsr('The key in the CSR is none that is supported');
  }
}

async function checkSignature(csr: Pkcs10CertificateRequest): Promise<void> {
  const good = await csr.verify().catch(() => false);
  if (!good) throw badCsr('The signature of the CSR does not verify');
}

/**
 * Reads the `csr` of a finalize request (RFC 8555 section 7.4).
 * @throws AcmeProblem malformed when it is none, badCSR when it is not acceptable.
 */
export async function readCsr(text: string): Promise<CertificateRequest> {
  const csr = parse(decodeBase64url(text, 'Field "csr"'));
  const publicKeyInfo = Buffer.from(csr.publicKey.rawData);
  const publicKey = importKey(publicKeyInfo);
  checkKey(publicKey);
  if (csr.getExtension(TLS_FEATURE)) throw badCsr('OCSP must-staple is no longer supported');
  await checkSignature(csr);
  return { identifiers: namesOf(csr), publicKey, publicKeyInfo, thumbprint: thumbprintOf(publicKey) };
}
