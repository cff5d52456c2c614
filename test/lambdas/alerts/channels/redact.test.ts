import { describe, expect, it } from 'vitest';
import { redact } from '../../../../lambdas/alerts/channels/redact.ts';

const SECRET = { url: 'https://hook.test/alerts/0123456789?token=abcdefgh%2Fi', secret: 'p"ss wörd+/=' };

describe('A reason', () => {
  it.each([
    ['the value itself', SECRET.secret],
    ['the value as a URL writes it', encodeURIComponent(SECRET.secret)],
    ['the value as JSON writes it', JSON.stringify(SECRET.secret)],
    ['the URL', SECRET.url],
    ['the URL within a URL', encodeURIComponent(SECRET.url)],
    ['the path', '/alerts/0123456789'],
    ['the query', '?token=abcdefgh%2Fi'],
    ['a parameter, decoded', 'abcdefgh/i'],
    ['a segment of the path', '0123456789'],
    ['a URL that was made of the secret', 'https://hook.test/sign/sign-of-it?sign=signature'],
  ])('is told without %s', (_what, quoted) => {
    const told = redact(`refused: ${quoted}.`, SECRET, 'https://hook.test/sign/sign-of-it?sign=signature');
    expect(told).toMatch(/^refused: .*\[secret\].*\.$/);
    for (const part of ['ss w', '0123456789', 'abcdefgh', 'signature', 'sign-of-it']) expect(told).not.toContain(part);
  });

  it('hides a URL as one, not what is left of it after its parts', () => {
    expect(redact(`to ${SECRET.url} only`, SECRET)).toBe('to [secret] only');
  });

  it('keeps words that only look like parts of a URL, and is one line of at most 500 characters', () => {
    expect(redact('no alerts\n\u0000today', SECRET)).toBe('no alerts today');
    expect(redact('x'.repeat(5_000), SECRET)).toHaveLength(500);
  });
});
