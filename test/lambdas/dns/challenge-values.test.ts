import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeTxt, encodeTxt } from '../../../lambdas/dns/challenge-values.ts';
import { txtStrings, valueProblem } from '../../../local/aws/route53-values.ts';

describe('a TXT value', () => {
  it('is quoted, and its quotes, backslashes and other bytes are escaped', () => {
    expect(encodeTxt('abc-_1')).toBe('"abc-_1"');
    expect(encodeTxt('a "b" \\')).toBe('"a \\"b\\" \\\\"');
    expect(encodeTxt('ü\t')).toBe('"\\303\\274\\011"');
    expect(encodeTxt('')).toBe('""');
  });

  it('is cut into strings of 255 bytes', () => {
    expect(encodeTxt('a'.repeat(300))).toBe(`"${'a'.repeat(255)}" "${'a'.repeat(45)}"`);
  });

  it('is read back from what Route 53 lists, however it is split and escaped', () => {
    expect(decodeTxt('"ab" "c\\"d"\t"\\\\e"')).toBe('abc"d\\e');
    expect(decodeTxt('"\\141\\303\\274"')).toBe('aü');
    expect(decodeTxt('bare')).toBe('bare');
  });

  it('survives the way there and back, and Route 53 takes it', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 600 }), (text) => {
        const encoded = encodeTxt(text);
        expect(decodeTxt(encoded)).toBe(text);
        if (encoded.length <= 4000) expect(valueProblem('TXT', encoded)).toBeUndefined();
        expect(txtStrings(encoded).every((string) => string.length <= 255)).toBe(true);
      }),
      { numRuns: 60, seed: 1 },
    );
  });
});
