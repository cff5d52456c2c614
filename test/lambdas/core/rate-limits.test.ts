import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { RateLimit } from '../../../lambdas/core/rate-limits.ts';
import {
  afterSpending,
  afterTaking,
  arrivalFor,
  fitsAt,
  intervalMs,
  refundOf,
} from '../../../lambdas/core/rate-limits.ts';

const HOUR = 3_600_000;
const START = Date.UTC(2027, 0, 1);

/** The textbook bucket: tokens that drip in up to `count`. */
class TokenBucket {
  #tokens: number;
  #at = START;
  readonly #limit: RateLimit;

  constructor(limit: RateLimit) {
    this.#limit = limit;
    this.#tokens = limit.count;
  }

  has(now: number): boolean {
    return this.#drip(now) >= 1 - 1e-6;
  }

  take(now: number): void {
    this.#tokens = this.#drip(now) - 1;
  }

  #drip(now: number): number {
    this.#tokens = Math.min(this.#limit.count, this.#tokens + (now - this.#at) / intervalMs(this.#limit));
    this.#at = now;
    return this.#tokens;
  }
}

const limits = fc.record({
  count: fc.integer({ min: 1, max: 12 }),
  windowMs: fc.integer({ min: 12, max: 100 * HOUR }),
});
/** Small, so that they are reached. */
const smallLimits = fc.record({ count: fc.integer({ min: 1, max: 3 }), windowMs: fc.constant(30 * HOUR) });
const gaps = fc.array(fc.double({ min: 0, max: 3, noNaN: true }), { maxLength: 80 });

describe('a bucket', () => {
  it('of 300 in 3 hours lets 300 through at once and then one each 36 seconds', () => {
    const limit = { count: 300, windowMs: 3 * HOUR };
    let arrivalAt: number | undefined;
    for (let count = 0; count < 300; count += 1) {
      expect(fitsAt(arrivalAt, limit)).toBeLessThanOrEqual(START);
      arrivalAt = afterTaking(arrivalAt, intervalMs(limit), START);
    }
    expect(fitsAt(arrivalAt, limit)).toBe(START + 36_000);
  });

  it('lets through exactly what a token bucket does, whatever the gaps', () => {
    fc.assert(
      fc.property(limits, gaps, (limit, waits) => {
        const tokens = new TokenBucket(limit);
        let arrivalAt: number | undefined;
        let now = START;
        for (const wait of waits) {
          now += Math.round(wait * intervalMs(limit));
          const fits = fitsAt(arrivalAt, limit) <= now;
          expect(fits).toBe(tokens.has(now));
          if (!fits) continue;
          tokens.take(now);
          arrivalAt = afterTaking(arrivalAt, intervalMs(limit), now);
        }
      }),
    );
  });

  it('is free again exactly when it was told to be', () => {
    fc.assert(
      fc.property(limits, fc.integer({ min: 0, max: HOUR }), (limit, wait) => {
        expect(fitsAt(arrivalFor(START + wait, limit), limit)).toBe(START + wait);
      }),
    );
  });
});

type Step = { readonly wait: number; readonly ends: number | null; readonly issues: boolean };

/** Orders at one limit: each is reserved here and counted by the CA only if and when it issues. */
class Orders {
  readonly #step: number;
  readonly #limit: RateLimit;
  readonly #ca: TokenBucket;
  readonly #open: { readonly heldAt: number; readonly issues: boolean }[] = [];
  #arrivalAt: number | undefined;
  #now = START;

  constructor(limit: RateLimit) {
    this.#limit = limit;
    this.#step = intervalMs(limit);
    this.#ca = new TokenBucket(limit);
  }

  /** Ends one of the open orders, then places one where the estimate has room; whether the CA would have refused that. */
  play({ wait, ends, issues }: Step): boolean {
    this.#now += Math.round(wait * this.#step);
    if (ends !== null) this.#end(ends);
    if (fitsAt(this.#arrivalAt, this.#limit) > this.#now) return false;
    this.#open.push({ heldAt: this.#now, issues });
    this.#arrivalAt = afterTaking(this.#arrivalAt, this.#step, this.#now);
    return !this.#ca.has(this.#now);
  }

  #end(index: number): void {
    const [ended] = this.#open.splice(index, 1);
    if (ended === undefined) return;
    const { heldAt, issues } = ended;
    if (issues) {
      this.#ca.take(this.#now);
      this.#arrivalAt = afterSpending(this.#arrivalAt, heldAt, this.#step, this.#now);
    } else this.#arrivalAt = (this.#arrivalAt ?? 0) - refundOf(heldAt, this.#step, this.#now);
  }
}

describe('a reservation', () => {
  const interval = 1000;

  it('that is returned at once leaves no trace', () => {
    const held = afterTaking(START + 5000, interval, START);
    expect(held - refundOf(START, interval, START)).toBe(START + 5000);
  });

  it('whose time has passed gives nothing back', () => {
    expect(refundOf(START, interval, START + interval)).toBe(0);
  });

  it('that is spent late counts from then', () => {
    const arrivalAt = afterTaking(undefined, interval, START);
    expect(afterSpending(arrivalAt, START, interval, START + 60_000)).toBe(START + 61_000);
  });

  it('never makes the estimate more generous than the CA, which counts issuances, in whatever order they end', () => {
    const steps = fc.array(
      fc.record({
        wait: fc.constantFrom(0, 0, 0, 0.4, 1, 2),
        ends: fc.option(fc.nat({ max: 2 }), { freq: 4 }),
        issues: fc.boolean(),
      }),
      { maxLength: 80 },
    );
    fc.assert(
      fc.property(smallLimits, steps, (limit, sequence) => {
        const orders = new Orders(limit);
        for (const step of sequence) expect(orders.play(step)).toBe(false);
      }),
      { numRuns: 1000 },
    );
  });
});
