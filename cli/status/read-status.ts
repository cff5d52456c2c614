import { inParallel } from '../../lambdas/core/in-parallel.ts';
import { readVersion } from '../../lambdas/store/certificates.ts';
import { type KnownCertificate, listInventory } from '../../lambdas/store/list-inventory.ts';
import type { Table } from '../../lambdas/store/table.ts';
import { type CertificateStatus, certificateStatus } from './certificate-status.ts';

/** Versions that are read at the same time. */
const PARALLEL = 10;

/** How a fleet stands. */
export type FleetStatus = {
  /** By name. */
  readonly certificates: readonly CertificateStatus[];
  /** Names of which rows are missing, or of another version than this: nobody looks after those. */
  readonly unreadable: readonly string[];
};

/** How all certificates stand that are declared. Reads the whole table once. */
export async function readAllStatus(table: Table, now: number): Promise<FleetStatus> {
  const inventory = await listInventory(table);
  const declared = [...inventory].filter(([, { certificate }]) => certificate?.retired !== true);
  const read = await inParallel(declared, PARALLEL, ([, one]) => statusOf(table, one, now));
  return {
    certificates: read.flatMap((one) => one ?? []).sort((a, b) => a.name.localeCompare(b.name)),
    unreadable: declared.flatMap(([name], at) => (read[at] === undefined ? [name] : [])).sort(),
  };
}

/** As {@link readAllStatus}, of one whose rows are read already. */
export async function statusOf(
  table: Table,
  known: KnownCertificate,
  now: number,
): Promise<CertificateStatus | undefined> {
  const { certificate, role } = known;
  if (certificate === undefined || role?.version === undefined) return certificateStatus(known, undefined, now);
  const version = await readVersion(table, certificate.declaration.name, role.version);
  return certificateStatus(known, version, now);
}
