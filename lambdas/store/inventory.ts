import { isDeepStrictEqual } from 'node:util';
import { ScanCommand } from '@aws-sdk/lib-dynamodb';
import { awsFailure } from '../core/aws-failure.ts';
import type { CertificateDeclaration, TargetDeclaration } from '../core/declaration.ts';
import { declarationHash } from '../core/declaration.ts';
import type { CertificateRow, DueFields, RoleRow, RowKey, TargetRow } from '../core/rows.ts';
import { certificateKey, dueShardOf, ROW_SCHEMA, roleKey, targetKey } from '../core/rows.ts';
import { listTargets } from './certificates.ts';
import { equals, present } from './condition.ts';
import { parseCertificate, parseRole, parseTarget, readableRows } from './parse.ts';
import type { Changes, Item, Table } from './table.ts';
import { getItem, putIfAbsent, updateItem } from './table.ts';

/** Lost races for one row before the deployment fails and is repeated. */
const TRIES = 5;

/** Every certificate that was ever declared. Reads the whole table: only for deployments. */
export async function listCertificates(table: Table): Promise<readonly CertificateRow[]> {
  const rows: CertificateRow[] = [];
  let start: Record<string, unknown> | undefined;
  do {
    const page = await scanPage(table, start);
    rows.push(...readableRows(page.Items ?? [], parseCertificate));
    start = page.LastEvaluatedKey;
  } while (start !== undefined);
  return rows;
}

async function scanPage(
  table: Table,
  start: Record<string, unknown> | undefined,
): Promise<{ Items?: Item[] | undefined; LastEvaluatedKey?: Record<string, unknown> | undefined }> {
  const command = new ScanCommand({
    TableName: table.name,
    FilterExpression: 'sk = :sk',
    ExpressionAttributeValues: { ':sk': 'CERT' },
    ConsistentRead: true,
    ExclusiveStartKey: start,
  });
  try {
    return await table.client.send(command);
  } catch (error) {
    throw awsFailure(error, 'Listing the certificates in the table');
  }
}

/**
 * Writes a declaration. Its role is made due, with a new `startSeq`, only where what the certificate is made of has changed;
 * whether it was.
 */
export async function declareCertificate(
  table: Table,
  declaration: CertificateDeclaration,
  now: number,
): Promise<boolean> {
  const hash = declarationHash(declaration);
  const key = certificateKey(declaration.name);
  const row = { ...key, schema: ROW_SCHEMA, declaration, hash, retired: false };
  if (!(await putIfAbsent(table, row)))
    await updateItem(table, key, { declaration, hash, retired: false }, present('pk'));
  return declareRole(table, declaration.name, hash, now);
}

/** Makes the role follow a declaration: due now with a new `startSeq` where the hash is another; whether it was. */
export async function declareRole(table: Table, name: string, hash: string, now: number): Promise<boolean> {
  const key = roleKey(name);
  if (await putIfAbsent(table, newRole(name, hash, now))) return true;
  return restart(table, key, parseRole, now, (role) => {
    if (role.hash === hash && role.dueAt !== undefined) return undefined;
    return { hash, tries: 0, dueAt: now, dueShard: dueShardOf(key), caFailures: undefined };
  });
}

function newRole(name: string, hash: string, now: number): RoleRow {
  const key = roleKey(name);
  const due = { kind: 'renew', dueShard: dueShardOf(key), dueAt: now, startSeq: now, tries: 0 } as const;
  return { ...key, ...due, schema: ROW_SCHEMA, certificate: name, role: 'current', hash };
}

/** Writes a target's declaration; a new one is due as soon as its certificate has a version. */
export async function declareTarget(table: Table, name: string, target: TargetDeclaration, now: number): Promise<void> {
  if (await putIfAbsent(table, newTarget(name, target, now))) {
    // Read after the row is there: a promotion in between has seen it, or is seen here.
    const role = await getItem(table, roleKey(name));
    if (role !== undefined && parseRole(role).version !== undefined)
      await restart(table, targetKey(name, target.id), parseTarget, now, () => ({ dueAt: now }));
    return;
  }
  await restart(table, targetKey(name, target.id), parseTarget, now, (existing) => {
    if (existing.retired !== true && isDeepStrictEqual(existing.target, target)) return undefined;
    return { target, retired: undefined, tries: 0, dueAt: now };
  });
}

function newTarget(name: string, target: TargetDeclaration, now: number): TargetRow {
  const key = targetKey(name, target.id);
  const due = { kind: 'push', dueShard: dueShardOf(key), startSeq: now, tries: 0 } as const;
  return { ...key, ...due, schema: ROW_SCHEMA, certificate: name, target };
}

/** A certificate that is no longer declared is not renewed any more, and what is in flight ends; what it has issued stays. */
export async function retireCertificate(table: Table, name: string, now: number): Promise<void> {
  await updateItem(table, certificateKey(name), { retired: true }, present('pk'));
  await restart(table, roleKey(name), parseRole, now, () => ({ dueAt: undefined }));
  for (const target of await listTargets(table, name)) await retireTarget(table, target, now);
}

/** A target that is no longer declared is not pushed to any more; what it holds stays there. */
export async function retireTarget(table: Table, target: TargetRow, now: number): Promise<void> {
  if (target.retired === true) return;
  await restart(table, target, parseTarget, now, () => ({ retired: true, dueAt: undefined }));
}

/**
 * Changes a row that runs work on: a new `startSeq` outdates the run in flight, whose writes are refused from then on.
 * Whether anything was changed.
 */
async function restart<Row extends DueFields>(
  table: Table,
  key: RowKey,
  parse: (item: Item) => Row,
  now: number,
  changesOf: (row: Row) => Changes | undefined,
): Promise<boolean> {
  for (let attempt = 0; attempt < TRIES; attempt += 1) {
    const item = await getItem(table, key);
    if (item === undefined) return false;
    const row = parse(item);
    const changes = changesOf(row);
    if (changes === undefined) return false;
    const outdated = { ...changes, startSeq: Math.max(now, row.startSeq + 1), runUntil: undefined };
    if ((await updateItem(table, key, outdated, equals('startSeq', row.startSeq))) !== undefined) return true;
  }
  throw new Error(`row ${key.pk} ${key.sk} kept changing while it was declared; deploy again`);
}
