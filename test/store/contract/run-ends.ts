import { describe, expect, it } from 'vitest';
import type { RecordedFailure, RoleRow } from '../../../lambdas/core/rows.ts';
import { RUN_MS } from '../../../lambdas/core/timeouts.ts';
import { readRole } from '../../../lambdas/store/certificates.ts';
import type { Claim } from '../../../lambdas/store/claim.ts';
import { claimRow } from '../../../lambdas/store/claim.ts';
import { absent, equals } from '../../../lambdas/store/condition.ts';
import { parseRole } from '../../../lambdas/store/parse.ts';
import { failRun, giveRunBack, succeedRun } from '../../../lambdas/store/run-end.ts';
import type { Ground } from './ground.ts';
import { found, HOUR, NOW, together } from './ground.ts';

const FAILURE: RecordedFailure = {
  class: 'later',
  code: 'rateLimited',
  message: 'the CA asked for patience',
  at: NOW,
  since: NOW,
  count: 1,
};

/** Success, failure and neither, each once a claim. */
export function runEndCases(ground: () => Ground): void {
  const claimed = async (): Promise<{ readonly row: RoleRow; readonly claim: Claim }> => {
    const { table, role } = ground();
    const { certificate } = await role();
    const claim = found(
      await claimRow(table, found(await readRole(table, certificate)), { now: NOW, random: () => 0 }),
    );
    return { row: found(await readRole(table, certificate)), claim };
  };

  describe('a run that succeeds', () => {
    it('leaves what it achieved, no try, no failure and no run in flight', async () => {
      const { table } = ground();
      const { row, claim } = await claimed();
      const failed = parseRole(found(await failRun(table, claim.key, claim.startSeq, { failure: FAILURE })));
      const written = found(await succeedRun(table, failed, claim.startSeq, { dueAt: NOW + HOUR, version: 'v1' }));
      expect(written).toMatchObject({ doneSeq: claim.startSeq, tries: 0, dueAt: NOW + HOUR, version: 'v1' });
      for (const gone of ['runUntil', 'forced', 'failure']) expect(written).not.toHaveProperty(gone);
      expect(await readRole(table, row.certificate)).toEqual(written);
    });

    it('reads back that it did when the answer to its write was lost', async () => {
      const { table, loseAnswers } = ground();
      const { claim } = await claimed();
      loseAnswers(1);
      const written = await succeedRun(table, claim.key, claim.startSeq, { version: 'v1' }, equals('tries', 1));
      expect(written).toMatchObject({ doneSeq: claim.startSeq, version: 'v1' });
    });

    it('does so once: a second end changes nothing', async () => {
      const { table } = ground();
      const { row, claim } = await claimed();
      await succeedRun(table, claim.key, claim.startSeq, { version: 'v1' });
      const second = await succeedRun(table, claim.key, claim.startSeq, { version: 'v2' });
      expect(second).toMatchObject({ version: 'v1' });
      expect((await readRole(table, row.certificate))?.version).toBe('v1');
    });

    it('does not when what it relies on has changed', async () => {
      const { table } = ground();
      const { row, claim } = await claimed();
      expect(
        await succeedRun(table, claim.key, claim.startSeq, { version: 'v1' }, equals('hash', 'another')),
      ).toBeUndefined();
      expect(await readRole(table, row.certificate)).toEqual(row);
    });

    it('does not where a failure was recorded since its row was read: that would end without a word', async () => {
      const { table } = ground();
      const { row, claim } = await claimed();
      const failed = await failRun(table, claim.key, claim.startSeq, { failure: FAILURE });
      expect(await succeedRun(table, row, claim.startSeq, { version: 'v1' })).toBeUndefined();
      expect(await readRole(table, row.certificate)).toEqual(failed);
    });

    it('does not once another claim has come', async () => {
      const { table } = ground();
      const { row, claim } = await claimed();
      await claimRow(table, row, { now: NOW + RUN_MS, random: () => 0 });
      const before = await readRole(table, row.certificate);
      expect(await succeedRun(table, claim.key, claim.startSeq, { version: 'v1' })).toBeUndefined();
      expect(await readRole(table, row.certificate)).toEqual(before);
    });
  });

  describe('a run that fails', () => {
    it('is recorded once a claim, however many tell of it', async () => {
      const { table } = ground();
      const { row, claim } = await claimed();
      const told = await together(5, (index) =>
        failRun(table, claim.key, claim.startSeq, { failure: { ...FAILURE, count: index }, dueAt: NOW + HOUR }),
      );
      const recorded = told.filter((item) => item !== undefined);
      expect(recorded).toHaveLength(1);
      const after = found(await readRole(table, row.certificate));
      expect(after).toEqual(recorded[0]);
      expect(after).toMatchObject({ failedSeq: claim.startSeq, tries: 1, dueAt: NOW + HOUR });
      expect(after).not.toHaveProperty('runUntil');
    });

    it('is not recorded after it has succeeded', async () => {
      const { table } = ground();
      const { row, claim } = await claimed();
      await succeedRun(table, claim.key, claim.startSeq, { version: 'v1' });
      expect(await failRun(table, claim.key, claim.startSeq, { failure: FAILURE })).toBeUndefined();
      expect(await readRole(table, row.certificate)).not.toHaveProperty('failure');
    });

    it('is not recorded on the claim that came after it', async () => {
      const { table } = ground();
      const { row, claim } = await claimed();
      await claimRow(table, row, { now: NOW + RUN_MS, random: () => 0 });
      expect(await failRun(table, claim.key, claim.startSeq, { failure: FAILURE })).toBeUndefined();
    });

    it('is not recorded on a row that is gone, nor makes one', async () => {
      const { table } = ground();
      const { claim } = await claimed();
      const key = { ...claim.key, pk: 'CERT#gone' };
      expect(await failRun(table, key, claim.startSeq, { failure: FAILURE })).toBeUndefined();
      expect(await readRole(table, 'gone')).toBeUndefined();
    });
  });

  describe('a run that could not act', () => {
    it('gives its try back and is due when it says', async () => {
      const { table } = ground();
      const { row } = await claimed();
      await giveRunBack(table, row, NOW + HOUR + 0.4);
      const { runUntil: _over, ...rest } = row;
      expect(await readRole(table, row.certificate)).toEqual({ ...rest, tries: 0, dueAt: NOW + HOUR });
    });

    it('gives nothing back of another claim', async () => {
      const { table } = ground();
      const { row } = await claimed();
      await claimRow(table, row, { now: NOW + RUN_MS, random: () => 0 });
      const before = await readRole(table, row.certificate);
      await giveRunBack(table, row, NOW);
      expect(await readRole(table, row.certificate)).toEqual(before);
    });

    it('is not where what it relies on has changed', async () => {
      const { table } = ground();
      const { row, claim } = await claimed();
      const failed = await failRun(table, claim.key, claim.startSeq, { failure: FAILURE });
      const later = { ...FAILURE, message: 'told once more' };
      expect(await giveRunBack(table, row, NOW, { failure: later }, absent('failure'))).toBeUndefined();
      expect(await readRole(table, row.certificate)).toEqual(failed);
    });
  });
}
