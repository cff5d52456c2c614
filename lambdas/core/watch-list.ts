import { ACM_IMPORT_QUOTA } from './acm-imports.ts';
import { type AtRiskShares, sharesFor } from './at-risk.ts';
import type { CaSettings, CertificateDeclaration } from './declaration.ts';
import type { TargetDeclaration } from './target-declaration.ts';

/** Version of the list's shape; a Lambda reads only its own. */
export const WATCH_LIST_SCHEMA = 1;

/** Name of the list beside the code of the second watch. */
export const WATCH_LIST_FILE = 'watch-list.json';

/** A certificate as the watch knows it without the table. */
export type WatchedCertificate = {
  readonly name: string;
  readonly domains: readonly string[];
  /** Names of its CAs in {@link WatchList.issuers}. */
  readonly issuers: readonly string[];
  readonly shares: AtRiskShares;
  readonly targets: readonly Pick<TargetDeclaration, 'id' | 'kind' | 'probe'>[];
};

/** What a CA's certificates are trusted by; those of a staging CA without roots of its own by nobody. */
export type WatchedIssuer = Pick<CaSettings, 'directoryUrl' | 'accountLabel' | 'environment' | 'limits'> & {
  /** PEM bundle; the public roots where there is none. */
  readonly rootsPem?: string;
};

/** What is watched and by which thresholds, as it was deployed: read where nothing else can be. */
export type WatchList = {
  readonly schema: typeof WATCH_LIST_SCHEMA;
  readonly issuers: Readonly<Record<string, WatchedIssuer>>;
  /** Imports a year that ACM takes in each place. */
  readonly acmImportQuota: number;
  readonly certificates: readonly WatchedCertificate[];
};

/** The list of all that is declared. */
export function watchListOf(
  declarations: readonly CertificateDeclaration[],
  acmImportQuota = ACM_IMPORT_QUOTA,
): WatchList {
  const issuers: Record<string, WatchedIssuer> = {};
  const certificates = declarations.map(({ name, domains, cas, renewal, targets }) => {
    for (const ca of cas) issuers[ca.name] = issuerOf(ca);
    return {
      name,
      domains,
      issuers: cas.map((ca) => ca.name),
      shares: sharesFor(renewal),
      targets: targets.map(({ id, kind, probe }) => ({ id, kind, probe })),
    };
  });
  return { schema: WATCH_LIST_SCHEMA, issuers, acmImportQuota, certificates };
}

function issuerOf({ directoryUrl, accountLabel, environment, limits, issuerRootsPem }: CaSettings): WatchedIssuer {
  const shown = { directoryUrl, accountLabel, environment, ...(limits && { limits }) };
  return { ...shown, ...(issuerRootsPem && { rootsPem: issuerRootsPem }) };
}

/** Roots (PEM) that chains of the certificate must end in: `public` for those of browsers, none where nobody judges them. */
export function rootsOf(list: WatchList, { issuers }: WatchedCertificate): readonly (string | 'public')[] {
  const known = issuers.flatMap((name) => list.issuers[name] ?? []);
  return known.some(({ environment, rootsPem }) => environment === 'staging' && rootsPem === undefined)
    ? []
    : [...new Set(known.map(({ rootsPem }) => rootsPem ?? 'public'))];
}
