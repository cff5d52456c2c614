import { parseRetryAfter } from './retry-after.ts';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

/** Where the CA does not say, and after an answer that will be the same for long (RFC 9773 section 4.3.3). */
const UNTOLD_MS = 6 * HOUR_MS;
/** Retry-After is obeyed within these bounds: an answer a day old is as good as none. */
const LEAST_MS = MINUTE_MS;
const MOST_MS = DAY_MS;
/** A share of each wait that is added at random, so that what was asked together is not asked together again. */
const JITTER = 0.1;

/** How a question ended that got no usable answer. `passing`: no answer, 5xx, 429; `lasting`: anything else. */
export type AriTrouble = { readonly kind: 'passing' | 'lasting'; readonly message: string; readonly retryAt?: number };

/** When to ask again after an answer, by its Retry-After as it was sent (seconds or a date); milliseconds since the epoch. */
export function askAgainAt(retryAfter: string | undefined, now: number, random: () => number): number {
  if (/^\s*0+\s*$/.test(retryAfter ?? '')) return spread(LEAST_MS, now, random);
  const told = parseRetryAfter(retryAfter, now);
  return spread(told === undefined ? UNTOLD_MS : clamp(told - now), now, random);
}

/** When to ask again after trouble, `count` times in a row: 1, 2, 4 ... minutes up to 6 hours; at once 6 hours where it lasts. */
export function askAgainAfter({ kind, retryAt }: AriTrouble, count: number, now: number, random: () => number): number {
  const backoff = kind === 'lasting' ? UNTOLD_MS : Math.min(UNTOLD_MS, LEAST_MS * 2 ** Math.max(0, count - 1));
  const floor = retryAt === undefined ? 0 : clamp(retryAt - now);
  return spread(Math.max(backoff, floor), now, random);
}

/** Whether a status says that asking again soon may help (RFC 9773 section 4.3.3). 0 is no answer. */
export function isPassing(status: number): boolean {
  return status === 0 || status === 408 || status === 429 || status >= 500;
}

function clamp(ms: number): number {
  return Math.min(MOST_MS, Math.max(LEAST_MS, ms));
}

function spread(ms: number, now: number, random: () => number): number {
  return Math.round(now + Math.min(MOST_MS, ms * (1 + JITTER * random())));
}
