/**
 * A token bucket: `count` at once, refilled evenly, full again after `windowMs`.
 * https://letsencrypt.org/docs/rate-limits/
 */
export type RateLimit = { readonly count: number; readonly windowMs: number };

/** What a CA limits besides requests a second; a limit that is left out does not exist. */
export type CaLimits = {
  readonly newOrdersPerAccount?: RateLimit;
  /** Per registered domain, whichever account asks. */
  readonly certificatesPerDomain?: RateLimit;
  /** Per exact set of names, whichever account asks. */
  readonly certificatesPerExactSet?: RateLimit;
  /** Per name and account. */
  readonly failedAuthorizations?: RateLimit;
  /** Per name and account; a success resets it, using it up pauses the name until a person lifts that. */
  readonly consecutiveFailures?: RateLimit;
  /** So long after an issuance an order for exactly its names is free of the first two. */
  readonly renewalMs?: number;
  /** An order with `replaces` inside its renewal window is free of all of them (RFC 9773). */
  readonly ariExempt?: boolean;
};

/*
 * GCRA, the generic cell rate algorithm: a bucket is one number, the theoretical arrival time. Taking one moves it by one
 * interval, and one more fits while it is less than the burst ahead of the clock. All instants are milliseconds since the epoch.
 */

/** Milliseconds in which one more comes free; whole, and never too short. */
export function intervalMs({ count, windowMs }: RateLimit): number {
  return Math.ceil(windowMs / count);
}

/** The instant from which one more fits; in the past where one fits now. */
export function fitsAt(arrivalAt: number | undefined, limit: RateLimit): number {
  return (arrivalAt ?? 0) - (limit.count - 1) * intervalMs(limit);
}

/** The arrival time that makes the next one fit at `at`: what a CA's own Retry-After teaches. */
export function arrivalFor(at: number, limit: RateLimit): number {
  return at + (limit.count - 1) * intervalMs(limit);
}

/** The arrival time after one was taken. */
export function afterTaking(arrivalAt: number | undefined, interval: number, now: number): number {
  return Math.max(arrivalAt ?? 0, now) + interval;
}

/**
 * How far a reservation that was made at `heldAt` moves the arrival time back when it is returned. Only what time cannot have
 * given back already: more would let the bucket hold more than its burst.
 */
export function refundOf(heldAt: number, interval: number, now: number): number {
  return Math.min(interval, Math.max(0, heldAt + interval - now));
}

/**
 * The arrival time when a reservation is spent: as if it had been taken now, because the CA counts from the issuance, not
 * from the order.
 */
export function afterSpending(arrivalAt: number | undefined, heldAt: number, interval: number, now: number): number {
  return afterTaking((arrivalAt ?? 0) - refundOf(heldAt, interval, now), interval, now);
}
