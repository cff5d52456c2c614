import type { AttemptRow } from '../../lambdas/core/attempt-rows.ts';
import type { CertificateDeclaration } from '../../lambdas/core/declaration.ts';
import { inParallel } from '../../lambdas/core/in-parallel.ts';
import { authorizedNames } from '../../lambdas/core/limit-rows.ts';
import type { VersionRow } from '../../lambdas/core/rows.ts';
import { listAttempts } from '../../lambdas/store/attempts.ts';
import { listVersions } from '../../lambdas/store/certificates.ts';
import { listInventory } from '../../lambdas/store/list-inventory.ts';
import type { Table } from '../../lambdas/store/table.ts';
import type { FleetAttempt, FleetHistory, FleetRenewal } from './history.ts';

/** Certificates that are read at the same time, and attempts of each that are looked at, the newest. */
const PARALLEL = 8;
const MOST_ATTEMPTS = 200;

/** No pattern goes further back. Milliseconds. */
const OLDEST_MS = 400 * 24 * 3_600_000;

/** Reads the attempts and versions of all declared certificates. Reads only. */
export async function readFleet(table: Table, now: number): Promise<FleetHistory> {
  const declared = [...(await listInventory(table)).values()].flatMap(({ certificate }) =>
    certificate === undefined || certificate.retired ? [] : [certificate.declaration],
  );
  const read = await inParallel(declared, PARALLEL, async (declaration) => ({
    attempts: (await listAttempts(table, declaration.name, MOST_ATTEMPTS)).map((row) => fleetAttempt(row, declaration)),
    renewals: renewalsOf(declaration.name, await listVersions(table, declaration.name)),
  }));
  return {
    attempts: read.flatMap(({ attempts }) => attempts).filter(({ startedAt }) => now - startedAt < OLDEST_MS),
    renewals: read.flatMap(({ renewals }) => renewals).filter(({ at }) => now - at < OLDEST_MS),
  };
}

/** What a row tells of the fleet. */
export function fleetAttempt(row: AttemptRow, declaration: CertificateDeclaration): FleetAttempt {
  const { certificate, startedAt, lastAt, outcome, entries } = row;
  const ca = caOf(row, declaration);
  const zones = declaration.registeredDomains ?? authorizedNames(declaration.domains);
  return { certificate, ...(ca !== undefined && { ca }), zones, startedAt, lastAt, outcome, entries };
}

/** The CA whose order was looked at; where there was none, the only one that could have been asked. */
function caOf({ entries }: AttemptRow, { cas }: CertificateDeclaration): string | undefined {
  const [first, ...others] = cas;
  if (others.length === 0) return first.name;
  const seen = entries.flatMap((entry) => (entry.kind === 'seen' ? [entry.name] : []));
  const found = cas.find(({ directoryUrl }) => seen.some((url) => hostOf(url) === hostOf(directoryUrl)));
  return found?.name;
}

function hostOf(url: string): string | undefined {
  return URL.parse(url)?.host;
}

/** The renewals that a certificate's versions tell of, in the order in which they were issued. */
export function renewalsOf(certificate: string, versions: readonly VersionRow[]): readonly FleetRenewal[] {
  const issued = versions.filter(({ state }) => state === 'stored').toSorted((a, b) => a.storedAt - b.storedAt);
  return issued.slice(1).map(({ storedAt }, before) => {
    const { notBefore = 0, notAfter = 0 } = issued[before] ?? {};
    return { certificate, at: storedAt, margin: (notAfter - storedAt) / (notAfter - notBefore) };
  });
}
