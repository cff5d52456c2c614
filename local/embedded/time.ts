import type { Clock } from '../../lambdas/core/ports.ts';

/** How time passes in an embedded account. */
export interface AccountTime {
  readonly clock: Clock;
  /** Runs code whose `setTimeout` follows this time: the interpreter's. */
  inside<T>(work: () => T): T;
  /** Runs a handler, whose sockets and SDK keep real timers. */
  outside<T>(work: () => Promise<T>): Promise<T>;
}

/** Real time plus an offset: timers take as long as they say, and only {@link RealTime.jump} moves the clock. */
export class RealTime implements AccountTime {
  #offset = 0;

  readonly clock: Clock = {
    now: () => Date.now() + this.#offset,
    sleep: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
  };

  /** Moves the clock forward by `ms`; running timers are not touched. */
  jump(ms: number): void {
    this.#offset += ms;
  }

  inside<T>(work: () => T): T {
    return work();
  }

  outside<T>(work: () => Promise<T>): Promise<T> {
    return work();
  }
}
