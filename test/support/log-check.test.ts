import { generateKeyPairSync } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { LogCheck } from './log-check.ts';

const KEYS = {
  'P-256': generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey,
  'P-384': generateKeyPairSync('ec', { namedCurve: 'P-384' }).privateKey,
  RSA: generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey,
};
const encoded = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');

function reading(line: string, ...secrets: readonly (string | Uint8Array)[]): () => void {
  const check = new LogCheck();
  for (const secret of secrets) check.know(secret);
  check.read(JSON.stringify({ message: line }));
  return () => check.expectClean();
}

describe('The check of log lines', () => {
  it.each(Object.entries(KEYS))('finds a key that it was never told of: %s', (name, key) => {
    const types = name === 'RSA' ? (['pkcs8', 'pkcs1'] as const) : (['pkcs8', 'sec1'] as const);
    for (const type of types) {
      expect(reading(key.export({ type, format: 'pem' }).toString())).toThrow(/PEM private key/);
      expect(reading(key.export({ type, format: 'der' }).toString('base64'))).toThrow(/key/);
    }
  });

  it.each(Object.entries(KEYS))('finds any 40 characters of a key that was made: %s', (_name, key) => {
    const der = key.export({ type: 'pkcs8', format: 'der' });
    const base64 = der.toString('base64').replace(/=+$/, '');
    for (let at = 0; at + 40 <= base64.length; at += 1)
      expect(reading(`x ${base64.slice(at, at + 40)} x`, der)).toThrow(/key/);
    expect(reading(der.toString('hex').slice(-60), der)).toThrow(/part of a private key/);
    expect(reading(String(key.export({ format: 'jwk' }).d), der)).toThrow(/part of a private key/);
  });

  it('finds a key that was logged before anybody knew it', () => {
    const der = KEYS['P-256'].export({ type: 'pkcs8', format: 'der' });
    const check = new LogCheck();
    check.read(`made ${der.toString('base64').slice(50, 90)}`);
    check.know(der);
    expect(() => check.expectClean()).toThrow(/part of a private key/);
  });

  it('finds a signed body, compact or flattened', () => {
    const header = encoded({ alg: 'ES256', url: 'https://ca.test/acme/new-order' });
    expect(reading(`${header}.${encoded({ a: 1 })}.c2ln`)).toThrow(/a JWS/);
    expect(reading(JSON.stringify({ protected: header, payload: '', signature: 'c2ln' }))).toThrow(/a JWS/);
  });

  it('finds a secret of the suite, alone or in JSON', () => {
    const hmacKey = 'bm90IGEgcmVhbCBobWFjIGtleQ';
    expect(reading(`bound by ${hmacKey}`, hmacKey)).toThrow(/secret of this suite/);
    expect(reading(`bound by ${hmacKey}`, JSON.stringify({ keyId: 'kid', hmacKey }))).toThrow(/secret of this suite/);
  });

  it('lets the rest pass, and has nothing against a public certificate or another text of the same length', () => {
    const der = KEYS['P-256'].export({ type: 'pkcs8', format: 'der' });
    expect(reading('-----BEGIN CERTIFICATE-----', der)).not.toThrow();
    expect(reading('1798761600001-1a6cb10d8dab8095fab46a673f22cc930ecc22bd', der)).not.toThrow();
    expect(reading(`${encoded({ typ: 'x' })}.b.c`, der)).not.toThrow();
  });

  it('shows each line once', () => {
    const check = new LogCheck();
    check.read('-----BEGIN PRIVATE KEY-----');
    expect(() => check.expectClean()).toThrow(/BEGIN PRIVATE KEY/);
    expect(() => check.expectClean()).not.toThrow();
    expect(check.lines).toBe(1);
  });
});
