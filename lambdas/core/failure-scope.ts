/**
 * What has to wait while a CA asks for it: this order's set of `names`, every certificate of the names' registered `domain`,
 * everything that the `account` would order, or every request to the `ca`.
 */
export type FailureScope = 'names' | 'domain' | 'account' | 'ca';

/**
 * Limits as CAs word them (Boulder, ratelimits/limiter.go). Only how widely a wait holds is taken from the words; one that
 * nobody here knows holds for the names alone, so that a limit of one certificate never stops another.
 */
const WORDED: readonly (readonly [RegExp, FailureScope])[] = [
  [/exact (set|same)|duplicate certificate|exactset/i, 'names'],
  [/failed (authorizations|validations)|failedauthorizations|consecutive/i, 'names'],
  [/new orders|neworders|orders per account|too many (currently )?pending/i, 'account'],
  [/registered domain|certificates.*already issued for|perdomain/i, 'domain'],
  [/ip address|new (registrations|accounts)|newaccounts/i, 'account'],
];

/** What the scope of an answer is told from. */
export type ScopedAnswer = {
  readonly request: string;
  readonly status: number;
  readonly problem?: { readonly type: string; readonly detail: string };
};

/** How widely an answer that asks to wait holds. */
export function scopeOf({ request, status, problem }: ScopedAnswer): FailureScope {
  if (status >= 500 || status === 0) return 'ca';
  if (request === 'newAccount') return 'account';
  const type = problem?.type ?? '';
  // A 429 without a problem document comes from whatever stands before the CA and counts requests.
  if (status === 429 && type === '') return 'ca';
  if (status !== 429 && type !== 'rateLimited') return 'names';
  const detail = problem?.detail ?? '';
  return WORDED.find(([words]) => words.test(detail))?.[1] ?? 'names';
}
