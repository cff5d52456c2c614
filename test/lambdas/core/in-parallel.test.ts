import { setImmediate } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { inParallel } from '../../../lambdas/core/in-parallel.ts';

const NUMBERS = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9];

/** Lets everything that can go on do so. */
async function settle(): Promise<void> {
  for (let turn = 0; turn < 20; turn += 1) await setImmediate();
}

describe('Work in parallel', () => {
  it('answers in the order of the items, whatever ends first', async () => {
    const answers = await inParallel(NUMBERS, 3, async (item) => {
      for (let turn = 0; turn < 10 - item; turn += 1) await setImmediate();
      return item * 2;
    });
    expect(answers).toEqual(NUMBERS.map((item) => item * 2));
  });

  it.each([1, 3, 10, 99])('has at most %i items under way', async (width) => {
    let underWay = 0;
    let most = 0;
    await inParallel(NUMBERS, width, async () => {
      underWay += 1;
      most = Math.max(most, underWay);
      await setImmediate();
      underWay -= 1;
    });
    expect(most).toBe(Math.min(width, NUMBERS.length));
  });

  it('of no items is done', async () => {
    expect(await inParallel([], 5, async (item) => item)).toEqual([]);
  });

  it('begins nothing more after the first error', async () => {
    const begun: number[] = [];
    const work = inParallel(NUMBERS, 3, async (item) => {
      begun.push(item);
      await setImmediate();
      if (item === 0) throw new Error('first');
    });
    await expect(work).rejects.toThrow('first');
    await settle();
    expect(begun.length).toBeLessThanOrEqual(5);
  });

  it('fails only once what had begun has ended, and with the first error', async () => {
    const gate = Promise.withResolvers<void>();
    let failed = false;
    const work = inParallel([0, 1], 2, async (item) => {
      if (item === 0) throw new Error('first');
      await gate.promise;
      throw new Error('second');
    });
    work.catch(() => {
      failed = true;
    });
    await settle();
    expect(failed).toBe(false);
    gate.resolve();
    await expect(work).rejects.toThrow('first');
  });
});
