import type { Clock } from '../core/ports.ts';

/** Longest first back-off, and longest of all. Milliseconds. */
const FIRST_MS = 500;
const LONGEST_MS = 4000;

/**
 * How long one operation goes on trying within an invocation. Each back-off is drawn between nothing and 500, 1000, 2000,
 * 4000, 4000 ... ms: full jitter spreads those who were refused at the same moment best. In 20 s about twelve fit.
 * https://docs.aws.amazon.com/prescriptive-guidance/latest/cloud-design-patterns/retry-backoff.html
 */
export class Patience {
  readonly #clock: Clock;
  readonly #random: () => number;
  readonly #endsAt: number;
  #waits = 0;

  constructor(clock: Clock, random: () => number, ms: number) {
    this.#clock = clock;
    this.#random = random;
    this.#endsAt = clock.now() + ms;
  }

  /** Waits a little longer than before; false, at once, when the time would be over. */
  async wait(): Promise<boolean> {
    const most = Math.min(LONGEST_MS, FIRST_MS * 2 ** this.#waits);
    const ms = Math.round(most * this.#random());
    if (this.#clock.now() + ms > this.#endsAt) return false;
    this.#waits += 1;
    await this.#clock.sleep(ms);
    return true;
  }
}
