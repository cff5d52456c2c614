import { describe, expect, it } from 'vitest';
import { Claims } from '../../../local/demo/claims.ts';

describe('a claim', () => {
  it('that holds leaves nothing behind but its count', () => {
    const claims = new Claims();
    expect(claims.check('one order', { orders: 1, ends: ['Done'] }, { orders: 1, ends: ['Done'] })).toBeUndefined();
    expect(claims.failures).toEqual([]);
    expect(claims.made).toBe(1);
  });

  it.each([
    ['another number', { orders: 1 }, { orders: 2 }, '{ orders: 1 }', '{ orders: 2 }'],
    ['something missing', { arn: 'a' }, { arn: undefined }, "{ arn: 'a' }", '{ arn: undefined }'],
    ['something more', [], ['left'], '[]', "[ 'left' ]"],
    ['another text', 'abc', 'abd', 'abc', 'abd'],
  ])('that %s makes false tells what was expected and what was seen', (_what, expected, seen, told, found) => {
    const claims = new Claims();
    const failure = { statement: 'so it is', expected: told, seen: found };
    expect(claims.check('so it is', expected, seen)).toEqual(failure);
    expect(claims.failures).toEqual([failure]);
  });
});
