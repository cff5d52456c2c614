import 'reflect-metadata';
import { webcrypto } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as x509 from '@peculiar/x509';

const ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };
const DAY_MS = 86_400_000;

/** The certificates of the gateway and of what stands in front of it, as files and as PEM text. */
export interface LoopbackTls {
  /** The file of the root that signs them; clients are told of it by `NODE_EXTRA_CA_CERTS` and its like. */
  readonly caFile: string;
  readonly caPem: string;
  readonly certFile: string;
  readonly certPem: string;
  readonly keyFile: string;
  readonly keyPem: string;
}

/** Valid from a day ago, so that a clock that runs behind does not matter, and for a week: no run is longer. */
function validity(): { notBefore: Date; notAfter: Date } {
  return { notBefore: new Date(Date.now() - DAY_MS), notAfter: new Date(Date.now() + 7 * DAY_MS) };
}

function newKeys(): Promise<webcrypto.CryptoKeyPair> {
  return webcrypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify']);
}

async function rootOf(keys: webcrypto.CryptoKeyPair): Promise<x509.X509Certificate> {
  return x509.X509CertificateGenerator.createSelfSigned({
    name: 'CN=Perennial deployed run',
    ...validity(),
    keys,
    signingAlgorithm: ALGORITHM,
    extensions: [
      new x509.BasicConstraintsExtension(true, undefined, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign, true),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  });
}

async function leafOf(
  root: x509.X509Certificate,
  rootKeys: webcrypto.CryptoKeyPair,
  keys: webcrypto.CryptoKeyPair,
): Promise<x509.X509Certificate> {
  return x509.X509CertificateGenerator.create({
    subject: 'CN=localhost',
    issuer: root.subject,
    ...validity(),
    publicKey: keys.publicKey,
    signingKey: rootKeys.privateKey,
    signingAlgorithm: ALGORITHM,
    extensions: [
      new x509.SubjectAlternativeNameExtension([
        { type: 'dns', value: 'localhost' },
        { type: 'ip', value: '127.0.0.1' },
      ]),
      new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.serverAuth]),
      // Python 3.13 verifies strictly (RFC 5280 section 4.2.1.1) and refuses a leaf without it.
      await x509.AuthorityKeyIdentifierExtension.create(root),
    ],
  });
}

async function keyPem(keys: webcrypto.CryptoKeyPair): Promise<string> {
  return x509.PemConverter.encode(await webcrypto.subtle.exportKey('pkcs8', keys.privateKey), 'PRIVATE KEY');
}

/**
 * A root of its own for one run and a certificate for `localhost` and `127.0.0.1`, written into `folder`.
 *
 * TLS everywhere is no luxury: the bootstrap bucket's policy denies plain http, and without it MiniStack's Lambda
 * workers quietly turn every `https` request to loopback, also the one to a CA there, into plain http.
 */
export async function createLoopbackTls(folder: string): Promise<LoopbackTls> {
  const [rootKeys, keys] = await Promise.all([newKeys(), newKeys()]);
  const root = await rootOf(rootKeys);
  const leaf = await leafOf(root, rootKeys, keys);
  const tls = {
    caFile: join(folder, 'ca.pem'),
    caPem: root.toString('pem'),
    certFile: join(folder, 'gateway.pem'),
    certPem: leaf.toString('pem'),
    keyFile: join(folder, 'gateway.key'),
    keyPem: await keyPem(keys),
  };
  await Promise.all([
    writeFile(tls.caFile, tls.caPem),
    writeFile(tls.certFile, tls.certPem),
    writeFile(tls.keyFile, tls.keyPem, { mode: 0o600 }),
  ]);
  return tls;
}
