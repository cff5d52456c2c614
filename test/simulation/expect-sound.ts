import { expect } from 'vitest';
import { runSeed } from './run-seed.ts';

/** Plays `count` seeds, the first of which is `from`; none may break an oracle. `npm run simulate -- --seeds 10000` plays more. */
export async function expectSound(from: number, count: number): Promise<void> {
  const broken: string[] = [];
  for (let seed = from; seed < from + count; seed += 1) {
    const { violations } = await runSeed(seed);
    if (violations.length > 0) broken.push(`npm run simulate -- --seed ${seed}: ${violations.join('; ')}`);
  }
  expect(broken).toEqual([]);
}
