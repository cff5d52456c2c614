import { isDeepStrictEqual } from 'node:util';
import type { CertificateDeclaration } from '../core/declaration.ts';
import { declarationHash } from '../core/declaration.ts';
import type { RetryPolicy } from '../core/retry-policy.ts';
import type { RoleRow, RowKey, TargetRow } from '../core/rows.ts';
import { certificateKey, dueShardOf, ROW_SCHEMA, roleKey, targetKey } from '../core/rows.ts';
import type { TargetDeclaration } from '../core/target-declaration.ts';
import { CLOCK_SKEW_MS, TIMEOUTS } from '../core/timeouts.ts';
import { equals } from './condition.ts';
import { declareRetry } from './declare-retry.ts';
import { declareSettings } from './declare-settings.ts';
import { parseCertificate, parseRole, parseTarget } from './parse.ts';
import { restart } from './restart.ts';
import type { Changes, Table } from './table.ts';
import { getItem, putIfAbsent, updateItem } from './table.ts';

/** Writes a declaration, with the name whose state it has taken over. Throws UnreadableRowError. */
export async function writeDeclaration(
  table: Table,
  declaration: CertificateDeclaration,
  renamedFrom?: string,
): Promise<void> {
  const hash = declarationHash(declaration);
  const key = certificateKey(declaration.name);
  const fields = { declaration, hash, retired: false, ...(renamedFrom === undefined ? {} : { renamedFrom }) };
  if (!(await putIfAbsent(table, { ...key, ...fields, schema: ROW_SCHEMA })))
    await overwrite(table, key, { ...fields, renamedTo: undefined });
}

/** A row of a later version of the program is left as it is. Throws UnreadableRowError. */
async function overwrite(table: Table, key: RowKey, changes: Changes): Promise<void> {
  if ((await updateItem(table, key, changes, equals('schema', ROW_SCHEMA))) !== undefined) return;
  parseCertificate((await getItem(table, key)) ?? key);
}

/** What a role takes from the declaration of its certificate; `hash` is the one that its `CERT` row has. */
export type RoleDeclaration = {
  readonly name: string;
  readonly hash: string;
  readonly retry: RetryPolicy;
  /** Left as they are where nothing is said. */
  readonly settings?: string;
};

/**
 * Makes the role follow a declaration: due now with a new `startSeq` only where what the certificate is made of has changed.
 * Settings and a retry policy that alone have changed move at most the next try. Whether it became due.
 */
export async function declareRole(table: Table, declared: RoleDeclaration, now: number): Promise<boolean> {
  const { name, hash, retry, settings } = declared;
  const key = roleKey(name);
  if (await putIfAbsent(table, newRole(declared, now))) return true;
  const changed = await restart(table, key, parseRole, now, (role) => {
    if (role.hash === hash && role.dueAt !== undefined) return undefined;
    const due = { tries: 0, dueAt: now, dueShard: dueShardOf(key), caFailures: undefined };
    return { hash, retry, ...(settings === undefined ? {} : { settings }), ...due };
  });
  if (changed !== undefined) return true;
  await declareRetry(table, key, parseRole, retry, now);
  return settings !== undefined && declareSettings(table, key, settings, now);
}

function newRole({ name, ...declared }: RoleDeclaration, now: number): RoleRow {
  const key = roleKey(name);
  const due = { kind: 'renew', dueShard: dueShardOf(key), dueAt: now, startSeq: now, tries: 0 } as const;
  return { ...key, ...due, schema: ROW_SCHEMA, certificate: name, role: 'current', ...declared };
}

/** What a target takes from the declaration of its certificate. */
export type TargetOwner = Pick<CertificateDeclaration, 'name' | 'retry'>;

/** Writes the target of a certificate that has no role yet, whose first promotion will see it; whether there was none. */
export function createTarget(table: Table, of: TargetOwner, target: TargetDeclaration, now: number): Promise<boolean> {
  return putIfAbsent(table, newTarget(of, target, now));
}

/**
 * Writes a target's declaration; a new one is due as soon as its certificate has a version. Whether that was changed; a retry
 * policy that alone has changed moves at most the next try.
 */
export async function declareTarget(
  table: Table,
  of: TargetOwner,
  target: TargetDeclaration,
  now: number,
): Promise<boolean> {
  const { name } = of;
  const retry = target.retry ?? of.retry;
  const key = targetKey(name, target.id);
  if (await createTarget(table, of, target, now)) {
    // Read after the row is there: a promotion in between has seen it, or is seen here.
    const role = await getItem(table, roleKey(name));
    if (role !== undefined && parseRole(role).version !== undefined)
      await restart(table, key, parseTarget, now, () => ({ dueAt: now }));
    return true;
  }
  const changed = await restart(table, key, parseTarget, now, (existing) => {
    if (existing.retired !== true && isDeepStrictEqual(existing.target, target)) return undefined;
    return { target, retry, retired: undefined, toldRetired: undefined, tries: 0, dueAt: pushableAt(existing, now) };
  });
  if (changed === undefined) await declareRetry(table, key, parseTarget, retry, now);
  return changed !== undefined;
}

/** The run that this outdates may be sending a first import at this moment: its certificate must be there to be found. */
function pushableAt({ importing }: TargetRow, now: number): number {
  return importing === true ? now + TIMEOUTS.lambda * 1000 + CLOCK_SKEW_MS : now;
}

function newTarget({ name, retry }: TargetOwner, target: TargetDeclaration, now: number): TargetRow {
  const key = targetKey(name, target.id);
  const due = { kind: 'push', dueShard: dueShardOf(key), startSeq: now, tries: 0 } as const;
  return { ...key, ...due, schema: ROW_SCHEMA, certificate: name, target, retry: target.retry ?? retry };
}
