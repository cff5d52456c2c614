import type { CertificateDeclaration } from '../core/declaration.ts';
import type { RoleRow, RowKey, TargetRow, VersionRow } from '../core/rows.ts';
import { certificateKey, dueShardOf, roleKey, targetKey, versionKey } from '../core/rows.ts';
import { listVersions, readCertificate, storeVersion } from './certificates.ts';
import { equals, present } from './condition.ts';
import { parseRole, parseTarget } from './parse.ts';
import { keptChanging, RACES, restart } from './restart.ts';
import type { Item, Table } from './table.ts';
import { getItem, putIfAbsent, updateItem } from './table.ts';

/** Renames followed from one name to the next. */
const HOPS = 20;

/**
 * Hands a certificate's versions, role and targets to its new name, none of them due yet; the new name's own row, which
 * makes it live, is the caller's and comes last. Every part may be repeated, and until that row is there the old name can
 * come back as it was: its rows only stop being due.
 */
export async function handOver(table: Table, from: CertificateDeclaration, to: string, now: number): Promise<void> {
  // An earlier life of the new name must not make this handover look complete.
  await updateItem(table, certificateKey(to), { renamedFrom: undefined }, present('pk'));
  await updateItem(table, certificateKey(from.name), { retired: true, renamedTo: to }, present('pk'));
  const role = await restart(table, roleKey(from.name), parseRole, now, () => ({ dueAt: undefined }));
  const targets = await Promise.all(from.targets.map(({ id }) => stopTarget(table, targetKey(from.name, id), now)));
  // After the restarts: a run that stores a version from now on finds itself outdated and hands it on.
  for (const version of await listVersions(table, from.name)) await storeVersion(table, versionAs(version, to));
  if (role !== undefined) await replaceRow(table, roleAs(role, to));
  for (const target of targets) if (target !== undefined) await replaceRow(table, targetAs(target, to));
}

/** Neither pushed to nor watched any more: its place is the new name's. */
function stopTarget(table: Table, key: RowKey, now: number): Promise<TargetRow | undefined> {
  return restart(table, key, parseTarget, now, () => ({ retired: true, dueAt: undefined }));
}

/** The name under which a certificate is declared now. */
export async function nameNow(table: Table, name: string): Promise<string> {
  let current = name;
  for (let hop = 0; hop < HOPS; hop += 1) {
    const next = (await readCertificate(table, current))?.renamedTo;
    if (next === undefined) return current;
    current = next;
  }
  return current;
}

/** A version under another name; its key stays sealed in the context that it was made with. */
export function versionAs(version: VersionRow, name: string): VersionRow {
  return { ...version, ...versionKey(name, version.sha256), certificate: name };
}

function roleAs(role: RoleRow, name: string): RoleRow {
  const { dueAt: _dueAt, runUntil: _runUntil, ...state } = role;
  const key = roleKey(name);
  return { ...state, ...key, certificate: name, dueShard: dueShardOf(key), tries: 0 };
}

/** Retired until it is declared under its new name, which also makes it due. */
function targetAs(target: TargetRow, name: string): TargetRow {
  // The new name's parameter has not been written yet.
  const { dueAt: _dueAt, runUntil: _runUntil, publishedArn: _arn, publishFailure: _failure, ...state } = target;
  const key = targetKey(name, target.target.id);
  const importedAs = target.importing === true ? { importedAs: target.importedAs ?? target.certificate } : {};
  return { ...state, ...key, ...importedAs, certificate: name, dueShard: dueShardOf(key), tries: 0, retired: true };
}

/** Puts a row in the place of what an earlier life of its name has left there, whose runs are outdated by that. */
async function replaceRow(table: Table, row: (RoleRow | TargetRow) & RowKey): Promise<void> {
  for (let attempt = 0; attempt < RACES; attempt += 1) {
    if (await putIfAbsent(table, row)) return;
    const found = await getItem(table, row);
    if (found === undefined) continue;
    const { startSeq } = row.kind === 'renew' ? parseRole(found) : parseTarget(found);
    const { pk: _pk, sk: _sk, ...fields } = { ...gone(found), ...row, startSeq: Math.max(row.startSeq, startSeq + 1) };
    if ((await updateItem(table, row, fields, equals('startSeq', startSeq))) !== undefined) return;
  }
  throw keptChanging(row);
}

function gone(item: Item): Readonly<Record<string, undefined>> {
  return Object.fromEntries(Object.keys(item).map((field) => [field, undefined]));
}
