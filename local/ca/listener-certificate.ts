import 'reflect-metadata';
import { webcrypto } from 'node:crypto';
import * as x509 from '@peculiar/x509';
import { exportPem } from './pem.ts';

/** A TLS key pair for a listener on this machine, with the root that a client must trust. All PEM. */
export interface ListenerCertificate {
  readonly rootPem: string;
  /** The leaf; the root is not needed in it. */
  readonly certificatePem: string;
  readonly privateKeyPem: string;
}

const DAY_MS = 86_400_000;
const ECDSA = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const;

async function newKeys(): Promise<webcrypto.CryptoKeyPair> {
  return webcrypto.subtle.generateKey(ECDSA, true, ['sign', 'verify']);
}

async function makeRoot(keys: webcrypto.CryptoKeyPair, from: Date, to: Date): Promise<x509.X509Certificate> {
  return x509.X509CertificateGenerator.createSelfSigned({
    name: 'CN=Perennial local listener root',
    notBefore: from,
    notAfter: to,
    keys,
    signingAlgorithm: ECDSA,
    extensions: [
      new x509.BasicConstraintsExtension(true, 0, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign, true),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  });
}

/**
 * Makes a root and, signed by it, a P-256 certificate for `localhost`, `127.0.0.1` and `::1`.
 *
 * It is dated by the real clock, not by an injected one: the TLS stacks of clients judge it by theirs.
 */
export async function makeListenerCertificate(): Promise<ListenerCertificate> {
  const from = new Date(Date.now() - DAY_MS);
  const to = new Date(Date.now() + 365 * DAY_MS);
  const rootKeys = await newKeys();
  const leafKeys = await newKeys();
  const root = await makeRoot(rootKeys, from, to);
  const leaf = await x509.X509CertificateGenerator.create({
    subject: 'CN=localhost',
    issuer: root.subject,
    notBefore: from,
    notAfter: to,
    publicKey: leafKeys.publicKey,
    signingKey: rootKeys.privateKey,
    signingAlgorithm: ECDSA,
    extensions: [
      new x509.BasicConstraintsExtension(false, undefined, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
      new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.serverAuth]),
      new x509.SubjectAlternativeNameExtension([
        { type: 'dns', value: 'localhost' },
        { type: 'ip', value: '127.0.0.1' },
        { type: 'ip', value: '::1' },
      ]),
      await x509.AuthorityKeyIdentifierExtension.create(rootKeys.publicKey),
      await x509.SubjectKeyIdentifierExtension.create(leafKeys.publicKey),
    ],
  });
  return {
    rootPem: `${root.toString('pem')}\n`,
    certificatePem: `${leaf.toString('pem')}\n`,
    privateKeyPem: await exportPem(leafKeys.privateKey),
  };
}
