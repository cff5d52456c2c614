import type { Clock } from '../core/ports.ts';
import { IN_STEP_RETRY_AFTER_MS, IN_STEP_WAIT_MS } from '../core/timeouts.ts';

/** First look, and growth, of a wait that tells nothing of its own length. Milliseconds. */
const FIRST_WAIT_MS = 2_000;
const GROWTH = 1.5;

/** Looks themselves may be slow: none begins later than this after the first. Milliseconds. */
const LOOKING_MS = 20_000;
/** What is left of the invocation for what follows the last look. Milliseconds. */
const AFTERWARDS_MS = 25_000;

/** What one look found: over, or not yet and, where it was told, not before when (milliseconds since the epoch). */
export type Look<T> =
  | { readonly over: true; readonly value: T }
  | { readonly over: false; readonly value: T; readonly retryAt?: number };

/** The short waits of one invocation: 10 seconds in all, a Retry-After of up to 5 seconds obeyed in full. */
export class InStepWait {
  readonly #clock: Clock;
  readonly #lastLook: number;
  #left = IN_STEP_WAIT_MS;
  #next = FIRST_WAIT_MS;

  /** `deadline`: the end of the invocation, milliseconds since the epoch. */
  constructor({ clock, deadline }: { readonly clock: Clock; readonly deadline: number }) {
    this.#clock = clock;
    this.#lastLook = Math.min(clock.now() + LOOKING_MS, deadline - AFTERWARDS_MS);
  }

  /** Sleeps before the next look; false when that would take too long, and a Wait state must do it. */
  async sleep(retryAt?: number): Promise<boolean> {
    const asked = retryAt === undefined ? 0 : retryAt - this.#clock.now();
    const ms = Math.max(asked, this.#next);
    const isLate = this.#clock.now() + ms > this.#lastLook;
    if (asked > IN_STEP_RETRY_AFTER_MS || ms > this.#left || isLate) return false;
    this.#left -= ms;
    this.#next *= GROWTH;
    await this.#clock.sleep(ms);
    return true;
  }

  /** Looks, at once and then after each wait, until it is over or the waiting time is used up; the last look. */
  async until<T>(look: () => Promise<Look<T>>): Promise<Look<T>> {
    let found = await look();
    while (!found.over && (await this.sleep(found.retryAt))) found = await look();
    return found;
  }
}
