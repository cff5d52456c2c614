import { describe, expect, it } from 'vitest';
import { badHours } from '../../../cli/fleet/bad-hours.ts';
import { findPatterns } from '../../../cli/fleet/find-patterns.ts';
import type { FleetAttempt, FleetHistory, FleetRenewal } from '../../../cli/fleet/history.ts';
import { sharedProblems } from '../../../cli/fleet/shared-problem.ts';
import { shrinkingMargins } from '../../../cli/fleet/shrinking-margin.ts';
import { slowZones } from '../../../cli/fleet/slow-zone.ts';
import { seededRandom } from '../../support/seeded-random.ts';
import { DAY, MINUTE } from '../../support/virtual-account.ts';
import { attempt, type Difference, daysAgo, NOW } from './made-up.ts';

const NAMES = ['blog', 'cart', 'docs', 'mail', 'shop', 'wiki'];
const caa = { class: 'person', code: 'caa' } as const;
const silent = { class: 'caSide', code: 'noAnswer' } as const;

/** Renewals of a certificate every 60 days, with these shares of the lifetime left. */
const renewals = (certificate: string, margins: readonly number[]): readonly FleetRenewal[] =>
  margins.map((margin, index) => ({ certificate, at: NOW - (margins.length - index) * 60 * DAY, margin }));

/** Two percent of all attempts fail, each for a reason of its own time. */
function badLuck(random: () => number): Difference {
  if (random() >= 0.02) return { propagationMs: 10_000 + random() * 60_000 };
  return { failed: random() < 0.5 ? silent : { class: 'transient', code: 'badNonce' } };
}

/** A year of a fleet without trouble: what fails is tried again two minutes later. */
function healthyFleet(seed: number, certificates: number): FleetHistory {
  const random = seededRandom(seed);
  const attempts: FleetAttempt[] = [];
  const renewed: FleetRenewal[] = [];
  for (let one = 0; one < certificates; one += 1) {
    const certificate = `site-${one}`;
    for (let at = NOW - 360 * DAY + random() * 60 * DAY; at < NOW; at += 60 * DAY + random() * 2 * DAY) {
      const luck = badLuck(random);
      attempts.push(attempt(certificate, at, luck), ...(luck.failed ? [attempt(certificate, at + 2 * MINUTE)] : []));
      renewed.push({ certificate, at, margin: 0.33 + 0.02 * random() });
    }
  }
  return { attempts, renewals: renewed };
}

describe('a fleet without trouble', () => {
  it.each([
    [1, 5],
    [2, 40],
    [3, 400],
    [4, 400],
    [5, 40],
    [6, 400],
  ])('shows no pattern though two percent of its attempts fail (seed %i, %i certificates)', (seed, certificates) => {
    expect(findPatterns(healthyFleet(seed, certificates), NOW)).toEqual([]);
  });

  it('shows none without any attempts', () => {
    expect(findPatterns({ attempts: [], renewals: [] }, NOW)).toEqual([]);
  });
});

describe('the same problem at several certificates', () => {
  const failing = (names: readonly string[], days: number) =>
    names.map((name) => attempt(name, daysAgo(days, 9), { failed: caa }));

  it('is said with its number, its CA and their names', () => {
    const [pattern, ...others] = sharedProblems(
      [...failing(['shop', 'blog', 'mail'], 3), ...NAMES.map((name) => attempt(name, daysAgo(2, 3)))],
      NOW,
    );
    expect(others).toEqual([]);
    expect(pattern?.words).toBe(
      '3 of the 6 certificates that were tried in the last 14 days failed with caa at letsencrypt, in 3 attempts: blog, mail, shop.',
    );
    expect(pattern?.certificates).toEqual(['blog', 'mail', 'shop']);
  });

  it('is none at two certificates, however often they fail, nor where it is weeks ago', () => {
    const often = [1, 2, 3, 4, 5].flatMap((days) => failing(['shop', 'blog'], days));
    expect(sharedProblems(often, NOW)).toEqual([]);
    expect(sharedProblems(failing(NAMES, 30), NOW)).toEqual([]);
  });

  it('is none where each fails with another', () => {
    const codes = ['caa', 'noAnswer', 'badCSR', 'dns'];
    const attempts = codes.map((code, at) =>
      attempt(NAMES[at] ?? '', daysAgo(1, at), { failed: { class: 'person', code } }),
    );
    expect(sharedProblems(attempts, NOW)).toEqual([]);
  });
});

describe('a zone whose name servers are slow', () => {
  const usual = [10, 20, 30, 40].map((days) => attempt('blog', daysAgo(days, 4)));
  const slow = (days: number, propagationMs: number) =>
    attempt('shop', daysAgo(days, 4), { zones: ['slow.test'], propagationMs });

  it('is named with its usual time and that of the others', () => {
    const [pattern, ...others] = slowZones(
      [...usual, slow(5, 12 * MINUTE), slow(35, 14 * MINUTE), slow(65, 9 * MINUTE)],
      NOW,
    );
    expect(others).toEqual([]);
    expect(pattern?.words).toBe(
      'The name servers of slow.test are slow to show new values: it took 12 minutes in the middle of 3 attempts, other zones 20 seconds (shop).',
    );
  });

  it('is none for one bad day', () => {
    expect(slowZones([...usual, slow(5, 25 * MINUTE), slow(35, MINUTE), slow(65, MINUTE)], NOW)).toEqual([]);
  });

  it('is found too where values never came', () => {
    const message =
      'after 30 minutes name server ns1.slow.test does not show the TXT value x at _acme-challenge.slow.test (it shows nothing)';
    const lost = [3, 4].map((days) =>
      attempt('shop', daysAgo(days, 4), {
        zones: ['slow.test'],
        failed: { class: 'reorder', code: 'dnsNotPropagated', message },
      }),
    );
    expect(slowZones([...usual, ...lost], NOW)[0]?.words).toContain(
      'did not show them within 30 minutes in 2 attempts',
    );
    expect(slowZones([...usual, ...lost.slice(1)], NOW)).toEqual([]);
  });

  it('is none where all zones are alike, for then it is not the zone', () => {
    const alike = NAMES.flatMap((name) =>
      [1, 2, 3].map((days) => attempt(name, daysAgo(days, 3), { propagationMs: 4 * MINUTE })),
    );
    expect(slowZones(alike, NOW)).toEqual([]);
  });
});

describe('hours in which a CA fails', () => {
  const nights = [3, 8, 15, 22, 29, 36];
  const byDay = Array.from({ length: 40 }, (_, at) => attempt(`day-${at}`, daysAgo(at, 8 + (at % 14))));
  const byNight = nights.map((days, at) => attempt(`night-${at}`, daysAgo(days, 2, 10 * at), { failed: silent }));

  it('are said, with how it does at other hours', () => {
    const [pattern, ...others] = badHours([...byDay, ...byNight], NOW);
    expect(others).toEqual([]);
    expect(pattern?.words).toMatch(
      /^letsencrypt fails between 0[012]:00 and 0[345]:00 UTC: 6 of 6 attempts on 6 days, but 0 % of 40 at other hours\.$/,
    );
  });

  it('are none where it was one night', () => {
    const once = [0, 1, 2, 3, 4, 5].map((at) => attempt(`night-${at}`, daysAgo(3, 2, 10 * at), { failed: silent }));
    expect(badHours([...byDay, ...once], NOW)).toEqual([]);
  });

  it('are none where it fails by day as well, or where nothing is tried at other hours', () => {
    const always = byDay.map(({ certificate, startedAt }, at) =>
      attempt(certificate, startedAt, at % 2 === 0 ? { failed: silent } : {}),
    );
    expect(badHours([...always, ...byNight], NOW)).toEqual([]);
    expect(badHours(byNight, NOW)).toEqual([]);
  });

  it('are none where what fails is the configuration', () => {
    const mine = nights.map((days) => attempt('mine', daysAgo(days, 2), { failed: caa }));
    expect(badHours([...byDay, ...mine], NOW)).toEqual([]);
  });
});

describe('a margin that shrinks', () => {
  it('is said with each share', () => {
    const [pattern] = shrinkingMargins(renewals('shop', [0.34, 0.33, 0.28, 0.22, 0.15]));
    expect(pattern?.words).toBe(
      'shop is renewed later and later: its last 4 renewals were ready with 33 %, 28 %, 22 %, 15 % of the lifetime left.',
    );
  });

  it('is none within what the rule spreads, after one change of the rule, or in three renewals', () => {
    expect(shrinkingMargins(renewals('shop', [0.35, 0.345, 0.34, 0.335, 0.33]))).toEqual([]);
    expect(shrinkingMargins(renewals('shop', [0.34, 0.33, 0.2, 0.21, 0.2]))).toEqual([]);
    expect(shrinkingMargins(renewals('shop', [0.33, 0.25, 0.15]))).toEqual([]);
  });
});
