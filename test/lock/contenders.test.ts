import { expect, it } from 'vitest';
import { beginSlot, type Lease, readSlot, releaseSlot, saveSlot } from '../../lambdas/store/slots.ts';
import { fenceOf, openDesk } from './table.ts';

const NOW = Date.UTC(2027, 0, 1);
const IDENTITY = { directoryUrl: 'https://ca.example.test/directory', identifiers: ['example.test'] };
const CONTENDERS = 1_000;
/** All come at once; at each release so many of those who wait come again. */
const AWAKE = 2;

it('1,000 contenders hold a slot one at a time, under fences that are unique and grow, and no release is lost [L1]', async () => {
  const fences: number[] = [];
  const { table } = await openDesk(({ before, after }) => {
    const [was, is] = [fenceOf(before), fenceOf(after)];
    if (is !== undefined && is !== was) fences.push(is);
  });
  let holders = 0;
  let most = 0;
  let rounds = 0;
  let inHand = 0;
  const work = async (lease: Lease): Promise<void> => {
    holders += 1;
    most = Math.max(most, holders);
    const saved = await saveSlot(table, lease, { orderTimes: [lease.fence] }, NOW);
    holders -= 1;
    await releaseSlot(table, saved, NOW);
  };
  const waiting: (() => void)[] = [];
  const contend = async (at: number): Promise<void> => {
    for (;;) {
      rounds += 1;
      const terms = { owner: `owner-${at}`, token: `token-${at}-${rounds}`, now: NOW, isRunning: async () => true };
      const begun = await beginSlot(table, IDENTITY, terms);
      if (!('heldUntil' in begun)) {
        inHand += 1;
        await work(begun);
        inHand -= 1;
        for (const wake of waiting.splice(0, AWAKE)) wake();
        return;
      }
      if (inHand > 0) await new Promise<void>((resolve) => waiting.push(resolve));
    }
  };
  await Promise.all(Array.from({ length: CONTENDERS }, (_, at) => contend(at)));
  expect(most).toBe(1);
  expect(fences).toHaveLength(CONTENDERS);
  expect(fences.every((fence, at) => at === 0 || fence > (fences[at - 1] ?? 0))).toBe(true);
  const begun = await beginSlot(table, IDENTITY, {
    owner: 'last',
    token: 'last',
    now: NOW,
    isRunning: async () => true,
  });
  expect(begun).not.toHaveProperty('heldUntil');
  expect('key' in begun && (await readSlot(table, begun.key))?.owner).toBe('last');
}, 180_000);
