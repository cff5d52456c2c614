import { describe, expect, it } from 'vitest';
import { expectSound } from './expect-sound.ts';
import { runSeed } from './run-seed.ts';

describe('a simulation', () => {
  it('of the same seed is the same, call by call and byte by byte, whatever was played before it', async () => {
    const first = await runSeed(7);
    await runSeed(8);
    const again = await runSeed(7);
    expect(again.trace).toEqual(first.trace);
    expect(again.digest).toBe(first.digest);
    expect((await runSeed(8)).digest).not.toBe(first.digest);
  });

  it('of 100 seeds of faults breaks no oracle', () => expectSound(1, 100), 600_000);
});
