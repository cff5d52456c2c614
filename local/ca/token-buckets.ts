import type { CaClock } from './clock.ts';

/** A bucket of `count` tokens, one more each `stepMs`. */
export interface Bucket {
  readonly count: number;
  readonly stepMs: number;
}

/** Generic cell rate algorithm: a bucket is one number, the time at which it will be full again. */
export class Buckets {
  readonly #fullAt = new Map<string, number>();
  readonly #clock: CaClock;

  constructor(clock: CaClock) {
    this.#clock = clock;
  }

  /** Milliseconds until one more fits; 0 or less when it fits now. */
  wait(key: string, bucket: Bucket): number {
    return this.#next(key, bucket) - this.#clock.now() - bucket.count * bucket.stepMs;
  }

  take(key: string, bucket: Bucket): void {
    this.#fullAt.set(key, this.#next(key, bucket));
  }

  fill(key: string): void {
    this.#fullAt.delete(key);
  }

  #next(key: string, bucket: Bucket): number {
    return Math.max(this.#fullAt.get(key) ?? 0, this.#clock.now()) + bucket.stepMs;
  }
}
