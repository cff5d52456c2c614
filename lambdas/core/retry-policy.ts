/** How to try again; all instants are lower bounds. */
export type RetryPolicy = {
  /** Seconds before the first retry. */
  readonly baseSeconds: number;
  /** Each further step is this many times longer. */
  readonly factor: number;
  /** Seconds; no fast step is longer. */
  readonly ceilingSeconds: number;
  /** Share of a step that is added at random, 0 to 1. */
  readonly jitter: number;
  /** Tries of the fast part; after them one a day. Never an end of trying. */
  readonly fastAttempts: number;
};

/** 1, 10 and 100 minutes, then daily: Let's Encrypt's advice. */
export const DEFAULT_RETRY: RetryPolicy = {
  baseSeconds: 60,
  factor: 10,
  ceilingSeconds: 6000,
  jitter: 0.1,
  fastAttempts: 3,
};
