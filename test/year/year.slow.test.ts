import { describe, expect, it } from 'vitest';
import { liveYear } from './year.ts';

const HOUR = 3_600_000;

/** So tight that 50 certificates reach them. */
const TIGHTER = {
  newOrdersPerAccount: { count: 20, windowMs: 3 * HOUR },
  certificatesPerDomain: { count: 10, windowMs: 168 * HOUR },
};
const FLEET = { certificates: 50, large: 15, tighter: TIGHTER };

describe('A year of 50 certificates, onboarded on one day', () => {
  it('passes without one request that the CA refuses for a limit, and without one late renewal', async () => {
    const figures = await liveYear({ ...FLEET, days: 365 });
    expect(figures).toMatchObject({ refused: 0, uncovered: 0 });
    expect(figures.renewals).toBeGreaterThan(50 * 4);
    expect(figures.leastShare).toBeGreaterThan(0.25);
  }, 900_000);

  it('meets refusals on its first day where nothing is known here of the limits', async () => {
    const figures = await liveYear({ ...FLEET, days: 1, unaware: true });
    expect(figures.refused).toBeGreaterThan(0);
  }, 300_000);
});
