import { describe, expect, it } from 'vitest';
import { intentClosesAt, nextIntent, sendsOf } from '../../../lambdas/core/intent.ts';

const NOW = Date.UTC(2027, 0, 1);
const sender = (startSeq: number, left = 60_000) => ({ startSeq, now: NOW, deadline: NOW + left });

describe('An intent to send', () => {
  it.each([
    ['ends 30 seconds from now where the Lambda has a minute', 60_000, 30_000],
    ['ends 5 seconds before the Lambda does', 20_000, 15_000],
    ['has ended where less than that is left', 3000, -2000],
  ])('%s', (_what, left, sendBefore) => {
    const intent = nextIntent(undefined, sender(7, left));
    expect(intent).toEqual({ sendBefore: NOW + sendBefore, count: 1, startSeq: 7 });
  });

  it('counts on from the one before of the same run, and begins anew in another run', () => {
    const earlier = { sendBefore: NOW - 1, count: 2, startSeq: 7 };
    expect(nextIntent(earlier, sender(7)).count).toBe(3);
    expect(nextIntent(earlier, sender(8)).count).toBe(1);
    expect([sendsOf(earlier, 7), sendsOf(earlier, 8), sendsOf(undefined, 7)]).toEqual([2, 0, 0]);
  });

  it('is open for 10 seconds after its request was aborted', () => {
    expect(intentClosesAt({ sendBefore: NOW, count: 1, startSeq: 7 })).toBe(NOW + 10_000);
  });
});
