import type { Recorded } from './findings.ts';
import type { MetricName } from './metric-names.ts';
import type { DueFields } from './rows.ts';

const MINUTE_MS = 60_000;

/** Figures about all certificates by what the table says of them. */
export function fleetFigures(
  fleet: Iterable<Recorded>,
  now: number,
): Readonly<
  Record<
    Extract<MetricName, 'CertificatesFailing' | 'PushesFailing' | 'OldestOverdueMinutes' | 'MinimumRemainingPercent'>,
    number
  >
> {
  let certificates = 0;
  let pushes = 0;
  let overdue = 0;
  let remaining = 100;
  for (const { role, targets } of fleet) {
    if (role?.failure !== undefined) certificates += 1;
    pushes += targets.filter(({ failure, retired }) => failure !== undefined && retired !== true).length;
    for (const row of [...(role === undefined ? [] : [role]), ...targets])
      overdue = Math.max(overdue, overdueMs(row, now));
    if (role?.notAfter !== undefined && role.notBefore !== undefined && role.dueShard !== undefined)
      remaining = Math.min(remaining, (100 * (role.notAfter - now)) / (role.notAfter - role.notBefore));
  }
  return {
    CertificatesFailing: certificates,
    PushesFailing: pushes,
    OldestOverdueMinutes: Math.round(overdue / MINUTE_MS),
    MinimumRemainingPercent: Math.round(10 * Math.max(0, remaining)) / 10,
  };
}

/** Late is what is due and has not been started. */
function overdueMs({ dueShard, dueAt, runUntil }: DueFields, now: number): number {
  if (dueShard === undefined || dueAt === undefined || (runUntil ?? 0) > now) return 0;
  return Math.max(0, now - dueAt);
}

/** The certificate that is renewed next. */
export function nextRenewal(
  fleet: Iterable<readonly [string, Recorded]>,
): { readonly name: string; readonly at: number } | undefined {
  let next: { readonly name: string; readonly at: number } | undefined;
  for (const [name, { role }] of fleet) {
    const at = role?.dueAt;
    if (at !== undefined && (next === undefined || at < next.at)) next = { name, at };
  }
  return next;
}
