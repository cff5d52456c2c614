import type { AttemptEntry, AttemptOutcome } from '../../lambdas/core/attempt-rows.ts';

/** An attempt as patterns see it. Instants are milliseconds since the epoch. */
export type FleetAttempt = {
  readonly certificate: string;
  /** The CA that it dealt with; absent where that cannot be told. */
  readonly ca?: string;
  /** Registered domains of the certificate's names. */
  readonly zones: readonly string[];
  readonly startedAt: number;
  readonly lastAt: number;
  readonly outcome: AttemptOutcome;
  readonly entries: readonly AttemptEntry[];
};

/** One renewal that was issued: when, and how much of its predecessor's lifetime was left then (0 to 1; less than 0: none). */
export type FleetRenewal = { readonly certificate: string; readonly at: number; readonly margin: number };

/** What is known of all certificates that are declared. */
export type FleetHistory = {
  readonly attempts: readonly FleetAttempt[];
  readonly renewals: readonly FleetRenewal[];
};
