import type { CertificateRow, RoleRow, TargetRow, VersionRow } from '../core/rows.ts';
import { certificateKey, roleKey, targetKey, versionKey } from '../core/rows.ts';
import { absent, all, any, below, equals, present } from './condition.ts';
import { parseCertificate, parseRole, parseTarget, parseVersion, readableRows } from './parse.ts';
import type { Table } from './table.ts';
import { getItem, putIfAbsent, queryItems, updateItem } from './table.ts';

/** The declaration of a certificate. */
export async function readCertificate(table: Table, name: string): Promise<CertificateRow | undefined> {
  const item = await getItem(table, certificateKey(name));
  return item === undefined ? undefined : parseCertificate(item);
}

/** The served role of a certificate. */
export async function readRole(table: Table, name: string): Promise<RoleRow | undefined> {
  const item = await getItem(table, roleKey(name));
  return item === undefined ? undefined : parseRole(item);
}

/** One issued version. */
export async function readVersion(table: Table, name: string, sha256: string): Promise<VersionRow | undefined> {
  const item = await getItem(table, versionKey(name, sha256));
  return item === undefined ? undefined : parseVersion(item);
}

/** All versions of a certificate. */
export async function listVersions(table: Table, name: string): Promise<readonly VersionRow[]> {
  return readableRows(table, await queryItems(table, certificateKey(name).pk, 'VERSION#'), parseVersion);
}

/** Stores a version; one that is there already stays as it is, unless it was quarantined and holds now. */
export async function storeVersion(table: Table, version: VersionRow): Promise<void> {
  if ((await putIfAbsent(table, version)) || version.state === 'quarantined') return;
  const { pk: _pk, sk: _sk, ...held } = version;
  await updateItem(table, version, { ...held, reason: undefined }, equals('state', 'quarantined'));
}

/** One target of a certificate. */
export async function readTarget(table: Table, name: string, id: string): Promise<TargetRow | undefined> {
  const item = await getItem(table, targetKey(name, id));
  return item === undefined ? undefined : parseTarget(item);
}

/** All targets of a certificate, read consistently: the due index lags. */
export async function listTargets(table: Table, name: string): Promise<readonly TargetRow[]> {
  return readableRows(table, await queryItems(table, certificateKey(name).pk, 'TARGET#'), parseTarget);
}

/** What a target should serve from now on. */
export type Desire = {
  readonly version: string;
  /** The claim of the role that promoted it: an older run never overrides a newer one. */
  readonly seq: number;
  readonly at: number;
};

/**
 * Makes a target want a version and due now, without touching its `startSeq`: a push in flight sees at its end that it
 * pushed something else. The row as it is afterwards; undefined when it wants this or something newer already.
 */
export async function setDesired(table: Table, target: TargetRow, desire: Desire): Promise<TargetRow | undefined> {
  const older = any(absent('desiredSeq'), below('desiredSeq', desire.seq));
  const changes = {
    desired: desire.version,
    desiredSeq: desire.seq,
    desiredAt: desire.at,
    dueAt: desire.at,
    deadline: undefined,
    rolledBackFrom: undefined,
  };
  const written = await updateItem(table, target, changes, all(present('pk'), absent('retired'), older));
  return written === undefined ? undefined : parseTarget(written);
}

/** Makes a target want an earlier version. Undefined when it wants another than when it was read, or is retired. */
export async function setRolledBack(
  table: Table,
  target: TargetRow,
  { version, from, at }: { readonly version: string; readonly from: string; readonly at: number },
): Promise<TargetRow | undefined> {
  const asRead = target.desired === undefined ? absent('desired') : equals('desired', target.desired);
  const changes = { desired: version, rolledBackFrom: from, desiredAt: at, dueAt: at, deadline: undefined };
  const written = await updateItem(table, target, changes, all(present('pk'), absent('retired'), asRead));
  return written === undefined ? undefined : parseTarget(written);
}
