import { chooseCa } from '../../lambdas/core/choose-ca.ts';
import { inParallel } from '../../lambdas/core/in-parallel.ts';
import { directoryLimitKey, exactSetScope, type LimitRow } from '../../lambdas/core/limit-rows.ts';
import { isRenewal, limitsOf, type OrderLimit, roomAt } from '../../lambdas/core/order-limits.ts';
import { afterTaking, intervalMs } from '../../lambdas/core/rate-limits.ts';
import type { CertificateRow, RoleRow } from '../../lambdas/core/rows.ts';
import { readLimit } from '../../lambdas/store/limits.ts';
import type { Table } from '../../lambdas/store/table.ts';
import { utc } from '../output/times.ts';

/** Limit rows read at the same time. */
const PARALLEL = 10;

/** In words, which limits of its CA an order of a certificate would meet now, or use up. Reads only. */
export async function limitWarnings(
  table: Table,
  { declaration }: CertificateRow,
  role: RoleRow,
  now: number,
): Promise<readonly string[]> {
  const ca = chooseCa(declaration, role, now);
  const { domains, registeredDomains } = declaration;
  const setKey = directoryLimitKey(ca, 'certificatesPerExactSet', exactSetScope(domains));
  const { issuedAt } = await readLimit(table, setKey);
  const renews = isRenewal(ca, issuedAt, now);
  const order = { ca, domains, isRenewal: renews, ...(registeredDomains !== undefined && { registeredDomains }) };
  const warned = await inParallel(limitsOf(order), PARALLEL, async (limit) =>
    warningOf(limit, await readLimit(table, limit.key), ca.name, now),
  );
  return warned.flat();
}

function warningOf(limit: OrderLimit, row: LimitRow, ca: string, now: number): readonly string[] {
  const named = `${ca}'s limit ${limit.kind}${limit.scope === '' ? '' : ` for ${limit.scope}`}`;
  const room = roomAt(limit, row);
  if (room > now) return [`${named} has no room before ${utc(room)}: an order waits until then.`];
  if (limit.limit === undefined || limit.use === 'ask') return [];
  const arrivalAt = afterTaking(row.arrivalAt, intervalMs(limit.limit), now);
  const next = roomAt(limit, { ...row, arrivalAt });
  return next > now ? [`This order is the last that ${named} has room for before ${utc(next)}.`] : [];
}
