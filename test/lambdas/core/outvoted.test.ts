import { describe, expect, it } from 'vitest';
import { isOutvoted } from '../../../lambdas/core/outvoted.ts';

const missing = (server: string, silent = true, name = 'a.test') => ({ name, value: 'v', server, saw: '', silent });
const look = (servers: number, ...records: ReturnType<typeof missing>[]) => ({
  missing: records,
  servers: { 'a.test': servers, 'b.test': 2 },
  passedBy: [],
});

describe('Name servers that say nothing', () => {
  it.each([
    ['one of four', 4, ['one'], true],
    ['one of three', 3, ['one'], true],
    ['one of two', 2, ['one'], false],
    ['two of four', 4, ['one', 'two'], false],
    ['the only one', 1, ['one'], false],
  ])('are outvoted by a strict majority: %s [F14]', (_what, servers, silent, expected) => {
    expect(isOutvoted(look(servers, ...silent.map((server) => missing(server))))).toBe(expected);
  });

  it('count once, however many values they do not show [F14]', () => {
    expect(isOutvoted(look(3, missing('one'), missing('one')))).toBe(true);
  });

  it('are outvoted at each name, or not at all [F14]', () => {
    expect(isOutvoted(look(4, missing('one'), missing('two', true, 'b.test')))).toBe(false);
  });

  it('outvote nobody who answers something else [F14]', () => {
    expect(isOutvoted(look(4, missing('one', false)))).toBe(false);
  });
});
