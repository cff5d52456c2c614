import { isDeepStrictEqual } from 'node:util';
import type { CertificateDeclaration } from '../core/declaration.ts';
import { declarationHash, settingsHash } from '../core/declaration.ts';
import { inParallel } from '../core/in-parallel.ts';
import { planInventory, refusalOf } from '../core/inventory-plan.ts';
import type { Log } from '../core/log.ts';
import type { Clock } from '../core/ports.ts';
import { hasRetry } from '../store/declare-retry.ts';
import { createTarget, declareRole, declareTarget, writeDeclaration } from '../store/inventory.ts';
import type { KnownCertificate } from '../store/list-inventory.ts';
import { listInventory } from '../store/list-inventory.ts';
import { UnreadableRowError } from '../store/parse.ts';
import { handOver } from '../store/rename.ts';
import { retireCertificate, retireTarget } from '../store/retire.ts';
import type { Table } from '../store/table.ts';
import { swallowed } from './failures.ts';

/** Certificates written at the same time. */
const PARALLEL = 25;

/** What a deployment changed, as names of certificates. */
export type InventoryChanges = {
  /** Something of them is due now. */
  readonly due: readonly string[];
  readonly renamed: readonly string[];
  readonly retired: readonly string[];
  /** Left as they are, because a later version of the program wrote them. */
  readonly unreadable: readonly string[];
};

export type InventoryPorts = { readonly table: Table; readonly clock: Clock; readonly log?: Log };

/** What a person says of a deployment. */
export type InventoryTerms = {
  /** More than one certificate and more than a tenth of all may be retired, even all. */
  readonly allowRetire?: boolean;
};

/**
 * Makes the table say what the configuration says: declarations, roles and targets due where something changed; the same
 * names and targets under a new name go on there; certificates that are gone are retired. Writes only what differs, so that
 * it may run again at any time and carries on where an earlier attempt stopped.
 *
 * @throws Error before anything is written, where the plan would retire more than nobody has said is meant.
 */
export async function syncInventory(
  declarations: readonly CertificateDeclaration[],
  ports: InventoryPorts,
  { allowRetire = false }: InventoryTerms = {},
): Promise<InventoryChanges> {
  const known = await listInventory(ports.table);
  const rows = [...known.values()].flatMap(({ certificate }) => (certificate === undefined ? [] : [certificate]));
  const plan = planInventory(declarations, rows);
  const refusal = allowRetire ? undefined : refusalOf(plan, declarations, rows);
  if (refusal !== undefined) throw new Error(refusal);
  const byName = new Map(rows.map(({ declaration }) => [declaration.name, declaration]));
  const outdated = declarations.filter((declaration) => !isAsDeclared(known.get(declaration.name), declaration));
  const outcomes = await inParallel(outdated, PARALLEL, (declaration) =>
    unlessUnreadable(ports, async () => {
      const source = plan.renames.get(declaration.name);
      const from = source === undefined ? undefined : byName.get(source);
      return declare(ports, declaration, known.get(declaration.name), from);
    }),
  );
  await inParallel(plan.retired, PARALLEL, (name) =>
    unlessUnreadable(ports, async () => {
      await retireCertificate(ports.table, name, ports.clock.now());
      return true;
    }),
  );
  const named = (outcome: boolean | 'unreadable'): readonly string[] =>
    outdated.filter((_, at) => outcomes[at] === outcome).map(({ name }) => name);
  return {
    due: named(true),
    renamed: [...plan.renames.keys()],
    retired: plan.retired,
    unreadable: named('unreadable'),
  };
}

/** Whether a deployment has nothing to write for it. */
function isAsDeclared(known: KnownCertificate | undefined, declaration: CertificateDeclaration): boolean {
  const { certificate, role, targets = [] } = known ?? {};
  if (certificate === undefined || certificate.retired || !isDeepStrictEqual(certificate.declaration, declaration))
    return false;
  if (role === undefined || role.dueAt === undefined || role.hash !== declarationHash(declaration)) return false;
  if (role.settings !== settingsHash(declaration)) return false;
  const live = targets.filter(({ retired }) => retired !== true);
  if (live.length !== declaration.targets.length) return false;
  if ([role, ...live].some((row) => !hasRetry(row, declaration.retry))) return false;
  return declaration.targets.every((target) => live.some((row) => isDeepStrictEqual(row.target, target)));
}

/** Whether anything of it became due. */
async function declare(
  ports: InventoryPorts,
  declaration: CertificateDeclaration,
  known: KnownCertificate | undefined,
  from: CertificateDeclaration | undefined,
): Promise<boolean> {
  const { table, clock } = ports;
  const { name } = declaration;
  if (from !== undefined) await handOver(table, from, name, clock.now());
  await writeDeclaration(table, declaration, from?.name);
  const isPushed = await syncTargets(declaration, known, ports);
  const isRenewed = await declareRole(
    table,
    { name, hash: declarationHash(declaration), retry: declaration.retry, settings: settingsHash(declaration) },
    clock.now(),
  );
  return isPushed || isRenewed;
}

/** Targets come before the role, so that a first promotion finds them all. */
async function syncTargets(
  declaration: CertificateDeclaration,
  known: KnownCertificate | undefined,
  { table, clock }: InventoryPorts,
): Promise<boolean> {
  const { targets } = declaration;
  let isChanged = false;
  for (const target of targets) {
    const isCreated = known === undefined && (await createTarget(table, declaration, target, clock.now()));
    isChanged = isCreated || (await declareTarget(table, declaration, target, clock.now())) || isChanged;
  }
  const declared = new Set(targets.map(({ id }) => id));
  for (const target of known?.targets ?? []) {
    if (!declared.has(target.target.id)) await retireTarget(table, target, clock.now());
  }
  return isChanged;
}

/** One certificate that this version cannot read keeps no other from being declared, nor a deployment from being rolled back. */
async function unlessUnreadable(
  { log }: InventoryPorts,
  work: () => Promise<boolean>,
): Promise<boolean | 'unreadable'> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof UnreadableRowError)) throw error;
    log?.write(swallowed(error, 'a certificate was left as it is'));
    return 'unreadable';
  }
}
