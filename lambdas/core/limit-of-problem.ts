import type { CaSettings } from './declaration.ts';
import { scopeOf } from './failure-scope.ts';
import { accountLimitKey, directoryLimitKey, exactSetScope } from './limit-rows.ts';
import type { LimitKind } from './limit-uses.ts';
import type { AcmeAnswer } from './problem.ts';
import type { RateLimit } from './rate-limits.ts';
import type { RowKey } from './rows.ts';
import { clampRetryAt } from './waiting.ts';

/** What a refusal teaches: this limit has no room before `retryAt`. */
export type Lesson = { readonly key: RowKey; readonly limit?: RateLimit; readonly retryAt: number };

/** Whatever a proxy asks for, the whole CA is not waited for longer: each certificate still obeys its own answer. */
const LONGEST_FOR_ALL_MS = 3 * 3_600_000;

type Scoped = { readonly kind: LimitKind; readonly key: RowKey };

/**
 * The limit that a refused newAccount or newOrder came under, and until when. Only for scheduling the others of its scope: how the
 * refusal itself is answered never depends on its wording. Undefined where it names none that is kept here.
 */
export function lessonOf(
  answer: AcmeAnswer,
  ca: CaSettings,
  domains: readonly string[],
  now: number,
): Lesson | undefined {
  const { request, status, problem, retryAt } = answer;
  if (retryAt === undefined || (status !== 429 && status !== 503)) return undefined;
  const until = clampRetryAt(retryAt, now);
  if (scopeOf(answer) === 'ca')
    return { key: directoryLimitKey(ca, 'requests'), retryAt: Math.min(until, now + LONGEST_FOR_ALL_MS) };
  // Without its account nobody can order: the limit on new accounts holds for all of them.
  if (request === 'newAccount') return { key: accountLimitKey(ca, 'newOrdersPerAccount'), retryAt: until };
  const named = scopeNamedIn(problem?.detail ?? '', ca, domains);
  if (named === undefined) return undefined;
  const limit = limitAt(ca, named.kind);
  if (limit === undefined && named.kind !== 'newOrdersPerAccount') return undefined;
  return { key: named.key, retryAt: until, ...(limit === undefined ? {} : { limit }) };
}

function limitAt({ limits }: CaSettings, kind: LimitKind): RateLimit | undefined {
  return kind === 'requests' ? undefined : limits?.[kind];
}

/** Let's Encrypt's wording (letsencrypt/boulder, ratelimits); other CAs that run its server have the same. */
function scopeNamedIn(detail: string, ca: CaSettings, domains: readonly string[]): Scoped | undefined {
  if (/new orders .*from this account/i.test(detail)) {
    return { kind: 'newOrdersPerAccount', key: accountLimitKey(ca, 'newOrdersPerAccount') };
  }
  if (/certificates .*for this exact set/i.test(detail)) {
    const kind = 'certificatesPerExactSet';
    return { kind, key: directoryLimitKey(ca, kind, exactSetScope(domains)) };
  }
  const [, certified] = /certificates .*issued for "([^"]+)"/i.exec(detail) ?? [];
  if (certified !== undefined) {
    const kind = 'certificatesPerDomain';
    return { kind, key: directoryLimitKey(ca, kind, certified) };
  }
  const [, failed] = /failed authorizations .*for "([^"]+)"/i.exec(detail) ?? [];
  if (failed === undefined) return undefined;
  const kind = 'failedAuthorizations';
  return { kind, key: accountLimitKey(ca, kind, failed.replace(/^\*\./, '')) };
}
