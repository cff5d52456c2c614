import { ScanCommand } from '@aws-sdk/lib-dynamodb';
import { awsFailure } from '../core/aws-failure.ts';
import type { CertificateDeclaration, TargetDeclaration } from '../core/declaration.ts';
import { declarationHash } from '../core/declaration.ts';
import type { CertificateRow, RoleRow, TargetRow } from '../core/rows.ts';
import { certificateKey, dueShardOf, ROW_SCHEMA, roleKey, targetKey } from '../core/rows.ts';
import { listTargets } from './certificates.ts';
import { all, equals, present } from './condition.ts';
import { parseCertificate, parseRole, parseTarget } from './parse.ts';
import type { Item, Table } from './table.ts';
import { getItem, putIfAbsent, updateItem } from './table.ts';

/** Lost races for one row before the deployment fails and is repeated. */
const TRIES = 5;

/** Every certificate that was ever declared. Reads the whole table: only for deployments. */
export async function listCertificates(table: Table): Promise<readonly CertificateRow[]> {
  const rows: CertificateRow[] = [];
  let start: Record<string, unknown> | undefined;
  do {
    const page = await scanPage(table, start);
    rows.push(...(page.Items ?? []).map((item) => parseCertificate(item)));
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

async function declareRole(table: Table, name: string, hash: string, now: number): Promise<boolean> {
  const key = roleKey(name);
  if (await putIfAbsent(table, newRole(name, hash, now))) return true;
  for (let attempt = 0; attempt < TRIES; attempt += 1) {
    const role = parseRole((await getItem(table, key)) ?? {});
    if (role.hash === hash && role.dueAt !== undefined) return false;
    const again = { hash, startSeq: Math.max(now, role.startSeq + 1), tries: 0, dueAt: now, dueShard: dueShardOf(key) };
    const restart = { ...again, runUntil: undefined, caFailures: undefined };
    if ((await updateItem(table, key, restart, equals('startSeq', role.startSeq))) !== undefined) return true;
  }
  throw new Error(`the role of certificate "${name}" kept changing while it was declared; deploy again`);
}

function newRole(name: string, hash: string, now: number): RoleRow {
  const key = roleKey(name);
  const due = { kind: 'renew', dueShard: dueShardOf(key), dueAt: now, startSeq: now, tries: 0 } as const;
  return { ...key, ...due, schema: ROW_SCHEMA, certificate: name, role: 'current', hash };
}

/** Writes a target's declaration; a new one is due as soon as its certificate has a version. */
export async function declareTarget(table: Table, name: string, target: TargetDeclaration, now: number): Promise<void> {
  const key = targetKey(name, target.id);
  const version = parseVersionPointer(await getItem(table, roleKey(name)));
  const isNew = await putIfAbsent(table, newTarget(name, target, now));
  if (isNew && version === undefined) return;
  const existing = parseTarget((await getItem(table, key)) ?? {});
  const changed = JSON.stringify(existing.target) !== JSON.stringify(target);
  if (isNew || changed || existing.dueAt === undefined)
    await updateItem(table, key, { target, dueAt: now }, equals('startSeq', existing.startSeq));
}

function newTarget(name: string, target: TargetDeclaration, now: number): TargetRow {
  const key = targetKey(name, target.id);
  return {
    ...key,
    schema: ROW_SCHEMA,
    kind: 'push',
    dueShard: dueShardOf(key),
    startSeq: now,
    tries: 0,
    certificate: name,
    target,
  };
}

function parseVersionPointer(item: Item | undefined): string | undefined {
  return item === undefined ? undefined : parseRole(item).version;
}

/** A certificate that is no longer declared is not renewed any more; what it has issued stays. */
export async function retireCertificate(table: Table, name: string): Promise<void> {
  await updateItem(table, certificateKey(name), { retired: true }, present('pk'));
  await updateItem(table, roleKey(name), { dueAt: undefined }, present('pk'));
  for (const target of await listTargets(table, name)) await retireTarget(table, target);
}

/** A target that is no longer declared is not pushed to any more; what it holds stays there. */
export async function retireTarget(table: Table, target: TargetRow): Promise<void> {
  await updateItem(table, target, { dueAt: undefined }, all(present('pk'), equals('startSeq', target.startSeq)));
}
