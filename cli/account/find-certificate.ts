import type { CertificateRow, RoleRow, TargetRow } from '../../lambdas/core/rows.ts';
import { listTargets, readCertificate, readRole } from '../../lambdas/store/certificates.ts';
import { listInventory } from '../../lambdas/store/list-inventory.ts';
import type { Account } from '../desk.ts';
import { CliError } from '../errors.ts';
import { nearNames } from './near-names.ts';

/** The rows of one certificate. */
export type FoundCertificate = {
  readonly certificate: CertificateRow;
  readonly role: RoleRow;
  readonly targets: readonly TargetRow[];
};

/** Reads a certificate by its name. Throws a {@link CliError} that names near ones where there is none. */
export async function findCertificate({ table, places }: Account, name: string): Promise<FoundCertificate> {
  const [certificate, role, targets] = await Promise.all([
    readCertificate(table, name),
    readRole(table, name),
    listTargets(table, name),
  ]);
  if (certificate !== undefined && role !== undefined) return { certificate, role, targets };
  const known = [...(await listInventory(table)).entries()].filter(([, row]) => row.role !== undefined);
  const near = nearNames(
    name,
    known.map(([one]) => one),
  );
  throw new CliError(
    `certificate is "${name}": the stack ${places.name} has none of that name`,
    near.length === 0 ? '`perennial status` lists all.' : `Did you mean ${near.map((one) => `"${one}"`).join(' or ')}?`,
  );
}
