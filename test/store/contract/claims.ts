import { describe, expect, it } from 'vitest';
import { RUN_MS } from '../../../lambdas/core/timeouts.ts';
import { readRole } from '../../../lambdas/store/certificates.ts';
import { claimRow, undoClaim } from '../../../lambdas/store/claim.ts';
import { succeedRun } from '../../../lambdas/store/run-end.ts';
import type { Ground } from './ground.ts';
import { found, MINUTE, NOW, together } from './ground.ts';

const terms = { now: NOW, random: () => 0 };

/** One conditional write wins a row for one run. */
export function claimCases(ground: () => Ground): void {
  describe('a claim', () => {
    it('is won by one of 20 that come at the same moment', async () => {
      const { table, role } = ground();
      const row = await role();
      const claims = await together(20, () => claimRow(table, row, terms));
      expect(claims.filter((claim) => claim !== undefined)).toHaveLength(1);
    });

    it('writes a startSeq that grows, a try, the end of its run and when the row comes back if it leaves no trace', async () => {
      const { table, role } = ground();
      const row = await role();
      const claim = found(await claimRow(table, row, terms));
      const after = found(await readRole(table, row.certificate));
      expect(claim).toEqual({
        key: { pk: row.pk, sk: row.sk },
        startSeq: NOW + 1,
        runUntil: NOW + RUN_MS,
        triesBefore: 0,
      });
      expect(after).toEqual({ ...row, startSeq: NOW + 1, tries: 1, runUntil: NOW + RUN_MS, dueAt: NOW + RUN_MS });
    });

    it('takes the clock as its startSeq when that is ahead', async () => {
      const { table, role } = ground();
      const row = await role();
      expect((await claimRow(table, row, { ...terms, now: NOW + MINUTE }))?.startSeq).toBe(NOW + MINUTE);
    });

    it('is refused before the row is due, unless it is forced', async () => {
      const { table, role } = ground();
      const row = await role();
      const early = { ...terms, now: NOW - 1 };
      expect(await claimRow(table, row, early)).toBeUndefined();
      expect(await claimRow(table, row, { ...early, forced: true })).toBeDefined();
      expect((await readRole(table, row.certificate))?.forced).toBe(true);
    });

    it('is refused while a run is in flight, forced or not, and not any more once that must be over', async () => {
      const { table, role } = ground();
      const first = await role();
      await claimRow(table, first, terms);
      const row = found(await readRole(table, first.certificate));
      const during = { ...terms, now: NOW + RUN_MS - 1 };
      expect(await claimRow(table, row, during)).toBeUndefined();
      expect(await claimRow(table, row, { ...during, forced: true })).toBeUndefined();
      const next = found(await claimRow(table, row, { ...terms, now: NOW + RUN_MS }));
      expect(next.startSeq).toBeGreaterThan(row.startSeq);
      expect(next.triesBefore).toBe(1);
    });

    it('is refused to whoever read the row before another claim ended', async () => {
      const { table, role } = ground();
      const stale = await role();
      const claim = found(await claimRow(table, stale, terms));
      await succeedRun(table, claim.key, claim.startSeq, { dueAt: NOW });
      expect(await claimRow(table, stale, { ...terms, now: NOW + MINUTE, forced: true })).toBeUndefined();
    });

    it('keeps what a person has asked for until a run has succeeded', async () => {
      const { table, role } = ground();
      const row = await role();
      const forced = found(await claimRow(table, row, { ...terms, forced: true }));
      await undoClaim(table, forced, NOW);
      await claimRow(table, found(await readRole(table, row.certificate)), { ...terms, now: NOW + MINUTE });
      expect(await readRole(table, row.certificate)).toHaveProperty('forced', true);
    });

    it('is given back whole when its execution cannot be started, and the row is due in a minute', async () => {
      const { table, role } = ground();
      const row = await role();
      await undoClaim(table, found(await claimRow(table, row, terms)), NOW);
      expect(await readRole(table, row.certificate)).toEqual({
        ...row,
        startSeq: NOW + 1,
        tries: 0,
        dueAt: NOW + MINUTE,
      });
    });

    it('is not given back once another has come', async () => {
      const { table, role } = ground();
      const row = await role();
      const first = found(await claimRow(table, row, terms));
      await claimRow(table, found(await readRole(table, row.certificate)), { ...terms, now: NOW + RUN_MS });
      const before = await readRole(table, row.certificate);
      await undoClaim(table, first, NOW + RUN_MS);
      expect(await readRole(table, row.certificate)).toEqual(before);
    });
  });
}
