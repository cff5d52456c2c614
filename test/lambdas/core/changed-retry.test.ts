import { describe, expect, it } from 'vitest';
import { nextTryUnder } from '../../../lambdas/core/changed-retry.ts';
import { DEFAULT_RETRY } from '../../../lambdas/core/retry-policy.ts';
import type { DueFields, RecordedFailure } from '../../../lambdas/core/rows.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const AT = Date.UTC(2027, 0, 1);
const HALF_HOURLY = { ...DEFAULT_RETRY, baseSeconds: 1800, jitter: 1 };

const failure: RecordedFailure = { class: 'caSide', code: 'c', message: 'm', at: AT, since: AT, count: 5 };
const row: DueFields = { kind: 'renew', startSeq: 7, failedSeq: 7, tries: 5, dueAt: AT + DAY };
const nextTry = (of: Partial<RecordedFailure> = {}, changes: object = {}, now = AT + MINUTE) =>
  nextTryUnder(HALF_HOURLY, { ...row, ...changes, failure: { ...failure, ...of } }, now);

describe('The next try under a retry policy declared after the failure', () => {
  it('is one first step after the failure, or now where that has passed', () => {
    expect(nextTry()).toBe(AT + HOUR / 2);
    expect(nextTry({}, {}, AT + HOUR)).toBe(AT + HOUR);
  });

  it('is not before what the CA asked for, unless another CA has its turn before that', () => {
    expect(nextTry({ retryAt: AT + 20 * HOUR })).toBe(AT + 20 * HOUR);
    expect(nextTry({ retryAt: AT + 3 * DAY })).toBe(AT + HOUR / 2);
  });

  it('is a day after what a CA refused until a person acts', () => {
    expect(nextTry({ class: 'person', ca: 'ca' })).toBe(AT + DAY);
    expect(nextTry({ class: 'person' })).toBe(AT + HOUR / 2);
  });

  it('is within the hour in the last twentieth of the lifetime', () => {
    const hourly = { ...HALF_HOURLY, baseSeconds: 7200, ceilingSeconds: 7200 };
    const ending = { ...row, failure, endsAt: AT + DAY, lifeMs: 90 * DAY };
    expect(nextTryUnder(hourly, ending, AT)).toBe(AT + HOUR);
  });

  it('stays what it is where the row is due, is not due at all, or waits for something else than its last failure', () => {
    expect(nextTry({}, { dueAt: AT + MINUTE })).toBeUndefined();
    expect(nextTry({}, { dueAt: undefined })).toBeUndefined();
    expect(nextTry({}, { startSeq: 8 })).toBeUndefined();
    expect(nextTryUnder(HALF_HOURLY, row, AT)).toBeUndefined();
  });
});
