import type { CertificateDeclaration } from '../core/declaration.ts';
import type { Clock } from '../core/ports.ts';
import { listTargets } from '../store/certificates.ts';
import {
  declareCertificate,
  declareTarget,
  listCertificates,
  retireCertificate,
  retireTarget,
} from '../store/inventory.ts';
import type { Table } from '../store/table.ts';

/** What a deployment changed. */
export type InventoryChanges = { readonly due: readonly string[]; readonly retired: readonly string[] };

/**
 * Makes the table say what the configuration says: declarations, roles due where something changed, targets; certificates
 * that are gone are retired. May run twice.
 */
export async function syncInventory(
  declarations: readonly CertificateDeclaration[],
  ports: { readonly table: Table; readonly clock: Clock },
): Promise<InventoryChanges> {
  const { table } = ports;
  const due: string[] = [];
  for (const declaration of declarations) {
    if (await declareCertificate(table, declaration, ports.clock.now())) due.push(declaration.name);
    await syncTargets(declaration, ports);
  }
  const declared = new Set(declarations.map(({ name }) => name));
  const gone = (await listCertificates(table)).filter(
    ({ declaration, retired }) => !retired && !declared.has(declaration.name),
  );
  for (const { declaration } of gone) await retireCertificate(table, declaration.name, ports.clock.now());
  return { due, retired: gone.map(({ declaration }) => declaration.name) };
}

async function syncTargets(
  { name, targets }: CertificateDeclaration,
  { table, clock }: { readonly table: Table; readonly clock: Clock },
): Promise<void> {
  for (const target of targets) await declareTarget(table, name, target, clock.now());
  const declared = new Set(targets.map(({ id }) => id));
  for (const target of await listTargets(table, name)) {
    if (!declared.has(target.target.id)) await retireTarget(table, target, clock.now());
  }
}
