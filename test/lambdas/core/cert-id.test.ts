import 'reflect-metadata';
import { webcrypto } from 'node:crypto';
import * as x509 from '@peculiar/x509';
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { certIdOf } from '../../../lambdas/core/cert-id.ts';

let keys: webcrypto.CryptoKeyPair;
beforeAll(async () => {
  keys = await webcrypto.subtle.generateKey({ name: 'ECDSA', namedCurve: 'P-256' }, false, ['sign', 'verify']);
});

/** A leaf with this serial number and, where given, this key identifier of its issuer; both in hex. */
async function leaf(serialNumber: string, keyIdentifier?: string, more: x509.Extension[] = []): Promise<string> {
  const authority = keyIdentifier === undefined ? [] : [new x509.AuthorityKeyIdentifierExtension(keyIdentifier)];
  const made = await x509.X509CertificateGenerator.create({
    serialNumber,
    subject: 'CN=example.test',
    issuer: 'CN=issuer',
    notBefore: new Date('2027-01-01'),
    notAfter: new Date('2027-03-01'),
    publicKey: keys.publicKey,
    signingKey: keys.privateKey,
    signingAlgorithm: { name: 'ECDSA', hash: 'SHA-256' },
    extensions: [...more, ...authority],
  });
  return made.toString('pem');
}

describe('The certID', () => {
  it('is that of RFC 9773 section 4.1: the leading zero byte of the serial is kept [J10]', async () => {
    const pem = await leaf('0087654321', '69885b6b87464041e1b37b847ba0ae2cde01c8d4');
    expect(certIdOf(pem)).toBe('aYhba4dGQEHhs3uEe6CuLN4ByNQ.AIdlQyE');
  });

  it('does not exist where the leaf names no key of its issuer [J10]', async () => {
    expect(certIdOf(await leaf('0087654321'))).toBeUndefined();
    expect(certIdOf(await leaf('01', undefined, [new x509.BasicConstraintsExtension(false)]))).toBeUndefined();
  });

  it('is made of the very bytes that stand in the certificate, whatever they are', async () => {
    const bytes = fc.uint8Array({ minLength: 1, maxLength: 20 }).map((array) => Buffer.from(array));
    await fc.assert(
      fc.asyncProperty(bytes, bytes, async (serial, keyIdentifier) => {
        // DER: positive, and no zero byte but one that keeps it positive.
        const positive = Buffer.concat([Buffer.from([0x7f]), serial]).subarray(0, 20);
        const pem = await leaf(positive.toString('hex'), keyIdentifier.toString('hex'));
        expect(certIdOf(pem)).toBe(`${keyIdentifier.toString('base64url')}.${positive.toString('base64url')}`);
      }),
      { numRuns: 25 },
    );
  });

  it.each([
    ['text that is no certificate', 'nothing'],
    ['an empty chain', ''],
  ])('does not exist for %s', (_what, text) => {
    expect(certIdOf(text)).toBeUndefined();
  });
});
