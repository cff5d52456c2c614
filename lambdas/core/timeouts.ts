/**
 * The timeout chain: Lambda < task < machine < lease. Were a task to time out before its Lambda, a retry would overlap the
 * old invocation; were a lease to end before its machine, a live execution could lose its slot. All in seconds.
 */
export const TIMEOUTS = {
  lambda: 60,
  task: 90,
  machine: 3600,
  lease: 4200,
} as const;

/** A claim holds a row until its run must be over: machine timeout and 15 minutes. Milliseconds. */
export const RUN_MS = (TIMEOUTS.machine + 900) * 1000;

/** How far two Lambdas' clocks may differ before a lease is judged wrongly. Milliseconds. */
export const CLOCK_SKEW_MS = 60_000;

/** A run parks itself when a wait would carry it past this age, or after {@link MAX_ROUNDS}. Milliseconds. */
export const PARK_AFTER_MS = 45 * 60_000;
export const MAX_ROUNDS = 60;

/** An invocation polls inside itself for at most this long; longer waits are Wait states. Milliseconds. */
export const IN_STEP_WAIT_MS = 10_000;
/** A Retry-After up to this is obeyed inside the step. Milliseconds. */
export const IN_STEP_RETRY_AFTER_MS = 5_000;
