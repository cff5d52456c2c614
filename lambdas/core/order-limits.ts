import type { CaSettings } from './declaration.ts';
import type { LimitRow } from './limit-rows.ts';
import { accountLimitKey, authorizedNames, directoryLimitKey, exactSetScope } from './limit-rows.ts';
import type { LimitKind } from './limit-uses.ts';
import type { RateLimit } from './rate-limits.ts';
import { fitsAt } from './rate-limits.ts';
import type { RowKey } from './rows.ts';

/** One limit that an order comes under, and what the order does to it: asks, takes one, or reserves one. */
export type OrderLimit = {
  readonly key: RowKey;
  readonly kind: LimitKind;
  readonly scope: string;
  /** Absent where only the CA itself knows it. */
  readonly limit?: RateLimit;
  readonly use: 'ask' | 'take' | 'hold';
};

/** What an order is for, as limits see it. */
export type LimitedOrder = {
  readonly ca: CaSettings;
  readonly domains: readonly string[];
  /** Absent in rows of earlier versions: each name then counts as its own. */
  readonly registeredDomains?: readonly string[];
  /** For exactly the names of a recent certificate: free of the limits that count new ones. */
  readonly isRenewal: boolean;
};

/** A renewal a day before its time is over may be none any more when the CA has issued it. Milliseconds. */
const RENEWAL_MARGIN_MS = 24 * 3_600_000;

/** Whether the CA takes an order for a set of names as a renewal. */
export function isRenewal({ limits }: CaSettings, issuedAt: number | undefined, now: number): boolean {
  const { renewalMs } = limits ?? {};
  return issuedAt !== undefined && renewalMs !== undefined && now < issuedAt + renewalMs - RENEWAL_MARGIN_MS;
}

/** Every limit that an order comes under. The order is that of the CA's own rules, not of what bites first. */
export function limitsOf(order: LimitedOrder): readonly OrderLimit[] {
  const { ca, domains } = order;
  const requests: OrderLimit = { kind: 'requests', scope: '', key: directoryLimitKey(ca, 'requests'), use: 'ask' };
  const account = accountLimit(order);
  if (ca.limits === undefined) return [requests, account];
  const names = authorizedNames(domains);
  const { failedAuthorizations, consecutiveFailures } = ca.limits;
  return [
    requests,
    ...names.flatMap((name) => nameLimit(ca, 'failedAuthorizations', name, failedAuthorizations)),
    ...names.flatMap((name) => nameLimit(ca, 'consecutiveFailures', name, spareOne(consecutiveFailures))),
    ...setLimit(order),
    // A renewal does not count there, but cannot be ordered either before the CA has let the account be made.
    ...(order.isRenewal ? [unlimited(account)] : [...domainLimits(order), account]),
  ];
}

function unlimited({ kind, scope, key }: OrderLimit): OrderLimit {
  return { kind, scope, key, use: 'ask' };
}

function accountLimit({ ca }: LimitedOrder): OrderLimit {
  const kind = 'newOrdersPerAccount';
  const limit = ca.limits?.newOrdersPerAccount;
  const key = accountLimitKey(ca, kind);
  return { kind, scope: '', key, ...(limit === undefined ? { use: 'ask' } : { use: 'take', limit }) };
}

function nameLimit(ca: CaSettings, kind: LimitKind, scope: string, limit: RateLimit | undefined): OrderLimit[] {
  return limit === undefined ? [] : [{ kind, scope, key: accountLimitKey(ca, kind, scope), limit, use: 'ask' }];
}

/** Using up the last one pauses the name. */
function spareOne(limit: RateLimit | undefined): RateLimit | undefined {
  if (limit === undefined) return undefined;
  return { count: Math.max(1, limit.count - 1), windowMs: limit.windowMs };
}

function setLimit({ ca, domains }: LimitedOrder): readonly OrderLimit[] {
  const kind = 'certificatesPerExactSet';
  const limit = ca.limits?.[kind];
  if (limit === undefined) return [];
  const key = directoryLimitKey(ca, kind, exactSetScope(domains));
  return [{ kind, scope: domains.join(', '), key, limit, use: 'hold' }];
}

function domainLimits({ ca, domains, registeredDomains }: LimitedOrder): readonly OrderLimit[] {
  const kind = 'certificatesPerDomain';
  const limit = ca.limits?.[kind];
  if (limit === undefined) return [];
  const scopes = registeredDomains ?? authorizedNames(domains);
  return scopes.map((scope) => ({ kind, scope, key: directoryLimitKey(ca, kind, scope), limit, use: 'hold' }));
}

/** When an order fits a limit, by its row; in the past where it fits now. */
export function roomAt({ limit }: OrderLimit, { arrivalAt, notBefore }: LimitRow): number {
  return Math.max(notBefore ?? 0, limit === undefined ? 0 : fitsAt(arrivalAt, limit));
}
