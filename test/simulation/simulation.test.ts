import { describe, expect, it } from 'vitest';
import { runSeed } from './run-seed.ts';

/** `npm run simulate -- --seeds 10000` plays more. */
const SEEDS = Number(process.env.SIMULATION_SEEDS ?? 200);

describe('a simulation', () => {
  it('of the same seed is the same, call by call and byte by byte, whatever was played before it', async () => {
    const first = await runSeed(7);
    await runSeed(8);
    const again = await runSeed(7);
    expect(again.trace).toEqual(first.trace);
    expect(again.digest).toBe(first.digest);
    expect((await runSeed(8)).digest).not.toBe(first.digest);
  });

  it(`of ${SEEDS} seeds of faults breaks no oracle`, async () => {
    const broken: string[] = [];
    for (let seed = 1; seed <= SEEDS; seed += 1) {
      const { violations } = await runSeed(seed);
      if (violations.length > 0) broken.push(`npm run simulate -- --seed ${seed}: ${violations.join('; ')}`);
    }
    expect(broken).toEqual([]);
  }, 900_000);
});
