import type { RowKey } from './rows.ts';
import type { AcmTarget } from './target-declaration.ts';

/** Imports of certificates into ACM within 365 days, an account and region. https://docs.aws.amazon.com/acm/latest/userguide/acm-limits.html */
export const ACM_IMPORT_QUOTA = 5000;

/** Where imports are counted together: a region of an account. */
export function importPlaceOf({
  region = 'the region of the stack',
  role,
}: Pick<AcmTarget, 'region' | 'role'>): string {
  return role === undefined ? region : `${region} of account ${role.roleArn.split(':')[4]}`;
}

/** Partition of the counts. */
export const IMPORTS_PARTITION = 'IMPORTS';

/** Row of a place's imports in the month of an instant. */
export function importsKey(place: string, at: number): RowKey {
  return { pk: IMPORTS_PARTITION, sk: `ACM#${place}#${monthOf(at)}` };
}

/** How much of the quota is used where most is, percent: by the months of the last 365 days, the first one whole. */
export function usedPercent(counts: readonly MonthlyImports[], quota: number, now: number): number {
  const first = monthOf(now - 365 * 86_400_000);
  const places = Object.values(Object.groupBy(counts, ({ place }) => place));
  const sums = places.map((months = []) =>
    months.reduce((sum, { month, imports }) => sum + (month >= first ? imports : 0), 0),
  );
  return Math.round((100 * Math.max(0, ...sums)) / quota);
}

/** Imports of one place in one month, `2027-01`. */
export type MonthlyImports = { readonly place: string; readonly month: string; readonly imports: number };

function monthOf(at: number): string {
  return new Date(at).toISOString().slice(0, 7);
}
