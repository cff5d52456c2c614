import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { RowKey } from '../../../lambdas/core/rows.ts';
import { ROW_SCHEMA } from '../../../lambdas/core/rows.ts';
import { claimRow } from '../../../lambdas/store/claim.ts';
import { present } from '../../../lambdas/store/condition.ts';
import { listDue } from '../../../lambdas/store/due-index.ts';
import { makeDueNow, putOff, readDueRow } from '../../../lambdas/store/due-rows.ts';
import { succeedRun } from '../../../lambdas/store/run-end.ts';
import { updateItem } from '../../../lambdas/store/table.ts';
import type { Endpoint, Ground } from './ground.ts';
import { found, HOUR, keyOf, MINUTE, NOW, openGround } from './ground.ts';

const SHARD = 'due-3';

/** The sparse index in which rows with work to do are found. These cases have a table of their own. */
export function dueCases(endpoint: () => Endpoint): void {
  describe('the due index', () => {
    let ground: Ground;
    beforeEach(async () => {
      ground = await openGround(endpoint());
    });
    afterEach(() => ground.close());

    const putDue = async (name: string, fields: Readonly<Record<string, unknown>>): Promise<RowKey> => {
      const key = { pk: `CERT#${name}`, sk: 'ROLE#current' };
      const due = { kind: 'renew', dueShard: SHARD, startSeq: NOW, tries: 0 };
      await ground.put({
        ...key,
        schema: ROW_SCHEMA,
        certificate: name,
        role: 'current',
        hash: 'h',
        ...due,
        ...fields,
      });
      return key;
    };
    const dueAt = async (now: number, limit = 100) => (await listDue(ground.table, now, limit)).map(({ pk }) => pk);

    it('shows a row from the instant it is due at, with what its urgency is judged by', async () => {
      const key = await putDue('a', { dueAt: NOW, tries: 2, endsAt: NOW + HOUR, ca: 'CA#1', version: 'v1' });
      expect(await listDue(ground.table, NOW - 1, 10)).toEqual([]);
      expect(await listDue(ground.table, NOW, 10)).toEqual([
        { ...key, dueAt: NOW, kind: 'renew', tries: 2, endsAt: NOW + HOUR },
      ]);
    });

    it('is sparse: a row without dueAt is not in it, and leaves it with its dueAt', async () => {
      await putDue('without', {});
      const { certificate, startSeq, ...key } = await ground.role();
      expect(await dueAt(NOW)).toEqual([key.pk]);
      const claim = found(await claimRow(ground.table, { ...key, startSeq }, { now: NOW, random: () => 0 }));
      await succeedRun(ground.table, claim.key, claim.startSeq, { dueAt: undefined });
      expect(await dueAt(NOW + 1000 * HOUR)).toEqual([]);
      await updateItem(ground.table, keyOf(key), { dueAt: NOW }, present('pk'));
      expect(await dueAt(NOW)).toEqual([`CERT#${certificate}`]);
    });

    it('tells the longest due first, and of each shard no more than asked for', async () => {
      for (const [index, name] of ['c', 'a', 'd', 'b'].entries()) await putDue(name, { dueAt: NOW + index });
      await putDue('elsewhere', { dueAt: NOW + 9, dueShard: 'due-7' });
      expect(await dueAt(NOW + MINUTE)).toEqual(['CERT#c', 'CERT#a', 'CERT#d', 'CERT#b', 'CERT#elsewhere']);
      expect(await dueAt(NOW + MINUTE, 2)).toEqual(['CERT#c', 'CERT#a', 'CERT#elsewhere']);
    });

    it('does not tell of rows whose run is in flight, which take nobody’s place', async () => {
      for (const name of ['a', 'b', 'c']) await putDue(name, { dueAt: NOW, runUntil: NOW + HOUR });
      await putDue('free', { dueAt: NOW + 1 });
      await putDue('over', { dueAt: NOW + 2, runUntil: NOW + MINUTE });
      expect(await dueAt(NOW + MINUTE, 2)).toEqual(['CERT#free', 'CERT#over']);
    });

    it('finds rows of every shard', async () => {
      for (let shard = 0; shard < 8; shard += 1) await putDue(`s${shard}`, { dueAt: NOW, dueShard: `due-${shard}` });
      expect(await dueAt(NOW)).toHaveLength(8);
    });
  });

  describe('a due row', () => {
    let ground: Ground;
    beforeEach(async () => {
      ground = await openGround(endpoint());
    });
    afterEach(() => ground.close());

    it('is put off only if it is still due', async () => {
      const { table } = ground;
      const row = await ground.role();
      await putOff(table, row, NOW + HOUR, NOW - 1);
      expect(await readDueRow(table, row)).toEqual(row);
      await putOff(table, row, NOW + HOUR, NOW);
      expect(await readDueRow(table, row)).toEqual({ ...row, dueAt: NOW + HOUR });
    });

    it('is made due now unless a run is in flight', async () => {
      const { table } = ground;
      const row = await ground.role();
      await putOff(table, row, NOW + HOUR, NOW);
      await makeDueNow(table, row, NOW + MINUTE);
      expect(await readDueRow(table, row)).toMatchObject({ dueAt: NOW + MINUTE });
      await claimRow(table, row, { now: NOW + MINUTE, random: () => 0 });
      const claimed = await readDueRow(table, row);
      await makeDueNow(table, row, NOW + 2 * MINUTE);
      expect(await readDueRow(table, row)).toEqual(claimed);
    });

    it('that is gone is not made by either', async () => {
      const gone = { pk: 'CERT#gone', sk: 'ROLE#current' };
      await putOff(ground.table, gone, NOW + HOUR, NOW);
      await makeDueNow(ground.table, gone, NOW);
      expect(await readDueRow(ground.table, gone)).toBeUndefined();
    });
  });
}
