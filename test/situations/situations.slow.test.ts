import { describe, expect, it } from 'vitest';
import { playSituation, SITUATIONS } from './all.ts';

describe('Who is told what, when', () => {
  it('is known for forty situations and more', () => {
    expect(SITUATIONS.length).toBeGreaterThanOrEqual(40);
  });

  it.each(SITUATIONS)('$name', async (situation) => {
    const { told } = await playSituation(situation);
    const what = told.map((each) => each.what);
    expect(what).toEqual(situation.told);
    expect(new Set(what).size).toBe(what.length);
  });
});
