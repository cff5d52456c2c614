import { generateKeyPairSync } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { redact } from '../../../lambdas/core/redact.ts';

const KEYS = {
  'P-256': generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey,
  'P-384': generateKeyPairSync('ec', { namedCurve: 'P-384' }).privateKey,
  RSA: generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey,
};
const encoded = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');
const DIGEST = 'LoqXcYV8q5ONbJQxbmR7SCTNo3tiAXDfowyjxAjEuX0';
const TOKEN = 'evaGxfADs6pSRb2LAv9IZf17Dt3juxGJ-PCt92wr-oA';

describe('The last guard of a line', () => {
  it.each(Object.entries(KEYS))('lets no private key through: %s', (name, key) => {
    const types = name === 'RSA' ? (['pkcs8', 'pkcs1'] as const) : (['pkcs8', 'sec1'] as const);
    for (const type of types) {
      const pem = key.export({ type, format: 'pem' }).toString();
      const base64 = key.export({ type, format: 'der' }).toString('base64');
      expect(redact(`it is ${pem}!`)).toMatch(/^it is \[private key\]\s*!$/);
      expect(redact(`cut off ${pem.slice(0, 90)}`)).toBe('cut off [private key]');
      expect(redact(`it is "${base64}"!`)).toBe('it is "[private key]"!');
    }
  });

  it('lets no signed body through, compact or flattened', () => {
    const header = encoded({ alg: 'ES256', nonce: 'n' });
    expect(redact(`sent ${header}.${encoded({ a: 1 })}.c2ln to it`)).toBe('sent [JWS] to it');
    expect(redact(JSON.stringify({ protected: header }))).toBe('{"protected":"[JWS]"}');
  });

  it('lets no token, key authorization, TXT value or nonce through', () => {
    expect(redact(`does not show the TXT value ${DIGEST} at x (it shows "${TOKEN}")`)).toBe(
      'does not show the TXT value [digest] at x (it shows "[digest]")',
    );
    expect(redact(`did not match "${TOKEN}.${DIGEST}"`)).toBe('did not match "[key authorization]"');
    expect(redact('JWS has an invalid anti-replay nonce: "oFvnlFP1wIhRlYS2jTaXbA"')).toBe(
      'JWS has an invalid anti-replay nonce: "[nonce]"',
    );
  });

  it.each([
    'a message of the CA: too many certificates (5) already issued for www.example.test',
    'arn:aws:states:us-east-1:123456789012:execution:Perennial-renewal:1798761600001-1a6cb10d8dab8095fab46a673f22cc930ecc22bd',
    'SLOT#3ffc579215f65536000d870e201136d0a5282209dad0b0db6fce9f6793b9b052',
    'https://letsencrypt.org/docs/rate-limits/#new-certificates-per-exact-set-of-hostnames',
    '-----BEGIN CERTIFICATE-----',
    '8f2d1c34-77aa-4e0b-9a7f-0123456789ab',
  ])('leaves alone what helps: %s', (text) => {
    expect(redact(text)).toBe(text);
  });
});
