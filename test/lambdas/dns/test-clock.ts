import type { Clock } from '../../../lambdas/core/ports.ts';

/**
 * Time that passes only in sleeps. Sleepers wake one at a time in the order of their instants, each when all that does not
 * sleep has come to rest: runs are the same every time and nothing waits in real time.
 */
export class TestClock implements Clock {
  #now = Date.UTC(2026, 0, 1);
  readonly #sleepers: { readonly at: number; readonly wake: () => void }[] = [];

  now(): number {
    return this.#now;
  }

  pass(ms: number): void {
    this.#now += ms;
  }

  sleep(ms: number): Promise<void> {
    return new Promise((wake) => {
      this.#sleepers.push({ at: this.#now + ms, wake });
      setImmediate(() => this.#wakeNext());
    });
  }

  #wakeNext(): void {
    this.#sleepers.sort((one, other) => one.at - other.at);
    const next = this.#sleepers.shift();
    if (next === undefined) return;
    this.#now = Math.max(this.#now, next.at);
    next.wake();
  }
}
