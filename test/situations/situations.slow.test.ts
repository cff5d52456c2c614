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
    // Each change of those who are told is a fact of its own.
    const once = what.filter((each) => each !== 'who is told has changed');
    expect(new Set(once).size).toBe(once.length);
  });
});
