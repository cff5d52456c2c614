import { AsyncLocalStorage } from 'node:async_hooks';
import { setImmediate } from 'node:timers/promises';
import { createClock, type Clock as FakeClock } from '@sinonjs/fake-timers';
import type { Clock } from '../../lambdas/core/ports.ts';
import type { AccountTime } from './time.ts';
import { install, uninstall, type VirtualTimers, withRealTimers, withVirtualTimers } from './virtual-timers.ts';

/** A longer `setTimeout` fires at once, as Node's does beyond 2^31 - 1. Milliseconds. */
const LONGEST_TIMER_MS = 24 * 86_400_000;

/** One handler that runs; idle while it sleeps. */
type Invocation = { asleep: number };

/**
 * Time that stands still while any handler works and otherwise moves to the next timer at once, but only when it is driven
 * ({@link advance}, {@link runUntil}). Handlers run with real timers, so sockets, SDK and database are not disturbed.
 *
 * A handler that sleeps by {@link clock} counts as idle, whatever else it does meanwhile: deadlines of real I/O must not be
 * raced against that sleep.
 */
export class VirtualTime implements AccountTime {
  readonly clock: Clock;
  readonly #fake: FakeClock;
  readonly #timers: VirtualTimers;
  readonly #invocations = new Set<Invocation>();
  readonly #invocation = new AsyncLocalStorage<Invocation>();
  #wakeDriver: () => void = () => undefined;

  /** Starts at `now`, milliseconds since the epoch. Call {@link dispose} when done. */
  constructor(now: number) {
    const fake = createClock(now);
    this.#fake = fake;
    this.#timers = {
      setTimeout: (callback, ms) => fake.setTimeout(callback, ms),
      clearTimeout: (timer) => fake.clearTimeout(timer as never),
    };
    this.clock = { now: () => fake.now, sleep: (ms) => this.#sleep(ms) };
    install();
  }

  /** Gives the global timers back. */
  dispose(): void {
    uninstall();
  }

  inside<T>(work: () => T): T {
    return withVirtualTimers(this.#timers, work);
  }

  async outside<T>(work: () => Promise<T>): Promise<T> {
    const invocation: Invocation = { asleep: 0 };
    this.#invocations.add(invocation);
    try {
      return await withRealTimers(() => this.#invocation.run(invocation, work));
    } finally {
      this.#invocations.delete(invocation);
      this.#wakeDriver();
    }
  }

  /** Never settles: what a killed invocation's ports do. It counts as idle from then on. */
  hang(): Promise<never> {
    this.#fallAsleep();
    return new Promise(() => undefined);
  }

  /** Fires every timer of the next `ms` in order, each when no handler works, and leaves the clock at their end. */
  async advance(ms: number): Promise<void> {
    const end = this.clock.now() + ms;
    while (end - this.clock.now() > LONGEST_TIMER_MS) await this.#advance(LONGEST_TIMER_MS);
    await this.#advance(end - this.clock.now());
  }

  /**
   * Fires timers until `done()` holds. Throws when it does not within `limitMs` of virtual time, or when nothing is left
   * that could change anything.
   */
  async runUntil(done: () => boolean, limitMs: number): Promise<void> {
    const limit = this.clock.now() + limitMs;
    await this.#quiet();
    while (!done()) {
      if (this.#fake.countTimers() === 0) throw new Error('Nothing is left to happen, and what was awaited has not');
      await this.#fireNext();
      await this.#quiet();
      if (this.clock.now() > limit && !done()) throw new Error(`What was awaited did not happen within ${limitMs} ms`);
    }
  }

  async #advance(ms: number): Promise<void> {
    let reached = false;
    this.#fake.setTimeout(() => {
      reached = true;
    }, ms);
    while (!reached) await this.#fireNext();
    await this.#quiet();
  }

  async #fireNext(): Promise<void> {
    await this.#quiet();
    this.#fake.next();
  }

  /** Resolves when no handler works and all that follows from the last one has been done. */
  async #quiet(): Promise<void> {
    await setImmediate();
    while (this.#isBusy()) {
      await new Promise<void>((resolve) => {
        this.#wakeDriver = resolve;
      });
      await setImmediate();
    }
  }

  #isBusy(): boolean {
    return [...this.#invocations].some(({ asleep }) => asleep === 0);
  }

  async #sleep(ms: number): Promise<void> {
    const wake = this.#fallAsleep();
    await new Promise<void>((resolve) => {
      this.#fake.setTimeout(() => {
        wake();
        resolve();
      }, ms);
    });
  }

  /** Marks the invocation that this is called from as idle; the function that it answers undoes that. */
  #fallAsleep(): () => void {
    const invocation = this.#invocation.getStore() ?? { asleep: 0 };
    invocation.asleep += 1;
    this.#wakeDriver();
    return () => {
      invocation.asleep -= 1;
    };
  }
}
