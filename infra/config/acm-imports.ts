import { ACM_IMPORT_QUOTA, importPlaceOf } from '../../lambdas/core/acm-imports.ts';
import type { CaSettings, CertificateDeclaration } from '../../lambdas/core/declaration.ts';
import { PROFILE_LIFETIME_DAYS, USUAL_LIFETIME_DAYS } from './presets.ts';
import type { Problems } from './problems.ts';

/** People are warned of this share of the quota. */
const WARNED_SHARE = 0.6;

/** A place whose imports are counted together. */
export type ImportPlace = { readonly place: string; readonly imports: number };

/**
 * How many imports a year the declared certificates come to, a place. AWS does not say that a re-import does not count, so
 * every renewal does.
 */
export function importsAYear(declarations: readonly CertificateDeclaration[]): readonly ImportPlace[] {
  const counts = new Map<string, number>();
  for (const declaration of declarations) {
    const renewals = renewalsAYear(declaration);
    for (const target of declaration.targets) {
      if (target.kind === 'acm') counts.set(importPlaceOf(target), (counts.get(importPlaceOf(target)) ?? 0) + renewals);
    }
  }
  return [...counts].map(([place, imports]) => ({ place, imports: Math.ceil(imports) }));
}

/** Refuses what would leave certificates without their imports before the year is over. */
export function refuseTooManyImports(
  declarations: readonly CertificateDeclaration[],
  quota: number | undefined,
  problems: Problems,
): void {
  const most = quota ?? ACM_IMPORT_QUOTA;
  for (const { place, imports } of importsAYear(declarations)) {
    if (imports <= most) continue;
    problems.add(
      ['acmImportQuota'],
      quota ?? ACM_IMPORT_QUOTA,
      `write the quota that AWS has granted, or import less: renewals in ${place} come to ${imports} imports a year, and ACM takes ${most} (quota "Imported certificates in the last 365 days")`,
    );
  }
}

/** What people are warned of: places that come near the quota. */
export function importWarnings(
  declarations: readonly CertificateDeclaration[],
  quota = ACM_IMPORT_QUOTA,
): readonly string[] {
  return importsAYear(declarations)
    .filter(({ imports }) => imports > WARNED_SHARE * quota)
    .map(
      ({ place, imports }) =>
        `renewals in ${place} come to ${imports} imports a year, and ACM takes ${quota}: ask for a higher quota in Service Quotas, and write it as acmImportQuota`,
    );
}

/** A renewal begins when a third of the lifetime is left, or half of one below 10 days, unless the certificate says another share. */
function renewalsAYear({ cas: [first], renewal }: CertificateDeclaration): number {
  const days = lifetimeDays(first);
  const left = renewal.remainingShare ?? (days < 10 ? 1 / 2 : 1 / 3);
  return 365 / (days * (1 - left));
}

function lifetimeDays({ profile }: CaSettings): number {
  return PROFILE_LIFETIME_DAYS[profile ?? ''] ?? USUAL_LIFETIME_DAYS;
}
