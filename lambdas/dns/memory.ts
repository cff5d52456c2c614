import type { Clock } from '../core/ports.ts';

/**
 * How long a question that another caller has asked is waited for before it is asked again: his invocation may have ended
 * meanwhile, and its answer then never comes. Milliseconds.
 */
const PATIENCE_MS = 5_000;

type Asked<Answer> = { readonly at: number; readonly answer: Promise<Answer>; isAnswered: boolean };

/**
 * Remembers what `load` answered for a while, for callers that ask at the same time too; failures are not remembered.
 * `fresh` asks anew unless the answer was loaded after `since`, milliseconds since the epoch.
 */
export class Memory<Answer> {
  readonly #clock: Clock;
  readonly #lastsMs: number;
  readonly #load: (key: string) => Promise<Answer>;
  readonly #known = new Map<string, Asked<Answer>>();

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
    if (known === undefined || known.at < since) return this.#ask(key);
    return known.isAnswered ? known.answer : this.#awaitOther(key, known);
  }

  #ask(key: string): Promise<Answer> {
    const asked = { at: this.#clock.now(), answer: this.#load(key), isAnswered: false };
    this.#known.set(key, asked);
    asked.answer.then(
      () => {
        asked.isAnswered = true;
      },
      () => this.#forget(key, asked),
    );
    return asked.answer;
  }

  async #awaitOther(key: string, other: Asked<Answer>): Promise<Answer> {
    const late = this.#clock
      .sleep(PATIENCE_MS)
      .then(() => (other.isAnswered ? other.answer : this.#askAgain(key, other)));
    return Promise.race([other.answer, late]);
  }

  /** Of several that have waited in vain one asks, and the others wait for him. */
  #askAgain(key: string, inVain: Asked<Answer>): Promise<Answer> {
    if (this.#known.get(key) === inVain) return this.#ask(key);
    return this.fresh(key, inVain.at);
  }

  #forget(key: string, asked: Asked<Answer>): void {
    if (this.#known.get(key) === asked) this.#known.delete(key);
  }
}
