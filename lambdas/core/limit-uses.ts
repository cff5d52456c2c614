import type { CaLimits } from './rate-limits.ts';

/** What a limit row counts: a CA's limits by name, and what only the CA itself tells of. */
export type LimitKind = Exclude<keyof CaLimits, 'renewalMs' | 'ariExempt'> | 'requests';

/** A reservation as a slot lists it: enough to spend or return it without the configuration that it was made by. */
export type LimitHold = {
  /** Key of the limit's row. */
  readonly pk: string;
  readonly sk: string;
  readonly id: string;
  readonly intervalMs: number;
};

/** What a certificate waits for that could not be ordered yet. */
export type LimitWait = {
  readonly kind: LimitKind;
  /** A name, a registered domain; empty where it is the whole account or CA. */
  readonly scope: string;
  readonly ca: string;
  readonly since: number;
  readonly until: number;
};
