import { seededRandom } from '../support/seeded-random.ts';

/** Everything that is drawn in a simulation, from one seed. */
export class Chance {
  /** Uniform in [0, 1). */
  readonly next: () => number;

  constructor(seed: number) {
    this.next = seededRandom(seed);
  }

  happens(probability: number): boolean {
    return this.next() < probability;
  }

  /** A whole number from `least` to `most`, both included. */
  between(least: number, most: number): number {
    return least + Math.floor(this.next() * (most - least + 1));
  }

  /** One of them; a value that stands there twice is twice as likely. There must be one. */
  among<T>(values: readonly T[]): T {
    const [value] = values.slice(Math.floor(this.next() * values.length));
    return value as T;
  }
}
