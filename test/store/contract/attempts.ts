import { describe, expect, it } from 'vitest';
import type { AttemptEntry } from '../../../lambdas/core/attempt-rows.ts';
import { ATTEMPT_LIFE_MS, MOST_ENTRIES } from '../../../lambdas/core/attempt-rows.ts';
import { ulidOf } from '../../../lambdas/core/ulid.ts';
import type { AttemptNews } from '../../../lambdas/store/attempts.ts';
import { appendAttempt, listAttempts } from '../../../lambdas/store/attempts.ts';
import { listTargets, listVersions } from '../../../lambdas/store/certificates.ts';
import type { Ground } from './ground.ts';
import { found, NOW, newName, together } from './ground.ts';

const entry = (code: string, at = NOW): AttemptEntry => ({
  at,
  run: NOW,
  step: 'createOrder',
  kind: 'failed',
  class: 'later',
  code,
  message: `it was ${code}`,
});

const news = (certificate: string, changes: Partial<AttemptNews> = {}): AttemptNews => ({
  certificate,
  attempt: ulidOf(NOW, certificate),
  execution: 'arn:aws:states:::execution:renewal:1',
  outcome: 'running',
  entries: [entry('first')],
  now: NOW,
  ...changes,
});

/** The history of tries: appended to by whoever works on one, read by people. */
export function attemptCases(ground: () => Ground): void {
  describe('an attempt', () => {
    it('keeps what each run adds, and how it stands', async () => {
      const { table } = ground();
      const certificate = newName();
      await appendAttempt(table, news(certificate));
      await appendAttempt(
        table,
        news(certificate, { entries: [entry('second', NOW + 1)], outcome: 'failed', now: NOW + 1 }),
      );
      const [attempt, ...others] = await listAttempts(table, certificate, 10);
      expect(others).toEqual([]);
      expect(attempt).toMatchObject({ certificate, outcome: 'failed', startedAt: NOW, lastAt: NOW + 1, held: 2 });
      expect(attempt?.entries).toEqual([entry('first'), entry('second', NOW + 1)]);
      expect(attempt?.ttl).toBe(Math.ceil((NOW + 1 + ATTEMPT_LIFE_MS) / 1000));
    });

    it('loses nothing that 20 add at the same time', async () => {
      const { table } = ground();
      const certificate = newName();
      await together(20, (index) => appendAttempt(table, news(certificate, { entries: [entry(`${index}`)] })));
      const [attempt] = await listAttempts(table, certificate, 1);
      expect(new Set(found(attempt).entries.map((each) => (each.kind === 'failed' ? each.code : ''))).size).toBe(20);
    });

    it('that is full still tells how it stands, and how much it left out', async () => {
      const { table } = ground();
      const certificate = newName();
      const entries = Array.from({ length: MOST_ENTRIES }, (_, index) => entry(`${index}`));
      await appendAttempt(table, news(certificate, { entries }));
      await appendAttempt(table, news(certificate, { entries: [entry('a'), entry('b')], outcome: 'issued' }));
      const [attempt] = await listAttempts(table, certificate, 1);
      expect(attempt).toMatchObject({ held: MOST_ENTRIES, dropped: 2, outcome: 'issued' });
    });

    it('is listed with the newest first, and not among targets and versions', async () => {
      const { table } = ground();
      const certificate = newName();
      for (const at of [NOW, NOW + 5, NOW + 2])
        await appendAttempt(table, news(certificate, { attempt: ulidOf(at, certificate), now: at }));
      const listed = await listAttempts(table, certificate, 2);
      expect(listed.map(({ startedAt }) => startedAt)).toEqual([NOW + 5, NOW + 2]);
      expect(await listTargets(table, certificate)).toEqual([]);
      expect(await listVersions(table, certificate)).toEqual([]);
    });
  });
}
