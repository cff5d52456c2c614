import { describe, expect, it } from 'vitest';
import type { LimitHold } from '../../../lambdas/core/limit-uses.ts';
import type { RowKey } from '../../../lambdas/core/rows.ts';
import {
  bookPlace,
  countOne,
  holdOne,
  noteIssuance,
  readLimit,
  resetLimit,
  returnHold,
  spendHold,
  takeOne,
  teachLimit,
} from '../../../lambdas/store/limits.ts';
import type { Ground } from './ground.ts';
import { HOUR, MINUTE, NOW, newName, together } from './ground.ts';

const LIMIT = { count: 10, windowMs: 10 * HOUR };

const newKey = (): RowKey => ({ pk: `CA#${newName()}`, sk: 'LIMIT#certificatesPerDomain#example.test' });
const holdOf = (key: RowKey, id: string): LimitHold => ({ ...key, id, intervalMs: HOUR });
const now = (id: string, at = NOW) => ({ id, now: at, anyway: false });

/** GCRA in conditional writes. */
export function limitCases(ground: () => Ground): void {
  describe('a limit', () => {
    takingCases(ground);
    holdingCases(ground);
    learningCases(ground);
  });
}

function takingCases(ground: () => Ground): void {
  it('lets 10 of 50 through that race for a fresh bucket of 10, and none more', async () => {
    const { table } = ground();
    const key = newKey();
    const won = await together(50, () => takeOne(table, key, LIMIT, NOW));
    expect(won.filter(Boolean)).toHaveLength(10);
    expect((await readLimit(table, key)).arrivalAt).toBe(NOW + 10 * HOUR);
  });

  it('lets 10 of 50 reserve that race for a bucket in use', async () => {
    const { table } = ground();
    const key = newKey();
    await takeOne(table, key, LIMIT, NOW - HOUR);
    const won = await together(50, (index) => holdOne(table, key, LIMIT, now(`run-${index}`)));
    expect(won.filter(Boolean)).toHaveLength(10);
    expect(Object.keys((await readLimit(table, key)).held)).toHaveLength(10);
  });

  it('lets one more through each interval', async () => {
    const { table } = ground();
    const key = newKey();
    for (let count = 0; count < 10; count += 1) await takeOne(table, key, LIMIT, NOW);
    expect(await takeOne(table, key, LIMIT, NOW + HOUR - 1)).toBe(false);
    expect(await takeOne(table, key, LIMIT, NOW + HOUR)).toBe(true);
    expect(await takeOne(table, key, LIMIT, NOW + HOUR)).toBe(false);
  });

  it('counts all 50 that happened at once although only 10 fit', async () => {
    const { table } = ground();
    const key = newKey();
    await together(50, () => countOne(table, key, LIMIT, NOW));
    expect((await readLimit(table, key)).arrivalAt).toBe(NOW + 50 * HOUR);
  });

  it('is full again after a reset', async () => {
    const { table } = ground();
    const key = newKey();
    await countOne(table, key, LIMIT, NOW);
    await resetLimit(table, key);
    expect(await readLimit(table, key)).not.toHaveProperty('arrivalAt');
  });
}

function holdingCases(ground: () => Ground): void {
  it('is held once under an id, also when the answer was lost', async () => {
    const { table, loseAnswers } = ground();
    const key = newKey();
    loseAnswers(1);
    expect(await holdOne(table, key, LIMIT, now('one'))).toBe(true);
    loseAnswers(0);
    expect(await holdOne(table, key, LIMIT, now('one'))).toBe(true);
    expect((await readLimit(table, key)).arrivalAt).toBe(NOW + HOUR);
  });

  it('is held beyond the burst only where that is asked for', async () => {
    const { table } = ground();
    const key = newKey();
    await together(10, () => countOne(table, key, LIMIT, NOW));
    expect(await holdOne(table, key, LIMIT, now('one'))).toBe(false);
    expect(await holdOne(table, key, LIMIT, { ...now('one'), anyway: true })).toBe(true);
  });

  it('gives back what is returned, once, however often it is', async () => {
    const { table } = ground();
    const key = newKey();
    await countOne(table, key, LIMIT, NOW);
    await holdOne(table, key, LIMIT, now('one'));
    await together(5, () => returnHold(table, holdOf(key, 'one'), NOW));
    await returnHold(table, holdOf(key, 'one'), NOW);
    expect(await readLimit(table, key)).toMatchObject({ arrivalAt: NOW + HOUR, held: {} });
  });

  it('gives nothing back that time has given back already', async () => {
    const { table } = ground();
    const key = newKey();
    await holdOne(table, key, LIMIT, now('one'));
    await returnHold(table, holdOf(key, 'one'), NOW + 30 * MINUTE);
    expect((await readLimit(table, key)).arrivalAt).toBe(NOW + 30 * MINUTE);
    await holdOne(table, key, LIMIT, now('two', NOW + 30 * MINUTE));
    await returnHold(table, holdOf(key, 'two'), NOW + 5 * HOUR);
    expect((await readLimit(table, key)).arrivalAt).toBe(NOW + 90 * MINUTE);
  });

  it('counts what is spent from then on, once, and never gives it back', async () => {
    const { table } = ground();
    const key = newKey();
    await holdOne(table, key, LIMIT, now('one'));
    await together(5, () => spendHold(table, holdOf(key, 'one'), NOW + 5 * HOUR));
    await returnHold(table, holdOf(key, 'one'), NOW + 5 * HOUR);
    expect(await readLimit(table, key)).toMatchObject({ arrivalAt: NOW + 6 * HOUR, held: {} });
  });

  it('takes back nothing that it does not hold', async () => {
    const { table } = ground();
    const key = newKey();
    await countOne(table, key, LIMIT, NOW);
    const before = await readLimit(table, key);
    await returnHold(table, holdOf(key, 'stranger'), NOW);
    await spendHold(table, holdOf(key, 'stranger'), NOW);
    expect(await readLimit(table, key)).toEqual(before);
  });
}

function learningCases(ground: () => Ground): void {
  it('follows the CA forward and never back', async () => {
    const { table } = ground();
    const key = newKey();
    await teachLimit(table, key, LIMIT, NOW + HOUR, NOW);
    await teachLimit(table, key, LIMIT, NOW + MINUTE, NOW);
    expect(await takeOne(table, key, LIMIT, NOW + HOUR - 1)).toBe(false);
    expect(await takeOne(table, key, LIMIT, NOW + HOUR)).toBe(true);
  });

  it('that is not known here keeps the instant that the CA named', async () => {
    const { table } = ground();
    const key = newKey();
    await teachLimit(table, key, undefined, NOW + HOUR, NOW);
    await teachLimit(table, key, undefined, NOW + MINUTE, NOW);
    expect(await readLimit(table, key)).toMatchObject({ notBefore: NOW + HOUR });
  });

  it('gives each of 20 that wait an instant of its own, and none beyond the latest', async () => {
    const { table } = ground();
    const key = newKey();
    const terms = { from: NOW + MINUTE, latest: NOW + MINUTE + 14 * HOUR, now: NOW };
    const places = await together(20, () => bookPlace(table, key, LIMIT, 'bookedUntil', terms));
    const given = places.filter((place) => place !== undefined);
    expect(new Set(given).size).toBe(given.length);
    expect(Math.min(...given)).toBe(NOW + MINUTE);
    expect(Math.max(...given)).toBeLessThanOrEqual(terms.latest);
    expect(given.length).toBeGreaterThan(10);
  });

  it('remembers when a set of names had its certificate, and its row outlives that by 120 days', async () => {
    const { table } = ground();
    const key = newKey();
    await noteIssuance(table, key, NOW);
    await noteIssuance(table, key, NOW - HOUR);
    expect(await readLimit(table, key)).toMatchObject({ issuedAt: NOW });
  });
}
