import { usedPercent as importsUsed } from '../core/acm-imports.ts';
import { accountLimitKey, directoryLimitKey } from '../core/limit-rows.ts';
import type { MetricName } from '../core/metric-names.ts';
import { intervalMs, type RateLimit } from '../core/rate-limits.ts';
import type { WatchedIssuer, WatchList } from '../core/watch-list.ts';
import { listImports } from '../store/imports.ts';
import { countLeftOverRecords } from '../store/left-over.ts';
import { listLimits, readLimit } from '../store/limits.ts';
import type { WatchPorts } from './ports.ts';

type Figures = Readonly<
  Partial<Record<Extract<MetricName, 'AcmImportsUsedPercent' | 'DnsRecordsLeftOver' | 'LimitUsedPercent'>, number>>
>;

/** How much of the limits of CAs and of ACM is used, and what is left in DNS; nothing where the table cannot be read. */
export async function leftOver({ table, clock }: WatchPorts, { issuers, acmImportQuota }: WatchList): Promise<Figures> {
  try {
    const now = clock.now();
    const used = await Promise.all(Object.values(issuers).map((issuer) => usedPercent(table, issuer, now)));
    return {
      AcmImportsUsedPercent: importsUsed(await listImports(table), acmImportQuota, now),
      DnsRecordsLeftOver: await countLeftOverRecords(table, now),
      LimitUsedPercent: Math.round(Math.max(0, ...used)),
    };
  } catch {
    return {};
  }
}

async function usedPercent(table: WatchPorts['table'], issuer: WatchedIssuer, now: number): Promise<number> {
  const { newOrdersPerAccount, certificatesPerDomain } = issuer.limits ?? {};
  const shares: number[] = [];
  if (newOrdersPerAccount !== undefined) {
    const { arrivalAt } = await readLimit(table, accountLimitKey(issuer, 'newOrdersPerAccount'));
    shares.push(shareOf(arrivalAt, newOrdersPerAccount, now));
  }
  if (certificatesPerDomain !== undefined) {
    const rows = await listLimits(table, directoryLimitKey(issuer, 'certificatesPerDomain'));
    shares.push(...rows.map(({ arrivalAt }) => shareOf(arrivalAt, certificatesPerDomain, now)));
  }
  return Math.max(0, ...shares);
}

/** A bucket is used as far as its arrival time is ahead of the clock. */
function shareOf(arrivalAt: number | undefined, limit: RateLimit, now: number): number {
  return (100 * Math.max(0, (arrivalAt ?? 0) - now)) / (limit.count * intervalMs(limit));
}
