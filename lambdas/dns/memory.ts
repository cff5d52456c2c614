import type { Clock } from '../core/ports.ts';

/**
 * Remembers what `load` answered for a while, for callers that ask at the same time too; failures are not remembered.
 * `fresh` asks anew unless the answer was loaded after `since`, milliseconds since the epoch.
 */
export class Memory<Answer> {
  readonly #clock: Clock;
  readonly #lastsMs: number;
  readonly #load: (key: string) => Promise<Answer>;
  readonly #known = new Map<string, { readonly at: number; readonly answer: Promise<Answer> }>();

  constructor(clock: Clock, lastsMs: number, load: (key: string) => Promise<Answer>) {
    this.#clock = clock;
    this.#lastsMs = lastsMs;
    this.#load = load;
  }

  get(key: string): Promise<Answer> {
    return this.fresh(key, this.#clock.now() - this.#lastsMs);
  }

  fresh(key: string, since: number): Promise<Answer> {
    const known = this.#known.get(key);
    if (known !== undefined && known.at >= since) return known.answer;
    const answer = this.#load(key);
    this.#known.set(key, { at: this.#clock.now(), answer });
    answer.catch(() => this.#forget(key, answer));
    return answer;
  }

  #forget(key: string, answer: Promise<Answer>): void {
    if (this.#known.get(key)?.answer === answer) this.#known.delete(key);
  }
}
