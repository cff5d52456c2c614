import 'reflect-metadata';
import { KeyObject, webcrypto } from 'node:crypto';
import { isIP } from 'node:net';
import * as x509 from '@peculiar/x509';
import type { SigningKey } from './signer.ts';

export interface CsrRecipe {
  readonly names: readonly string[];
  /** Default ECDSA P-256. */
  readonly algorithm?: webcrypto.EcKeyGenParams | webcrypto.RsaHashedKeyGenParams;
  readonly keys?: webcrypto.CryptoKeyPair;
  readonly commonName?: string;
  /** Without subjectAltName. */
  readonly bare?: boolean;
  readonly extensions?: readonly x509.Extension[];
}

export interface Csr {
  readonly text: string;
  readonly keys: webcrypto.CryptoKeyPair;
}

const P256 = { name: 'ECDSA', namedCurve: 'P-256' };

function signatureFor(keys: webcrypto.CryptoKeyPair): { name: string; hash: string } {
  return { name: keys.privateKey.algorithm.name, hash: 'SHA-256' };
}

/** A CSR as finalize takes it. */
export async function makeCsr(recipe: CsrRecipe): Promise<Csr> {
  const keys = recipe.keys ?? (await webcrypto.subtle.generateKey(recipe.algorithm ?? P256, true, ['sign', 'verify']));
  const names = recipe.names.map((value) => ({ type: isIP(value) === 0 ? ('dns' as const) : ('ip' as const), value }));
  const csr = await x509.Pkcs10CertificateRequestGenerator.create({
    name: recipe.commonName === undefined ? '' : `CN=${recipe.commonName}`,
    keys,
    signingAlgorithm: signatureFor(keys),
    extensions: [
      ...(recipe.bare ? [] : [new x509.SubjectAlternativeNameExtension(names)]),
      ...(recipe.extensions ?? []),
    ],
  });
  return { text: Buffer.from(csr.rawData).toString('base64url'), keys };
}

/** An account's or certificate's key pair for WebCrypto. */
export async function webKeys(key: SigningKey): Promise<webcrypto.CryptoKeyPair> {
  const jwk = key.privateKey.export({ format: 'jwk' });
  const privateKey = await webcrypto.subtle.importKey('jwk', jwk, { ...P256 }, true, ['sign']);
  const publicKey = await webcrypto.subtle.importKey('jwk', key.jwk, { ...P256 }, true, ['verify']);
  return { privateKey, publicKey };
}

/** The other way: to sign a revocation with a certificate's key. */
export function privateKeyOf(keys: webcrypto.CryptoKeyPair): KeyObject {
  return KeyObject.from(keys.privateKey);
}
