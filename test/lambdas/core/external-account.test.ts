import { describe, expect, it } from 'vitest';
import { hmacKeyOf } from '../../../lambdas/core/external-account.ts';

const KEY = 'zWNDZM6eQGHWpSRTPal5eIUYFTu7EajVIoguysqZ9wG44nMEtx3MUAsUDkMTQ12W';

describe('The HMAC key of an external account', () => {
  it.each([
    ['alone', KEY],
    ['alone, with the line end of an editor', `${KEY}\n`],
    ['in JSON', JSON.stringify({ hmacKey: KEY, keyId: 'kid' })],
    ['in JSON as the console of Secrets Manager writes it', `{"hmacKey":"${KEY}"}`],
  ])('is read where it stands %s', (_, secret) => {
    expect(hmacKeyOf(secret)).toBe(KEY);
  });

  it('is taken in plain base64 as well', () => {
    expect(hmacKeyOf('abcdefghijklmnop+/8=')).toBe('abcdefghijklmnop+/8=');
  });

  it.each([
    ['nothing', ''],
    ['a sentence', 'the key is secret'],
    ['JSON without it', '{"key":"abcdefghijklmnopqrst"}'],
    ['JSON that is cut off', '{"hmacKey":"abcdef'],
    ['JSON with a number', '{"hmacKey":12345678901234567890}'],
    ['a key that is too short to be one', 'abc'],
  ])('is not found in %s', (_, secret) => {
    expect(hmacKeyOf(secret)).toBeUndefined();
  });
});
